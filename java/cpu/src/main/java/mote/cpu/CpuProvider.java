package mote.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import mote.cpu.ffi.mote_h;
import mote.engine.Backend;
import mote.engine.BackendProvider;
import mote.engine.MoteException;
import mote.engine.Plan;
import mote.engine.Precision;
import mote.engine.Weights;
import mote.engine.profile.Peaks;

/**
 * Opens the native CPU engine: C++ and oneDNN behind native/include/mote.h. The default precision
 * is float32: where bfloat16 is not faster it gains nothing, and without AMX it is not (measured on
 * an Emerald Rapids server: AVX-512 BF16 has half of float32's throughput there).
 *
 * <p>System properties: {@code mote.cpu.threads} (default: as many as the process may run on) and
 * {@code mote.cpu.library} (another build of the library). The environment variable {@code
 * MOTE_CPU_ISA} (portable, avx2, avx512) chooses the instruction set of the engine's own
 * operations.
 */
public final class CpuProvider implements BackendProvider {
  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public int rank() {
    return 20;
  }

  @Override
  public String unavailable() {
    return NativeLibrary.outcome().refusal();
  }

  @Override
  public Backend openSingle(Weights weights, Plan plan, Precision precision) {
    NativeLibrary.Outcome library = NativeLibrary.outcome();
    if (library.refusal() != null) {
      throw new MoteException(library.refusal());
    }
    if (precision == Precision.FP16) {
      throw new MoteException(
          "precision is not supported: backend=cpu, precision=fp16; use f32 or bf16");
    }
    return new CpuBackend(library.functions(), weights, plan, precision);
  }

  @Override
  public Peaks peaks(Precision precision) {
    return CpuPeaks.measure(precision);
  }

  /** Engines of the native library that are open in this process: the native leak counter. */
  public static long openEngines() {
    NativeLibrary.Outcome library = NativeLibrary.outcome();
    return library.functions() == null ? 0 : library.functions().mote_open_engines();
  }

  /**
   * The multiply-add peak of this machine's processors together, measured now: the roof that {@code
   * mote bench} holds times against.
   *
   * @param precision f32 or bf16
   * @return GFLOP/s, 2 operations per multiply-add
   * @throws MoteException if the engine or the precision cannot be used here
   */
  public static double peakGflops(Precision precision) {
    NativeLibrary.Outcome library = NativeLibrary.outcome();
    if (library.refusal() != null) {
      throw new MoteException(library.refusal());
    }
    int asked =
        switch (precision) {
          case F32 -> mote_h.MOTE_PRECISION_F32;
          case BF16 -> mote_h.MOTE_PRECISION_BF16;
          case FP16 ->
              throw new MoteException(
                  "precision is not supported: backend=cpu, precision=fp16; use f32 or bf16");
        };
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.JAVA_DOUBLE);
      CpuBackend.check(library.functions(), library.functions().mote_peak_gflops(asked, out));
      return out.get(ValueLayout.JAVA_DOUBLE, 0);
    }
  }
}
