package mote.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.Map;
import mote.engine.Architecture;
import mote.engine.Backend;
import mote.engine.FormulaWeights;
import mote.engine.MoteException;
import mote.engine.OpenResources;
import mote.engine.Plan;
import mote.engine.Precision;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What goes wrong with a device is said in words, everything is freed, and one can open again. */
final class CudaErrorsTest {
  private static final Plan PLAN = Plan.unscaled(32, 48, 4, 8, 3);
  private final CudaProvider provider = new CudaProvider();

  @BeforeEach
  void standInOnly() {
    StandInDriver.assume("faults are planted");
  }

  @AfterEach
  void asItWas() {
    if (provider.unavailable() == null && Driver.outcome().standIn()) {
      StandInDriver.plant("devices", 1);
      StandInDriver.plant("driver_version", 12000);
      StandInDriver.plant("memory_mib", 8192);
      StandInDriver.plant("architecture", 80);
      StandInDriver.plant("fail_launch", 0);
    }
    assertEquals(Map.of(), OpenResources.open());
  }

  private static void assertRefused(String message, Runnable call) {
    assertEquals(message, assertThrows(MoteException.class, call::run).getMessage());
  }

  @Test
  void aDriverThatIsTooOldIsNotTouched() {
    StandInDriver.plant("driver_version", 11080);
    assertRefused(
        "CUDA driver is too old: cuda=11.8; install NVIDIA driver 525 (CUDA 12.0) or newer",
        () -> Driver.start(SymbolLookup.loaderLookup()));
  }

  @Test
  void noDevice() {
    StandInDriver.plant("devices", 0);
    MoteException refusal =
        assertThrows(MoteException.class, () -> Driver.start(SymbolLookup.loaderLookup()));
    assertTrue(
        refusal
            .getMessage()
            .endsWith(
                ", error=CUDA_ERROR_NO_DEVICE; check with nvidia-smi that a device is there, or use the cpu backend"),
        refusal.getMessage());
  }

  @Test
  void aDeviceThatIsTooOld() {
    StandInDriver.plant("architecture", 75);
    assertRefused(
        "CUDA device is too old: compute_capability=7.5; use one of 8.0 (Ampere) or newer, or the cpu backend",
        () -> Driver.start(SymbolLookup.loaderLookup()));
  }

  /** As a driver says it that finds no image for its device. */
  @Test
  void kernelsThatDoNotFitTheDevice() {
    StandInDriver.plant("architecture", 75);
    try (FormulaWeights weights = FormulaWeights.of(Architecture.moteS(), 1)) {
      MoteException error =
          assertThrows(MoteException.class, () -> provider.open(weights, PLAN, null).close());
      String message = error.getMessage();
      assertTrue(message.startsWith("CUDA call failed: call=cuModuleLoadData "), message);
      assertTrue(
          message.endsWith(
              ", error=CUDA_ERROR_NO_BINARY_FOR_GPU; the kernels need a device of compute capability 8.0 or newer"),
          message);
    }
  }

  @Test
  void kernelsThatAreNotPartOfTheBuild() {
    try (Context context = new Context();
        Kernels kernels = new Kernels(context, Precision.F32)) {
      assertRefused(
          "kernel image is missing: name=kernels/sieve.ptx; build Mote again",
          () -> kernels.plain("sieve", "sieve"));
    }
  }

  @Test
  void bfloat16IsRefused() {
    try (FormulaWeights weights = FormulaWeights.of(Architecture.moteS(), 1)) {
      assertRefused(
          "precision is not supported: backend=cuda, precision=bf16; use f32 or fp16",
          () -> provider.open(weights, PLAN, Precision.BF16).close());
    }
  }

  @Test
  void whatIsNeededAndWhatIsFreeIsSaid() {
    StandInDriver.plant("memory_mib", 16);
    try (FormulaWeights weights = FormulaWeights.of(Architecture.moteS(), 1)) {
      MoteException error =
          assertThrows(
              MoteException.class,
              () -> provider.open(weights, Plan.unscaled(480, 640, 4, 8, 256), null).close());
      String message = error.getMessage();
      assertTrue(
          message.matches(
              "device memory is not enough: needed_bytes=\\d+, free_bytes=\\d+, total_bytes=16777216, largest=[a-z ]+, largest_bytes=\\d+; close what else uses the device, or give fewer points, fewer slots or a smaller working size"),
          message);
      StandInDriver.plant("memory_mib", 8192);
      provider.open(weights, PLAN, null).close();
    }
  }

  @Test
  void peaksFreeEverythingWhateverFails() {
    StandInDriver.plant("memory_mib", 16);
    String message =
        assertThrows(MoteException.class, () -> provider.peaks(Precision.F32)).getMessage();
    assertTrue(message.startsWith("device memory is not enough: needed_bytes="), message);
    StandInDriver.plant("memory_mib", 8192);
    StandInDriver.plant("fail_launch", 1);
    message = assertThrows(MoteException.class, () -> provider.peaks(Precision.F32)).getMessage();
    assertTrue(message.startsWith("CUDA call failed: call=cu"), message);
    assertEquals(Map.of(), OpenResources.open());
    StandInDriver.plant("fail_launch", 0);
    assertTrue(provider.peaks(Precision.FP16).gflops() > 0);
    assertRefused(
        "precision is not supported: backend=cuda, precision=bf16; use f32 or fp16",
        () -> provider.peaks(Precision.BF16));
  }

  @Test
  void afterAnErrorThatSticksOneCanOpenAgain() {
    try (FormulaWeights weights = FormulaWeights.of(Architecture.moteS(), 1)) {
      Backend broken = provider.open(weights, PLAN, null);
      StandInDriver.plant("fail_launch", 3);
      MoteException error = assertThrows(MoteException.class, () -> track(broken));
      String message = error.getMessage();
      assertTrue(message.startsWith("CUDA call failed: call=cu"), message);
      assertTrue(message.endsWith("; close this backend and open it again"), message);
      assertThrows(MoteException.class, () -> track(broken), "the error sticks");
      assertThrows(MoteException.class, broken::close, "close says that the context was lost");
      broken.close();
      StandInDriver.plant("fail_launch", 0);
      try (Backend again = provider.open(weights, PLAN, null)) {
        track(again);
      }
    }
  }

  private static void track(Backend backend) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment picture = arena.allocate(3L * 32 * 48).fill((byte) 90);
      for (int slot = 0; slot < 8; slot++) {
        backend.encode(slot, picture, 3 * 48);
      }
    }
    backend.sample(0, 1, new int[] {0}, new float[] {20, 15});
    backend.refine(
        new int[] {0, 1, 2, 3, 4, 5, 6, 7},
        1,
        new int[] {0},
        new boolean[1],
        1,
        0,
        new float[16],
        new float[8],
        new float[8]);
  }
}
