package mote.cli.eval;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * TAP-Vid's measures (Doersch et al. 2022) on one clip, over points and frames after the query,
 * with those of hidden points apart: there the published measures look away. Survival is that of
 * PointOdyssey (Zheng et al. 2023), a share of the frames, with the threshold of PIPs++'s code.
 */
public final class TrackingScores {
  /** Errors are measured in pixels of a raster of this many rows and columns. */
  private static final double RASTER = 256;

  private static final double[] THRESHOLDS = {1, 2, 4, 8, 16};

  private final Clip clip;
  private final Truth truth;
  private final Estimate estimate;
  private final Errors seen = new Errors();
  private final Errors hidden = new Errors();
  private final long[] truePositives = new long[THRESHOLDS.length];
  private final long[] falsePositives = new long[THRESHOLDS.length];
  private final Survival survival;
  private final Survival seenSurvival;
  private long rightlyJudged;

  /** Errors of visible or of hidden points. */
  private static final class Errors {
    private final long[] within = new long[THRESHOLDS.length];
    private final List<Double> pixels = new ArrayList<>();

    double deltaAverage() {
      double sum = 0;
      for (long hits : within) {
        sum += percent(hits, pixels.size());
      }
      return sum / THRESHOLDS.length;
    }

    double withinLast() {
      return percent(within[THRESHOLDS.length - 1], pixels.size());
    }
  }

  /** How long points are followed, until one error is not under the largest threshold. */
  private static final class Survival {
    private final boolean[] lost;
    private final long[] frames;
    private final long[] survived;

    Survival(int points) {
      lost = new boolean[points];
      frames = new long[points];
      survived = new long[points];
    }

    /** The next frame of a point. */
    void add(int point, boolean failed) {
      lost[point] |= failed;
      frames[point]++;
      survived[point] += lost[point] ? 0 : 1;
    }

    /** Mean over points of the share of their frames before the first failure. */
    double percent() {
      double sum = 0;
      for (int n = 0; n < lost.length; n++) {
        sum += frames[n] == 0 ? 0 : TrackingScores.percent(survived[n], frames[n]);
      }
      return sum / points();
    }

    long points() {
      return java.util.Arrays.stream(frames).filter(count -> count > 0).count();
    }
  }

  private TrackingScores(Clip clip, Truth truth, Estimate estimate) {
    this.clip = clip;
    this.truth = truth;
    this.estimate = estimate;
    if (truth.frames() != estimate.frames() || truth.points() != estimate.points()) {
      throw new IllegalArgumentException(
          "estimate and truth differ: frames=%d and %d, points=%d and %d"
              .formatted(estimate.frames(), truth.frames(), estimate.points(), truth.points()));
    }
    survival = new Survival(truth.points());
    seenSurvival = new Survival(truth.points());
  }

  /** All measures of one method on one clip; a measure of nothing (no hidden point) is left out. */
  public static List<Score> of(
      Method method, String video, Clip clip, Truth truth, Estimate estimate) {
    return of(method, video, clip, truth, estimate, false);
  }

  /**
   * The same.
   *
   * @param bothWays frames before the query count, too (but for survival)
   */
  static List<Score> of(
      Method method, String video, Clip clip, Truth truth, Estimate estimate, boolean bothWays) {
    TrackingScores scores = new TrackingScores(clip, truth, estimate);
    for (int frame = 0; frame < truth.frames(); frame++) {
      for (int n = 0; n < truth.points(); n++) {
        int query = clip.queryFrames()[n];
        if (frame > query || bothWays && frame < query) {
          scores.add(frame, n);
        }
      }
    }
    return scores.list(method.id(), video);
  }

  /** The plain mean over clips of each method's measures, under one name. */
  public static List<Score> mean(List<Score> scores, String video) {
    Map<List<String>, List<Score>> groups = new LinkedHashMap<>();
    for (Score score : scores) {
      groups
          .computeIfAbsent(List.of(score.method(), score.metric()), key -> new ArrayList<>())
          .add(score);
    }
    List<Score> means = new ArrayList<>();
    groups.forEach(
        (key, group) -> {
          double mean = Statistics.mean(group.stream().map(Score::value).toList());
          long count = group.stream().mapToLong(Score::count).sum();
          means.add(new Score(key.get(0), video, key.get(1), mean, count));
        });
    return means;
  }

  private void add(int frame, int n) {
    double dx = estimate.x(frame, n) - truth.x(frame, n);
    double dy = estimate.y(frame, n) - truth.y(frame, n);
    double error = Math.hypot(dx * RASTER / clip.width(), dy * RASTER / clip.height());
    boolean visible = truth.visible(frame, n);
    boolean judged = estimate.visible(frame, n);
    Errors errors = visible ? seen : hidden;
    errors.pixels.add(error);
    rightlyJudged += visible == judged ? 1 : 0;
    if (frame > clip.queryFrames()[n]) {
      boolean failed = !(error < THRESHOLDS[THRESHOLDS.length - 1]);
      survival.add(n, failed);
      seenSurvival.add(n, failed && visible);
    }
    for (int t = 0; t < THRESHOLDS.length; t++) {
      boolean hit = error < THRESHOLDS[t];
      errors.within[t] += hit ? 1 : 0;
      truePositives[t] += hit && visible && judged ? 1 : 0;
      falsePositives[t] += judged && !(visible && hit) ? 1 : 0;
    }
  }

  private List<Score> list(String method, String video) {
    List<Score> scores = new ArrayList<>();
    long seenCount = seen.pixels.size();
    long hiddenCount = hidden.pixels.size();
    errors(scores, method, video, seen, "visible");
    errors(scores, method, video, hidden, "hidden");
    if (seenCount > 0) {
      add(scores, method, video, "average_jaccard", averageJaccard(), seenCount + hiddenCount);
      double accuracy = percent(rightlyJudged, seenCount + hiddenCount);
      add(scores, method, video, "occlusion_accuracy", accuracy, seenCount + hiddenCount);
    }
    long points = survival.points();
    if (points > 0) {
      add(scores, method, video, "survival_16px", survival.percent(), points);
      add(scores, method, video, "survival_16px_visible", seenSurvival.percent(), points);
    }
    return scores;
  }

  private static void errors(
      List<Score> scores, String method, String video, Errors errors, String kind) {
    long count = errors.pixels.size();
    if (count > 0) {
      add(scores, method, video, "delta_avg_" + kind, errors.deltaAverage(), count);
      add(scores, method, video, "within_16px_" + kind, errors.withinLast(), count);
      add(scores, method, video, "mean_px_" + kind, Statistics.mean(errors.pixels), count);
      add(scores, method, video, "median_px_" + kind, Statistics.median(errors.pixels), count);
    }
  }

  private static void add(
      List<Score> scores, String method, String video, String metric, double value, long count) {
    scores.add(new Score(method, video, metric, value, count));
  }

  private double averageJaccard() {
    double sum = 0;
    for (int t = 0; t < THRESHOLDS.length; t++) {
      sum += percent(truePositives[t], seen.pixels.size() + falsePositives[t]);
    }
    return sum / THRESHOLDS.length;
  }

  private static double percent(long part, long whole) {
    return 100.0 * part / whole;
  }
}
