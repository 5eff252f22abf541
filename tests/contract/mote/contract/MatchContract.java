package mote.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import mote.engine.Backend;
import mote.engine.Plan;
import mote.engine.Precision;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@link Backend#match}: templates against whole pictures. */
interface MatchContract extends Contract {
  int POINTS = 19;

  @ParameterizedTest
  @EnumSource(SmallModel.class)
  default void findsWhatTheReferenceFinds(SmallModel model) {
    double tolerance = Bounds.of(Precision.F32).features();
    for (int[] size : new int[][] {{53, 71}, {64, 80}, {32, 133}}) {
      Plan plan = Plan.unscaled(size[0], size[1], 4, 8, POINTS);
      try (Pair pair = new Pair(provider(), model, plan, Precision.F32)) {
        pair.encode(0, 0);
        pair.encode(5, 3);
        pair.sampled(POINTS);
        Found expected = Found.of(pair.reference, 5);
        Found actual = Found.of(pair.subject, 5);
        Bounds.assertClose(
            model + " similarity", expected.similarity, actual.similarity, tolerance);
        for (int n = 0; n < POINTS; n++) {
          // Where two peaks are as good as alike, rounding may choose either.
          if (expected.similarity[2 * n] - expected.similarity[2 * n + 1] > 2 * tolerance) {
            assertEquals(expected.xy[2 * n], actual.xy[2 * n], 1e-3, "x of " + n);
            assertEquals(expected.xy[2 * n + 1], actual.xy[2 * n + 1], 1e-3, "y of " + n);
          }
        }
        assertArrayEquals(actual.xy, Found.of(pair.subject, 5).xy, "same input, same bits");
      }
    }
  }

  /** A template is most like the place that it was taken from. */
  @ParameterizedTest
  @EnumSource(SmallModel.class)
  default void findsATemplateInItsOwnPicture(SmallModel model) {
    try (Pair pair = Pair.of(provider(), model, 64, 80, POINTS)) {
      pair.encode(0, 0);
      float middle = model.architecture().family().id().equals("pips") ? 0 : 1.5f;
      float[] xy = new float[2 * POINTS];
      for (int n = 0; n < POINTS; n++) {
        xy[2 * n] = 4 * (3 + n % 13) + middle;
        xy[2 * n + 1] = 4 * (2 + n * 5 % 11) + middle;
      }
      pair.subject.sample(0, POINTS, Pair.counted(POINTS), xy);
      Found found = Found.of(pair.subject, 0);
      assertArrayEquals(xy, found.xy, 1e-3f);
      for (int n = 0; n < POINTS; n++) {
        assertTrue(found.similarity[2 * n] >= found.similarity[2 * n + 1]);
        assertTrue(found.similarity[2 * n] <= 1 + 1e-5, "not above 1");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(SmallModel.class)
  default void similarityAnywhere(SmallModel model) {
    try (Pair pair = Pair.of(provider(), model, 53, 71, POINTS)) {
      pair.encode(0, 0);
      pair.encode(4, 2);
      pair.sampled(POINTS);
      float[] xy = pair.points(POINTS);
      float[] expected = new float[POINTS];
      float[] actual = new float[POINTS];
      int[] templates = Pair.counted(POINTS);
      pair.reference.similarity(4, POINTS, templates, xy, expected);
      pair.subject.similarity(4, POINTS, templates, xy, actual);
      Bounds.assertClose(
          model + " similarity", expected, actual, Bounds.of(Precision.F32).features());
      Found found = Found.of(pair.subject, 4);
      pair.subject.similarity(4, POINTS, templates, found.xy, actual);
      for (int n = 0; n < POINTS; n++) {
        assertEquals(found.similarity[2 * n], actual[n], 1e-4, "where the match is");
      }
    }
  }

  /** What a refinement says of a frame is what that frame's own comparison says, to the bit. */
  @ParameterizedTest
  @EnumSource(SmallModel.class)
  default void refinedPointsAreCompared(SmallModel model) {
    try (Pair pair = Pair.of(provider(), model, 53, 71, POINTS)) {
      pair.encoded().sampled(POINTS);
      int[] slots = {2, 3, 4, 5, 6, 7, 7, 7};
      for (int count : new int[] {POINTS, POINTS - 2}) {
        for (int compared : new int[] {5, 0, 7, -1}) {
          float[] similarity = new float[count];
          float[] xy =
              comparing(pair.subject, slots, pair.trajectories(count), compared, similarity);
          float[] alone = new float[count];
          if (compared >= 0) {
            float[] there =
                Arrays.copyOfRange(xy, 2 * compared * count, 2 * (compared + 1) * count);
            int slot = slots[compared];
            pair.subject.similarity(slot, count, Pair.counted(count), there, alone);
            assertTrue(alone[0] != 0, "the picture's middle is like something");
          }
          assertArrayEquals(alone, similarity, model + " compared in frame " + compared);
        }
      }
    }
  }

  private static float[] comparing(
      Backend backend, int[] slots, float[] xy, int compared, float[] similarity) {
    int count = similarity.length;
    float[] logits = new float[Pair.WINDOW * count];
    backend.refine(
        slots,
        count,
        Pair.counted(count),
        Refinement.alternating(count),
        2,
        0,
        xy,
        logits,
        logits.clone(),
        compared,
        compared < 0 ? null : similarity);
    return xy;
  }

  /** Results of one call for all templates. */
  record Found(float[] xy, float[] similarity) {
    static Found of(Backend backend, int slot) {
      Found found = new Found(new float[2 * POINTS], new float[2 * POINTS]);
      backend.match(slot, POINTS, Pair.counted(POINTS), found.xy, found.similarity);
      return found;
    }
  }
}
