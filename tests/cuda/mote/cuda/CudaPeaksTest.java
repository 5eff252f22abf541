package mote.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import mote.engine.MoteException;
import mote.engine.OpenResources;
import mote.engine.Precision;
import mote.engine.profile.Peaks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Peaks are measured by kernels that do what is counted. */
final class CudaPeaksTest {
  private static final int THREADS = 256;
  private static final int CHAINS = 8;

  @BeforeEach
  void driver() {
    assumeTrue(new CudaProvider().unavailable() == null, "no CUDA");
  }

  @AfterEach
  void nothingLeaks() {
    assertEquals(Map.of(), OpenResources.open());
  }

  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"F32", "FP16"})
  void everyPeakIsThere(Precision precision) {
    Peaks peaks = new CudaProvider().peaks(precision);
    assertTrue(peaks.gflops() > 0, peaks.toString());
    assertTrue(peaks.cacheGigabytesPerSecond() > 0, peaks.toString());
    assertTrue(peaks.memoryGigabytesPerSecond() > 0, peaks.toString());
    assertTrue(peaks.note().contains("registers"), peaks.note());
    double operations = 3 * peaks.gflops();
    assertEquals(3, peaks.floorNanos(operations, 0), 1e-9);
    double bytes = 5 * peaks.cacheGigabytesPerSecond();
    assertEquals(5, peaks.floorNanos(operations, bytes), 1e-9);
  }

  /** Three rounds of all chains, computed once more here: none is left out. */
  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"F32", "FP16"})
  void theMultiplyAddsAreDone(Precision precision) {
    int rounds = 3;
    float factor = 0.25f;
    Context context = new Context();
    Memory memory = new Memory();
    Kernels kernels = new Kernels(context, precision);
    try (Arena arena = Arena.ofShared()) {
      DeviceBuffer out = memory.device("sums", 4L * THREADS);
      memory.allocate();
      Structs.Struct params =
          new Structs.Struct(arena, "PeakParams")
              .set("out", out)
              .set("rounds", rounds)
              .setFloat("factor", factor);
      try (Stream stream = new Stream("test")) {
        new Launch(kernels, "peak", kernels.typed("peak", "peak"), params, 1, 1, THREADS, 0)
            .run(stream);
        stream.synchronise();
      }
      MemorySegment sums = arena.allocate(ValueLayout.JAVA_FLOAT, THREADS);
      out.download(0, sums);
      for (int thread = 0; thread < THREADS; thread++) {
        double expected = 0;
        for (int chain = 0; chain < CHAINS; chain++) {
          double value = CHAINS * thread + chain;
          for (int round = 0; round < rounds; round++) {
            value =
                precision == Precision.F32 ? value * factor + factor : value + 16 * factor * factor;
          }
          expected += precision == Precision.F32 ? value : 4 * value;
        }
        float actual = sums.getAtIndex(ValueLayout.JAVA_FLOAT, thread);
        assertEquals(expected, actual, 1e-6 * expected, "thread " + thread);
      }
    } finally {
      memory.close();
      kernels.close();
      context.close();
    }
  }

  /** Zeros would be multiplied faster than anything else: their product is no peak. */
  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"F32", "FP16"})
  void theLargeProductIsOfRandomNumbers(Precision precision) {
    assumeTrue(CublasLibrary.refusal() == null, "no cuBLAS");
    int side = 128;
    Context context = new Context();
    Memory memory = new Memory();
    try (Arena arena = Arena.ofShared()) {
      ProductPeak peak = new ProductPeak(memory, precision);
      memory.allocate();
      try (Stream stream = new Stream("test");
          Cublas cublas = peak.cublas(stream)) {
        RandomSquare left = new RandomSquare(arena, peak.in(), side, precision, 1);
        RandomSquare right = new RandomSquare(arena, peak.weight(), side, precision, 2);
        peak.product(cublas, side).run(stream);
        stream.synchronise();
        peak.check(left, right, side);
        peak.in().upload(0, arena.allocate(4L * side * side, 16));
        peak.product(cublas, side).run(stream);
        stream.synchronise();
        String message =
            assertThrows(MoteException.class, () -> peak.check(left, right, side)).getMessage();
        assertTrue(
            message.startsWith("product is wrong, its time is no peak: side=128, row=0, expected="),
            message);
        assertTrue(message.endsWith("actual=0.0000; check the cuBLAS that is installed"), message);
      }
    } finally {
      memory.close();
      context.close();
    }
  }
}
