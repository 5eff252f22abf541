package mote.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.util.function.Predicate;
import jcuda.jcublas.JCublas2;
import mote.engine.MoteException;

/**
 * Loads cuBLAS once per process, when it is first asked for. JCublas 12 wants CUDA 12's; where only
 * CUDA 13's is there, a small library of ours (native/cublas) takes its name and hands calls on.
 */
final class CublasLibrary {
  static final String CUDA_12 = "libcublas.so.12";
  static final String CUDA_13 = "libcublas.so.13";

  private static final class Holder {
    static final String REFUSAL = load();
  }

  private CublasLibrary() {}

  /** Why there is no cuBLAS here; null where there is. */
  static String refusal() {
    return Holder.REFUSAL;
  }

  /**
   * @throws MoteException if there is no cuBLAS here
   */
  static void ensure() {
    if (Holder.REFUSAL != null) {
      throw new MoteException(Holder.REFUSAL);
    }
  }

  private static String load() {
    try {
      if (Driver.outcome().standIn()) {
        StandIn.loadCublas();
      } else {
        find(CublasLibrary::opens, StandIn::loadForwarder);
      }
      bind();
      return null;
    } catch (MoteException refusal) {
      return refusal.getMessage();
    }
  }

  /** Binds JCublas to the library of the name CUDA_12 that is loaded by now. */
  static void bind() {
    NativeFolder.during(() -> JCublas2.setExceptionsEnabled(false));
  }

  /**
   * Loads the system's cuBLAS.
   *
   * @param opens loads a library by its name; whether it is there
   * @param forward loads what forwards to CUDA_13
   */
  static void find(Predicate<String> opens, Runnable forward) {
    if (opens.test(CUDA_12)) {
      return;
    }
    if (!opens.test(CUDA_13)) {
      throw new MoteException(
          "no cuBLAS: libraries=%s, %s; install CUDA 12's or 13's cuBLAS and put it on the library path, or give --gemm fused"
              .formatted(CUDA_12, CUDA_13));
    }
    forward.run();
  }

  @SuppressWarnings("restricted")
  static boolean opens(String library) {
    try {
      SymbolLookup.libraryLookup(library, Arena.global());
      return true;
    } catch (IllegalArgumentException missing) {
      return false;
    }
  }
}
