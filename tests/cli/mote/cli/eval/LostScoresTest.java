package mote.cli.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Counting of returns, on tracks of one point with a known answer. */
class LostScoresTest {
  private static final int FRAMES = 42;

  /** Hidden on frames 5 to 8 (found again) and 18 to 32 (not found in time). */
  private static boolean visible(int frame) {
    return !(frame >= 5 && frame <= 8 || frame >= 18 && frame <= 32);
  }

  private static Map<String, Score> scores(boolean[] called, float[] x) {
    boolean[] visible = new boolean[FRAMES];
    for (int frame = 0; frame < FRAMES; frame++) {
      visible[frame] = visible(frame);
    }
    Clip clip = new Clip(null, 256, 256, new int[] {0}, new float[2]);
    LostScores lost = new LostScores();
    lost.add(
        clip,
        new Truth(FRAMES, 1, new float[2 * FRAMES], visible),
        new Estimate(FRAMES, 1, x, called));
    Map<String, Score> byMetric = new HashMap<>();
    List<Score> list = lost.scores("m", "v");
    list.forEach(score -> byMetric.put(score.metric(), score));
    return byMetric;
  }

  @Test
  void foundKeptAndFalselyVisible() {
    boolean[] called = new boolean[FRAMES];
    float[] x = new float[2 * FRAMES];
    for (int frame = 0; frame < FRAMES; frame++) {
      called[frame] = visible(frame);
    }
    called[6] = true; // one of 19 hidden frames
    called[9] = false;
    x[2 * 12] = 7.9f; // the fourth frame after the first return, with 10 and 11 off
    x[2 * 10] = 8;
    x[2 * 11] = 8;
    for (int frame = 33; frame < 37; frame++) {
      x[2 * frame] = 9; // called visible in time, but too far away
    }
    Map<String, Score> scores = scores(called, x);
    assertEquals(100, scores.get("found_3_7").value());
    assertEquals(1, scores.get("found_3_7").count());
    assertEquals(0, scores.get("found_12_24").value());
    assertEquals(100, scores.get("kept_12_24").value(), "right on the eighth frame");
    assertEquals(100.0 / 19, scores.get("falsely_visible").value(), 1e-9);
    assertEquals(19, scores.get("falsely_visible").count());
    assertEquals(false, scores.containsKey("found_48_96"));
  }

  @Test
  void aReturnThatDoesNotLastIsNone() {
    boolean[] visible = new boolean[FRAMES];
    java.util.Arrays.fill(visible, true);
    for (int frame = 32; frame < 36; frame++) {
      visible[frame] = false; // 36 to 41 are six frames only
    }
    LostScores lost = new LostScores();
    Estimate estimate = new Estimate(FRAMES, 1, new float[2 * FRAMES], visible);
    lost.add(
        new Clip(null, 256, 256, new int[] {0}, new float[2]),
        new Truth(FRAMES, 1, new float[2 * FRAMES], visible),
        estimate);
    List<String> metrics = lost.scores("m", "v").stream().map(Score::metric).toList();
    assertEquals(List.of("falsely_visible", "aj_rd"), metrics);
    assertEquals(100, lost.scores("m", "v").get(1).value(), "right from there to the end");
  }

  @Test
  void averageJaccardOfReturnsCountsLongerHidingsInMoreMeans() {
    boolean[] called = new boolean[FRAMES];
    java.util.Arrays.fill(called, 0, 33, true); // all before the second return, nothing after
    Map<String, Score> scores = scores(called, new float[2 * FRAMES]);
    // From frame 9 on: 9 hits; visible 18, called 24, so 9 of 33. From 33 on: nothing of 9.
    double first = 100.0 * 9 / 33;
    // Both hidings (4 and 15 frames) count from 1 and from 4 on; none is 16 long.
    assertEquals((first / 2 + first / 2) / 2, scores.get("aj_rd").value(), 1e-9);
    assertEquals(2, scores.get("aj_rd").count());
  }
}
