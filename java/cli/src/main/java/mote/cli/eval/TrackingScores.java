package mote.cli.eval;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * TAP-Vid's measures (Doersch et al. 2022) on one clip, over points and frames after the query,
 * with those of hidden points apart: there the published measures look away.
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

  private TrackingScores(Clip clip, Truth truth, Estimate estimate) {
    this.clip = clip;
    this.truth = truth;
    this.estimate = estimate;
    if (truth.frames() != estimate.frames() || truth.points() != estimate.points()) {
      throw new IllegalArgumentException(
          "estimate and truth differ: frames=%d and %d, points=%d and %d"
              .formatted(estimate.frames(), truth.frames(), estimate.points(), truth.points()));
    }
  }

  /** All measures of one method on one clip; a measure of nothing (no hidden point) is left out. */
  public static List<Score> of(
      Method method, String video, Clip clip, Truth truth, Estimate estimate) {
    TrackingScores scores = new TrackingScores(clip, truth, estimate);
    for (int frame = 0; frame < truth.frames(); frame++) {
      for (int n = 0; n < truth.points(); n++) {
        if (frame > clip.queryFrames()[n]) {
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
    if (seenCount > 0) {
      add(scores, method, video, "delta_avg_visible", seen.deltaAverage(), seenCount);
      add(scores, method, video, "within_16px_visible", seen.withinLast(), seenCount);
      add(scores, method, video, "median_px_visible", Statistics.median(seen.pixels), seenCount);
    }
    if (hiddenCount > 0) {
      add(scores, method, video, "delta_avg_hidden", hidden.deltaAverage(), hiddenCount);
      add(scores, method, video, "within_16px_hidden", hidden.withinLast(), hiddenCount);
      add(scores, method, video, "median_px_hidden", Statistics.median(hidden.pixels), hiddenCount);
    }
    if (seenCount > 0) {
      add(scores, method, video, "average_jaccard", averageJaccard(), seenCount + hiddenCount);
      double accuracy = percent(rightlyJudged, seenCount + hiddenCount);
      add(scores, method, video, "occlusion_accuracy", accuracy, seenCount + hiddenCount);
    }
    return scores;
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
