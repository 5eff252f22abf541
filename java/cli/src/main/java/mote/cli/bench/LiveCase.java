package mote.cli.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import mote.cli.bench.Measurement.Figure;
import mote.cli.live.Latencies;
import mote.engine.BackendProvider;
import mote.engine.MoteException;
import mote.engine.Weights;
import mote.engine.live.LiveOptions;
import mote.engine.live.LivePoints;
import mote.engine.live.LiveTracker;

/**
 * Latency of live tracking. Frames are due by the clock, whether anybody is ready or not, and each
 * counts from the moment at which it is due (complete in memory) until the points of that frame, or
 * of a newer one where it was left out, can be read. So a frame that had to wait counts with its
 * wait: nothing is omitted because the tracker was busy.
 */
final class LiveCase {
  /**
   * As fast as they go, enough for the JVM to compile what is used; on the far side of the round.
   */
  private static final int VERIFIED_FRAMES = 3 * LiveClip.FRAMES + 2 * LiveClip.FRAMES / 3;

  private static final double WARM_UP_SECONDS = 2;
  private static final double STAGE_SECONDS = 3;

  /** Pixels: of all points on the newest frame; quantisation of the motion alone makes 0.3. */
  private static final double MEDIAN_LIMIT = 1;

  private static final double FAR = 4;
  private static final double FAR_SHARE_LIMIT = 0.1;

  private final Weights weights;
  private final BackendProvider provider;
  private final LiveOptions options;
  private final LiveClip clip;
  private final double framesPerSecond;
  private final double seconds;

  /**
   * @param seconds that are measured, after warming up
   */
  LiveCase(
      Weights weights,
      BackendProvider provider,
      LiveOptions options,
      LiveClip clip,
      double framesPerSecond,
      double seconds) {
    this.weights = weights;
    this.provider = provider;
    this.options = options;
    this.clip = clip;
    this.framesPerSecond = framesPerSecond;
    this.seconds = seconds;
  }

  /**
   * Verifies, warms up, measures.
   *
   * @throws MoteException if the points are not where they should be
   */
  Measurement run(int points) {
    try (LiveTracker tracker =
            LiveTracker.open(
                weights, provider, options.withCapacity(points), clip.height(), clip.width());
        JvmPauses pauses = new JvmPauses()) {
      Run run = new Run(tracker, clip.points(points));
      String verdict = run.verify();
      run.live(WARM_UP_SECONDS, null);
      run.latencies = new Latencies();
      run.due = 0;
      run.dropped = 0;
      pauses.start();
      run.live(seconds, null);
      Map<String, Map<String, Double>> stops = pauses.stop();
      if (run.dropped == 0) { // with gaps between frames the motion is another
        verdict += "; at the end, " + run.requireRight();
      }
      Measurement row = row(run, tracker, points, verdict, stops);
      Map<String, Latencies> stages = new LinkedHashMap<>();
      run.live(STAGE_SECONDS, stages);
      return row.with(Figure.STAGE_P99_MS, percentiles(stages, 99))
          .with(Figure.STAGES, seconds(percentiles(stages, 50)));
    }
  }

  private Measurement row(
      Run run,
      LiveTracker tracker,
      int points,
      String verdict,
      Map<String, Map<String, Double>> stops) {
    String name = "live-%dx%d-%dpts".formatted(clip.width(), clip.height(), points);
    Latencies found = run.latencies;
    return Measurement.of(name, tracker.backend().name(), tracker.backend().precision().id())
        .with(Figure.POINTS, points)
        .with(Figure.FRAMES, run.due)
        .with(Figure.DROPPED, run.dropped)
        .with(Figure.P50_MS, found.percentileMillis(50))
        .with(Figure.P95_MS, found.percentileMillis(95))
        .with(Figure.P99_MS, found.percentileMillis(99))
        .with(Figure.P999_MS, found.percentileMillis(99.9))
        .with(Figure.WORST_MS, found.worstMillis())
        .with(Figure.PAUSES, stops)
        .with(Figure.OUTPUT, verdict);
  }

  private static Map<String, Double> percentiles(Map<String, Latencies> stages, double percent) {
    Map<String, Double> millis = new LinkedHashMap<>();
    stages.forEach((name, times) -> millis.put(name, times.percentileMillis(percent)));
    return millis;
  }

  private static Map<String, Double> seconds(Map<String, Double> millis) {
    Map<String, Double> seconds = new LinkedHashMap<>();
    millis.forEach((name, value) -> seconds.put(name, value / 1e3));
    return seconds;
  }

  /** One tracker and its points, frame after frame. */
  private final class Run {
    private final LiveTracker tracker;
    private final float[] first;
    private long frame;
    private long due;
    private long dropped;
    private Latencies latencies = new Latencies();
    private float read;

    Run(LiveTracker tracker, float[] first) {
      this.tracker = tracker;
      this.first = first;
    }

    /** Tracks as fast as it goes and compares with where the points are. */
    String verify() {
      tracker.push(frame, clip.picture(frame), 3L * clip.width());
      for (int i = 0; i < first.length; i += 2) {
        tracker.add(frame, first[i], first[i + 1]);
      }
      for (frame = 1; frame < VERIFIED_FRAMES; frame++) {
        tracker.push(frame, clip.picture(frame), 3L * clip.width());
      }
      return requireRight();
    }

    /** In one line how right the newest frame is. */
    String requireRight() {
      LivePoints points = tracker.points();
      double[] errors = new double[points.count()];
      int far = 0;
      for (int row = 0; row < errors.length; row++) {
        float x = LiveClip.x(first[2 * row], points.frame());
        float y = LiveClip.y(first[2 * row + 1], points.frame());
        errors[row] = Math.hypot(points.x(row) - x, points.y(row) - y);
        far += errors[row] <= FAR ? 0 : 1; // not a number is far
      }
      Arrays.sort(errors);
      double median = errors[errors.length / 2];
      String verdict =
          "frame %d: median error %.2f px, %d of %d points off by more than %.0f px"
              .formatted(points.frame(), median, far, errors.length, FAR);
      if (!(median <= MEDIAN_LIMIT) || far > FAR_SHARE_LIMIT * errors.length) {
        throw new MoteException(
            "output is wrong, no time is told: backend=%s, %s; run mote verify"
                .formatted(tracker.backend().name(), verdict));
      }
      return verdict;
    }

    /**
     * Lets frames come by the clock.
     *
     * @param stages gets each stage's times where it is not null: reading the clocks takes time
     *     itself, so latencies are not recorded then
     */
    void live(double forSeconds, Map<String, Latencies> stages) {
      long period = Math.round(1e9 / framesPerSecond);
      long count = Math.round(forSeconds * framesPerSecond);
      long began = System.nanoTime() + period;
      long next = 0;
      while (next < count) {
        sleepUntil(began + next * period);
        long now = System.nanoTime();
        long newest = Math.min(count - 1, (now - began) / period);
        dropped += newest - next;
        if (stages == null) {
          track(frame + newest);
          long done = System.nanoTime();
          for (long i = next; i <= newest; i++) {
            latencies.record(done - (began + i * period));
          }
        } else {
          record(stages, "wake", now - (began + newest * period));
          trackByStages(frame + newest, stages);
        }
        next = newest + 1;
      }
      frame += count;
      due += count;
    }

    private void track(long number) {
      LivePoints points = tracker.push(number, clip.picture(number), 3L * clip.width());
      float sum = 0;
      for (int row = 0; row < points.count(); row++) {
        sum += points.x(row) + points.y(row) + points.visibility(row) + points.confidence(row);
      }
      read = sum;
    }

    private void trackByStages(long number, Map<String, Latencies> stages) {
      Map<String, Long> before = tracker.backend().stages().nanos();
      long began = System.nanoTime();
      track(number);
      long whole = System.nanoTime() - began;
      Map<String, Long> after = tracker.backend().stages().nanos();
      after.forEach((name, nanos) -> record(stages, name, nanos - before.get(name)));
      record(stages, "push", whole);
    }

    private static void record(Map<String, Latencies> stages, String name, long nanos) {
      stages.computeIfAbsent(name, first -> new Latencies()).record(nanos);
    }

    private static void sleepUntil(long nanoTime) {
      for (long left = nanoTime - System.nanoTime(); left > 0; ) {
        LockSupport.parkNanos(left);
        left = nanoTime - System.nanoTime();
      }
    }
  }
}
