package mote.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.TimeUnit;
import mote.stream.Row.Command;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A stream that never ends takes no more memory than one of a few frames. */
class GrowthTest extends StreamFixture {
  private static final long ROWS = 100_000;
  private static final long WARM = 40_000; // until then the JVM's compilers are at work

  /** Bytes that the two threads of a connection may allocate in all of 60,000 frames. */
  private static final long SLACK = 16_384;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final class Counter {
    private long[] threads;
    private long before;

    long allocated() {
      long sum = 0;
      for (long thread : threads) {
        sum += THREADS.getThreadAllocatedBytes(thread);
      }
      return sum;
    }

    void begin() {
      List<Thread> found =
          Thread.getAllStackTraces().keySet().stream()
              .filter(thread -> thread.getName().endsWith(" growth"))
              .toList();
      assertEquals(2, found.size());
      threads = found.stream().mapToLong(Thread::threadId).toArray();
      before = allocated();
    }
  }

  @ParameterizedTest
  @EnumSource(Policy.class)
  void allocatesNothingPerFrame(Policy policy) throws Exception {
    Counter counter = new Counter();
    long[] after = {0};
    Row first =
        Row.picture(0, HEIGHT, WIDTH, Command.add(1, 1), Command.add(2, 2), Command.add(3, 3));
    // Every frame has a command, so that "latest" drops none either.
    byte[] stream = Row.stream(first, Row.picture(1, HEIGHT, WIDTH, Command.of("freeze", 0)));
    Replay replay =
        new Replay(
            stream,
            ROWS,
            frame -> {
              if (frame == WARM) {
                counter.begin();
              } else if (frame == ROWS) {
                after[0] = counter.allocated();
              }
            });
    FakeEngine.Shared engines = new FakeEngine.Shared(5);
    try (StreamServer server = server(SMALL.withPolicy(policy), engines)) {
      long slabs = server.slabBytes();
      StreamReport report = server.serve("growth", replay).get(60, TimeUnit.SECONDS);
      assertNull(report.error());
      assertEquals(ROWS + 1, report.frames());
      assertEquals(slabs, server.slabBytes());
    }
    assertTrue(replay.answered() > ROWS * 40 * 3, "bytes answered");
    long allocated = after[0] - counter.before;
    System.out.printf(
        "stream layer, %s: %.4f bytes allocated a frame, over %d frames%n",
        policy.id(), allocated / (double) (ROWS - WARM), ROWS - WARM);
    assertTrue(allocated <= SLACK, allocated + " bytes");
  }
}
