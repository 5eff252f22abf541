package mote.cli.bench;

import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import mote.cli.live.Latencies;

/**
 * Frames that are due by the clock, whether anybody is ready or not. Each counts from the moment at
 * which it is due until it has been worked on, or a newer one where it was left out. So a frame
 * that had to wait counts with its wait: nothing is omitted because the worker was busy.
 */
final class FrameClock {
  private final long period;

  FrameClock(double framesPerSecond) {
    period = Math.round(1e9 / framesPerSecond);
  }

  /**
   * What a run came to.
   *
   * @param due frames
   * @param dropped of these, left out because a newer one was due
   * @param latencies of all frames
   * @param wakes from due to awake, of the frames that were worked on
   * @param works of the work alone
   */
  record Run(long due, long dropped, Latencies latencies, Latencies wakes, Latencies works) {}

  /**
   * Lets frames come.
   *
   * @param work gets the number of each frame that is not left out, from 0
   */
  Run run(long count, LongConsumer work) {
    Latencies latencies = new Latencies();
    Latencies wakes = new Latencies();
    Latencies works = new Latencies();
    long dropped = 0;
    long began = System.nanoTime() + period;
    long next = 0;
    while (next < count) {
      sleepUntil(began + next * period);
      long now = System.nanoTime();
      long newest = Math.min(count - 1, (now - began) / period);
      dropped += newest - next;
      work.accept(newest);
      long done = System.nanoTime();
      for (long i = next; i <= newest; i++) {
        latencies.record(done - (began + i * period));
      }
      wakes.record(now - (began + newest * period));
      works.record(done - now);
      next = newest + 1;
    }
    return new Run(count, dropped, latencies, wakes, works);
  }

  private static void sleepUntil(long nanoTime) {
    for (long left = nanoTime - System.nanoTime(); left > 0; ) {
      LockSupport.parkNanos(left);
      left = nanoTime - System.nanoTime();
    }
  }
}
