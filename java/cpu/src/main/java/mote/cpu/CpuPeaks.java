package mote.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import mote.engine.Precision;
import mote.engine.profile.Peaks;

/** Peaks of this machine's processors together, measured in half a second. */
final class CpuPeaks {
  private static final long CACHED_BYTES = 64 << 10;
  private static final long MEMORY_BYTES = 64 << 20;
  private static final long ROUND_BYTES = 256L << 20;
  private static final int ROUNDS = 4;

  private CpuPeaks() {}

  static Peaks measure(Precision precision) {
    return new Peaks(
        CpuProvider.peakGflops(precision),
        copies(CACHED_BYTES),
        copies(MEMORY_BYTES),
        "multiply-adds in registers, copies of 64 KiB and of 64 MiB, in all processors at once");
  }

  /** Billions of bytes a second, read and written, by copies of so many bytes in every thread. */
  private static double copies(long bytes) {
    int threads = Runtime.getRuntime().availableProcessors();
    long[] begins = new long[threads * ROUNDS];
    long[] ends = new long[threads * ROUNDS];
    CyclicBarrier barrier = new CyclicBarrier(threads);
    CountDownLatch done = new CountDownLatch(threads);
    for (int thread = 0; thread < threads; thread++) {
      int first = thread * ROUNDS;
      Thread.ofPlatform()
          .daemon()
          .start(
              () -> {
                try (Arena arena = Arena.ofConfined()) {
                  MemorySegment from = arena.allocate(bytes, 64).fill((byte) 1);
                  MemorySegment to = arena.allocate(bytes, 64).fill((byte) 2);
                  for (int round = 0; round < ROUNDS; round++) {
                    barrier.await();
                    begins[first + round] = System.nanoTime();
                    for (long copied = 0; copied < ROUND_BYTES; copied += bytes) {
                      to.copyFrom(from);
                    }
                    ends[first + round] = System.nanoTime();
                  }
                } catch (Exception broken) {
                  throw new IllegalStateException("copy was interrupted", broken);
                } finally {
                  done.countDown();
                }
              });
    }
    try {
      done.await();
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException("measurement was interrupted", interrupted);
    }
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long begin = Long.MAX_VALUE;
      long end = Long.MIN_VALUE;
      for (int thread = 0; thread < threads; thread++) {
        begin = Math.min(begin, begins[thread * ROUNDS + round]);
        end = Math.max(end, ends[thread * ROUNDS + round]);
      }
      best = Math.max(best, 2.0 * threads * ROUND_BYTES / (end - begin));
    }
    return best;
  }
}
