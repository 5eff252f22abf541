package mote.cli.live;

import mote.engine.live.LivePoints;
import mote.engine.live.PointState;

/** What a live run has done so far. */
public final class LiveStatistics {
  /**
   * Frames at the beginning whose latency says more about the JVM's start than about tracking. They
   * count only in a run that has no others.
   */
  public static final int WARM_UP_FRAMES = 60;

  private final Latencies first = new Latencies();
  private final Latencies later = new Latencies();
  private long frames;
  private long firstArrival;
  private long lastArrival;
  private int points;
  private int lost;

  /**
   * @param arrivalNanos when the frame was complete in memory
   * @param doneNanos when its points could be read, on the same clock
   */
  void add(long arrivalNanos, long doneNanos, LivePoints now) {
    if (frames++ == 0) {
      firstArrival = arrivalNanos;
    }
    lastArrival = arrivalNanos;
    (frames > WARM_UP_FRAMES ? later : first).record(doneNanos - arrivalNanos);
    points = now.count();
    lost = 0;
    for (int row = 0; row < points; row++) {
      if (now.state(row) == PointState.LOST) {
        lost++;
      }
    }
  }

  /** Frames that were tracked. */
  public long frames() {
    return frames;
  }

  /** Of frames after the first {@link #WARM_UP_FRAMES}; of all where there are no more. */
  public Latencies latencies() {
    return later.count() > 0 ? later : first;
  }

  /** From the first frame that was tracked to the last. */
  public double seconds() {
    return (lastArrival - firstArrival) / 1e9;
  }

  /** 0 where there were less than two frames, or all came at once. */
  public double framesPerSecond() {
    return lastArrival > firstArrival ? (frames - 1) / seconds() : 0;
  }

  /** Points of the last frame. */
  public int points() {
    return points;
  }

  /** Points of the last frame that are being looked for. */
  public int lost() {
    return lost;
  }

  /** One line for people, while it runs. */
  String line(long dropped) {
    return "%.0f s, %d frames, %.1f frames/s, %s, %d points, %d lost, %d dropped"
        .formatted(seconds(), frames, framesPerSecond(), latency(), points, lost, dropped);
  }

  /** One line for people, at the end. */
  public String summary(long received, long dropped) {
    return "%d frames tracked of %d received, %d dropped, %.1f s, %.1f frames/s, %s, %d points, %d lost"
        .formatted(
            frames, received, dropped, seconds(), framesPerSecond(), latency(), points, lost);
  }

  private String latency() {
    return frames == 0
        ? "no latency"
        : "latency p50 %.1f p99 %.1f ms%s"
            .formatted(
                latencies().percentileMillis(50),
                latencies().percentileMillis(99),
                later.count() > 0 ? "" : " with the start");
  }
}
