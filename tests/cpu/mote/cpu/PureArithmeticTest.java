package mote.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import mote.cpu.ffi.mote_h;
import mote.engine.MoteException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The work that benchmarks hold latencies against is done, and as long as it was asked for. */
final class PureArithmeticTest {
  private mote_h functions;

  @BeforeEach
  void skipWithoutEngine() {
    NativeLibrary.Outcome library = NativeLibrary.outcome();
    assumeTrue(library.refusal() == null, library.refusal());
    functions = library.functions();
  }

  @Test
  void everyThreadDoesEveryStep() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment done = arena.allocate(ValueLayout.JAVA_LONG);
      for (int threads : new int[] {1, 2, 3}) {
        for (long steps : new long[] {1, 1000, (1 << 20) + 1, (1 << 24) + 3}) {
          assertEquals(mote_h.MOTE_OK, functions.mote_multiply_adds(threads, steps, done));
          assertEquals(threads * steps, done.get(ValueLayout.JAVA_LONG, 0));
        }
      }
    }
  }

  @Test
  void whatIsOutOfRangeIsRefused() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment done = arena.allocate(ValueLayout.JAVA_LONG);
      assertRefused(-1, 1, done);
      assertRefused(1025, 1, done);
      assertRefused(1, 0, done);
      assertRefused(1, (1L << 40) + 1, done);
    }
    for (long nanos : new long[] {-1, 9_999, 60_000_000_001L}) {
      MoteException refused =
          assertThrows(MoteException.class, () -> PureArithmetic.lasting(nanos).close());
      assertEquals(
          "length of the work is out of range: nanos=" + nanos + "; give 10000 to 60000000000",
          refused.getMessage());
    }
  }

  private void assertRefused(int threads, long steps, MemorySegment done) {
    MoteException refused =
        assertThrows(
            MoteException.class,
            () -> CpuBackend.check(functions, functions.mote_multiply_adds(threads, steps, done)));
    assertEquals(
        "arithmetic is out of range: threads=%d, steps=%d; give 0 to 1024 threads and 1 to 2^40 steps"
            .formatted(threads, steps),
        refused.getMessage());
  }

  /** Bounds as wide as a shared machine needs. */
  @Test
  void longerWorkIsMoreWork() {
    try (PureArithmetic brief = PureArithmetic.lasting(500_000);
        PureArithmetic longer = PureArithmetic.lasting(4_000_000)) {
      assertTrue(brief.threads() >= 1);
      assertEquals(brief.threads(), longer.threads());
      double ratio = (double) longer.steps() / brief.steps();
      assertTrue(ratio > 2 && ratio < 32, "of 8 times the length: " + ratio);
      long fastest = Long.MAX_VALUE;
      for (int i = 0; i < 20; i++) {
        long began = System.nanoTime();
        longer.run();
        fastest = Math.min(fastest, System.nanoTime() - began);
      }
      assertTrue(fastest > 400_000, "4 ms in " + fastest + " ns");
    }
  }

  @Test
  void afterItsEndItSaysSo() {
    PureArithmetic work = PureArithmetic.lasting(10_000);
    work.close();
    work.close();
    assertTrue(
        assertThrows(IllegalStateException.class, work::run)
            .getMessage()
            .startsWith("PureArithmetic is closed: steps="));
  }
}
