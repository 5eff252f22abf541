package mote.cli.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** TAP-Vid's measures, worked out by hand. */
class TrackingScoresTest {
  /** Two points on frames 0 to 2 of pictures of 128x256: one raster pixel is half a pixel in y. */
  private static final Clip CLIP =
      new Clip(
          () -> {
            throw new AssertionError("scores need no pictures");
          },
          128,
          256,
          new int[] {0, 1},
          new float[] {10, 10, 50, 50});

  private static final Truth TRUTH =
      new Truth(
          3,
          2,
          new float[] {10, 10, 50, 50, 12, 10, 50, 50, 14, 10, 60, 50},
          new boolean[] {true, true, true, true, false, true});

  private static Map<String, Double> scores(float[] xy, boolean[] visible) {
    Estimate estimate = new Estimate(3, 2, xy, visible);
    List<Score> scores = TrackingScores.of(Baseline.ZERO, "v", CLIP, TRUTH, estimate);
    return scores.stream().collect(Collectors.toMap(Score::metric, Score::value));
  }

  @Test
  void perfectIsAHundred() {
    Map<String, Double> scores = scores(TRUTH.xy(), TRUTH.visible());
    for (String metric :
        List.of(
            "delta_avg_visible",
            "delta_avg_hidden",
            "within_16px_visible",
            "within_16px_hidden",
            "average_jaccard",
            "occlusion_accuracy",
            "survival_16px",
            "survival_16px_visible")) {
      assertEquals(100, scores.get(metric), 1e-9, metric);
    }
    assertEquals(0, scores.get("median_px_visible"), 0);
    assertEquals(0, scores.get("median_px_hidden"), 0);
    assertEquals(0, scores.get("mean_px_visible"), 0);
    assertEquals(0, scores.get("mean_px_hidden"), 0);
  }

  @Test
  void errorsCountOnARasterOf256() {
    // Counted are point 0 on frame 1 (visible, 3 px off in x) and frame 2 (hidden, 6 px off in y,
    // which is 12 on the raster), and point 1 on frame 2 (visible, exact); not the query frames.
    float[] xy = {99, 99, 99, 99, 15, 10, 99, 99, 14, 16, 60, 50};
    Map<String, Double> scores = scores(xy, new boolean[] {true, true, true, true, true, false});
    // 3 px: inside 4, 8 and 16, so 60 %; exact: 100 %
    assertEquals((60 + 100) / 2.0, scores.get("delta_avg_visible"), 1e-9);
    assertEquals(20, scores.get("delta_avg_hidden"), 1e-9);
    assertEquals(100, scores.get("within_16px_hidden"), 1e-9);
    assertEquals(1.5, scores.get("median_px_visible"), 1e-6);
    assertEquals(1.5, scores.get("mean_px_visible"), 1e-6);
    assertEquals(12, scores.get("median_px_hidden"), 1e-6);
    assertEquals(12, scores.get("mean_px_hidden"), 1e-6);
    // Judged visible: point 0 on both frames. Right: point 0 on frame 1 alone.
    assertEquals(100.0 / 3, scores.get("occlusion_accuracy"), 1e-9);
    // 4, 8, 16: one true positive of 2 visible and 1 false positive (the hidden one); 1, 2: none.
    assertEquals(3 * (100.0 / 3) / 5, scores.get("average_jaccard"), 1e-9);
  }

  @Test
  void aBorderIsOutside() {
    float[] xy = TRUTH.xy().clone();
    xy[4] += 16; // exactly 16 px off
    assertEquals(50, scores(xy, TRUTH.visible()).get("within_16px_visible"), 1e-9);
  }

  @Test
  void survivalEndsWithTheFirstFailure() {
    float[] xy = TRUTH.xy().clone();
    xy[4] += 16; // point 0 on frame 1, visible; on frame 2 it is back, which does not count
    Map<String, Double> scores = scores(xy, TRUTH.visible());
    assertEquals((0 + 100) / 2.0, scores.get("survival_16px"), 1e-9);
    assertEquals((0 + 100) / 2.0, scores.get("survival_16px_visible"), 1e-9);
    xy = TRUTH.xy().clone();
    xy[8] += 16; // point 0 on frame 2, hidden
    scores = scores(xy, TRUTH.visible());
    assertEquals((50 + 100) / 2.0, scores.get("survival_16px"), 1e-9);
    assertEquals(100, scores.get("survival_16px_visible"), 1e-9);
    xy[8] = Float.NaN;
    assertEquals(75, scores(xy, TRUTH.visible()).get("survival_16px"), 1e-9);
  }

  @Test
  void meansAreOverClips() {
    List<Score> scores =
        List.of(
            new Score("mote", "00", "delta_avg_visible", 10, 1),
            new Score("mote", "01", "delta_avg_visible", 30, 3),
            new Score("mote", "01", "delta_avg_hidden", 7, 2));
    assertEquals(
        List.of(
            new Score("mote", "heldout", "delta_avg_visible", 20, 4),
            new Score("mote", "heldout", "delta_avg_hidden", 7, 2)),
        TrackingScores.mean(scores, "heldout"));
  }

  @Test
  void sizesMustFit() {
    Estimate shorter = new Estimate(2, 2, new float[8], new boolean[4]);
    assertThrows(
        IllegalArgumentException.class,
        () -> TrackingScores.of(Baseline.ZERO, "v", CLIP, TRUTH, shorter));
  }

  @Test
  void mediansAndNaN() {
    assertEquals(2, Statistics.median(List.of(3.0, 1.0, 2.0)));
    assertEquals(2.5, Statistics.median(List.of(3.0, 1.0, 2.0, 9.0)));
    assertEquals(Double.NaN, Statistics.median(List.of(1.0, Double.NaN, 2.0)));
    assertEquals(Double.NaN, Statistics.median(List.of()));
  }
}
