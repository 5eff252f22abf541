package mote.cli.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import mote.cli.bench.Measurement.Figure;
import mote.cli.live.Latencies;
import mote.cpu.PureArithmetic;
import mote.engine.BackendProvider;
import mote.engine.MoteException;
import mote.engine.Weights;
import mote.engine.live.LiveOptions;
import mote.engine.live.LivePoints;
import mote.engine.live.LiveTracker;

/**
 * Latency of live tracking. Frames are due by the clock ({@link FrameClock}), and each counts from
 * the moment at which it is due (complete in memory) until the points of that frame, or of a newer
 * one where it was left out, can be read.
 *
 * <p>What the machine itself does to such a latency is measured beside it: the same frames on the
 * same clock, with arithmetic alone ({@link PureArithmetic}) of the median push time on the same
 * threads in place of the tracker. The tracker's figures are never corrected by it.
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
  private final FrameClock clock;
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
    clock = new FrameClock(framesPerSecond);
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
      run.live(WARM_UP_SECONDS);
      pauses.start();
      FrameClock.Run measured = run.live(seconds);
      Map<String, Map<String, Double>> stops = pauses.stop();
      if (measured.dropped() == 0) { // with gaps between frames the motion is another
        verdict += "; at the end, " + run.requireRight();
      }
      Measurement row = row(measured, tracker, points).with(Figure.PAUSES, stops);
      row = withHost(row.with(Figure.OUTPUT, verdict), measured);
      Map<String, Latencies> stages = run.stages(STAGE_SECONDS);
      return row.with(Figure.STAGE_P99_MS, percentiles(stages, 99))
          .with(Figure.STAGES, seconds(percentiles(stages, 50)));
    }
  }

  private Measurement row(FrameClock.Run measured, LiveTracker tracker, int points) {
    String name = "live-%dx%d-%dpts".formatted(clip.width(), clip.height(), points);
    Latencies found = measured.latencies();
    return Measurement.of(name, tracker.backend().name(), tracker.backend().precision().id())
        .with(Figure.POINTS, points)
        .with(Figure.FRAMES, measured.due())
        .with(Figure.DROPPED, measured.dropped())
        .with(Figure.P50_MS, found.percentileMillis(50))
        .with(Figure.P95_MS, found.percentileMillis(95))
        .with(Figure.P99_MS, found.percentileMillis(99))
        .with(Figure.P999_MS, found.percentileMillis(99.9))
        .with(Figure.WORST_MS, found.worstMillis());
  }

  /**
   * With what the machine does to arithmetic of the same length; only where the processors that run
   * it do the tracking, too.
   */
  private Measurement withHost(Measurement row, FrameClock.Run measured) {
    if (!row.backend().equals("cpu")) {
      return row;
    }
    long nanos = Math.round(1e6 * measured.works().percentileMillis(50));
    try (PureArithmetic work = PureArithmetic.lasting(Math.max(nanos, PureArithmetic.SHORTEST))) {
      FrameClock.Run host = clock.run(measured.due(), frame -> work.run());
      return row.with(Figure.HOST_THREADS, work.threads())
          .with(Figure.HOST_WORK_MS, host.works().percentileMillis(50))
          .with(Figure.HOST_P50_MS, host.latencies().percentileMillis(50))
          .with(Figure.HOST_P99_MS, host.latencies().percentileMillis(99))
          .with(Figure.HOST_WORST_MS, host.latencies().worstMillis());
    }
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

    /** Lets frames come by the clock. */
    FrameClock.Run live(double forSeconds) {
      FrameClock.Run done = clock.run(count(forSeconds), n -> track(frame + n));
      frame += done.due();
      return done;
    }

    /** The same with the times of each stage: reading the clocks takes time itself. */
    Map<String, Latencies> stages(double forSeconds) {
      Map<String, Latencies> stages = new LinkedHashMap<>();
      FrameClock.Run done = clock.run(count(forSeconds), n -> trackByStages(frame + n, stages));
      frame += done.due();
      Map<String, Latencies> all = new LinkedHashMap<>();
      all.put("wake", done.wakes());
      all.putAll(stages);
      return all;
    }

    private long count(double forSeconds) {
      return Math.round(forSeconds * framesPerSecond);
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
  }
}
