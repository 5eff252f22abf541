package mote.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.util.Locale;
import jcuda.driver.CUdevice;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import mote.engine.MoteException;
import mote.engine.Untrusted;

/**
 * Loads the CUDA driver once per process: the system's, or with {@code MOTE_CUDA=simt} the stand-in
 * that runs the kernels on the CPU. JCuda is touched only after the driver has said its version,
 * since a symbol that an older one lacks would end the process instead of throwing.
 */
final class Driver {
  /** Environment variable: empty for the system's driver, {@code simt} for the stand-in. */
  static final String CHOICE = "MOTE_CUDA";

  private static final String LIBRARY = "libcuda.so.1";
  private static final int OLDEST = 12_000;

  /** Ampere: the kernels' tensor core instructions. */
  private static final int OLDEST_DEVICE = 80;

  /**
   * @param refusal why there is no CUDA here, or null
   * @param standIn whether the stand-in runs, not a device
   * @param library what calls that JCuda does not bind are found in; null where there is no CUDA
   */
  record Outcome(String refusal, boolean standIn, SymbolLookup library) {}

  private static final class Holder {
    static final Outcome OUTCOME = load(System.getenv(CHOICE));
  }

  private static volatile SymbolLookup library;

  private Driver() {}

  /** The driver that was loaded, for calls that are made without JCuda. */
  static SymbolLookup library() {
    return library;
  }

  static Outcome outcome() {
    return Holder.OUTCOME;
  }

  private static Outcome load(String choice) {
    boolean standIn = "simt".equals(choice);
    try {
      if (choice != null && !choice.isEmpty() && !standIn) {
        throw new MoteException(
            "driver is unknown: %s=%s; give simt or leave it out"
                .formatted(CHOICE, Untrusted.printable(choice)));
      }
      supportedPlatform();
      SymbolLookup library = standIn ? StandIn.load() : system();
      start(library);
      return new Outcome(null, standIn, library);
    } catch (MoteException refusal) {
      return new Outcome(refusal.getMessage(), standIn, null);
    }
  }

  /**
   * Makes a loaded driver ready.
   *
   * @throws MoteException if it is too old, or finds no device that is new enough
   */
  static void start(SymbolLookup loaded) {
    version(loaded);
    library = loaded;
    NativeFolder.during(() -> JCudaDriver.setExceptionsEnabled(false));
    Status.check("cuInit", JCudaDriver.cuInit(0));
    int[] devices = new int[1];
    Status.check("cuDeviceGetCount", JCudaDriver.cuDeviceGetCount(devices));
    if (devices[0] == 0) {
      throw Status.failure("cuDeviceGetCount", CUresult.CUDA_ERROR_NO_DEVICE);
    }
    CUdevice device = new CUdevice();
    Status.check("cuDeviceGet", JCudaDriver.cuDeviceGet(device, 0));
    int capability = Context.capability(device);
    if (capability < OLDEST_DEVICE) {
      throw new MoteException(
          "CUDA device is too old: compute_capability=%d.%d; use one of 8.0 (Ampere) or newer, or the cpu backend"
              .formatted(capability / 10, capability % 10));
    }
  }

  private static void supportedPlatform() {
    String system = System.getProperty("os.name");
    String machine = System.getProperty("os.arch");
    if (!system.toLowerCase(Locale.ROOT).equals("linux") || !machine.equals("amd64")) {
      throw new MoteException(
          "CUDA engine is not built for this platform: os=%s, arch=%s; use the cpu or reference backend"
              .formatted(system, machine));
    }
  }

  @SuppressWarnings("restricted")
  private static SymbolLookup system() {
    try {
      return SymbolLookup.libraryLookup(LIBRARY, Arena.global());
    } catch (IllegalArgumentException missing) {
      throw new MoteException(
          "no CUDA driver: library=%s; install NVIDIA driver 525 or newer, or use the cpu backend"
              .formatted(LIBRARY));
    }
  }

  /** Asks the driver for its version by hand: this symbol is in every one. */
  @SuppressWarnings("restricted")
  private static void version(SymbolLookup library) {
    int version;
    int status;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.JAVA_INT);
      MemorySegment symbol =
          library
              .find("cuDriverGetVersion")
              .orElseThrow(() -> new MoteException(tooOld("cuDriverGetVersion is missing")));
      status =
          (int)
              Linker.nativeLinker()
                  .downcallHandle(
                      symbol, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS))
                  .invokeExact(out);
      version = out.get(ValueLayout.JAVA_INT, 0);
    } catch (RuntimeException failure) {
      throw failure;
    } catch (Throwable failure) {
      throw new IllegalStateException("cuDriverGetVersion cannot be called", failure);
    }
    Status.check("cuDriverGetVersion", status);
    if (version < OLDEST) {
      throw new MoteException(tooOld("%d.%d".formatted(version / 1000, version % 1000 / 10)));
    }
  }

  private static String tooOld(String version) {
    return "CUDA driver is too old: cuda=%s; install NVIDIA driver 525 (CUDA 12.0) or newer"
        .formatted(version);
  }
}
