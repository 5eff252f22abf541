package mote.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import mote.engine.Backend;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@link Backend#refine} with a threshold: points that settle are left alone. */
interface SettleContract extends Contract {
  int POINTS = 21;
  int ITERATIONS = 4;

  @ParameterizedTest
  @EnumSource(
      value = SmallModel.class,
      names = {"PIPS", "MOTE"})
  default void aPointIsDoneWhenItMovesNoMore(SmallModel model) {
    try (Pair pair = Pair.of(provider(), model, 64, 80, POINTS).encoded().sampled(POINTS)) {
      float[][] steps = new float[ITERATIONS + 1][];
      for (int i = 0; i <= ITERATIONS; i++) {
        steps[i] = i == 0 ? pair.trajectories(POINTS) : refined(pair.subject, pair, i, 0).xy();
      }
      float settle = betweenTheMiddleSteps(steps);
      Refinement expected = refined(pair.reference, pair, ITERATIONS, settle);
      Refinement actual = refined(pair.subject, pair, ITERATIONS, settle);
      Bounds.of(mote.engine.Precision.F32).assertClose("settled at " + settle, expected, actual);
      int most = 0;
      for (int n = 0; n < POINTS; n++) {
        int done = 1;
        while (done < ITERATIONS && step(steps, done, n) >= settle) {
          done++;
        }
        assertArrayEquals(point(steps[done], n), point(actual.xy(), n), "point " + n);
        most = Math.max(most, done);
      }
      assertEquals(most, iterations(pair.subject, pair, settle));
      assertEquals(most, iterations(pair.reference, pair, settle));
      assertNotEquals(1, most, "the threshold must stop some points, not all");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = SmallModel.class,
      names = {"PIPS", "MOTE"})
  default void noThresholdMeansAllIterations(SmallModel model) {
    try (Pair pair = Pair.of(provider(), model, 64, 80, POINTS).encoded().sampled(POINTS)) {
      assertEquals(ITERATIONS, iterations(pair.subject, pair, 0));
      assertEquals(1, iterations(pair.subject, pair, 8192));
    }
  }

  /** In the widest gap between the points' first steps, where rounding decides nothing. */
  private static float betweenTheMiddleSteps(float[][] steps) {
    float[] first = new float[POINTS];
    for (int n = 0; n < POINTS; n++) {
      first[n] = step(steps, 1, n);
    }
    Arrays.sort(first);
    int at = 1;
    for (int n = 1; n < POINTS; n++) {
      if (first[n] - first[n - 1] > first[at] - first[at - 1]) {
        at = n;
      }
    }
    assertTrue(first[at] - first[at - 1] > 1e-2, "the points move alike");
    return (first[at] + first[at - 1]) / 2;
  }

  /** The largest change of point n by iteration i, along x or y. */
  private static float step(float[][] steps, int i, int n) {
    float[] before = point(steps[i - 1], n);
    float[] after = point(steps[i], n);
    float largest = 0;
    for (int k = 0; k < after.length; k++) {
      largest = Math.max(largest, Math.abs(after[k] - before[k]));
    }
    return largest;
  }

  private static float[] point(float[] xy, int n) {
    float[] point = new float[2 * Pair.WINDOW];
    for (int s = 0; s < Pair.WINDOW; s++) {
      System.arraycopy(xy, 2 * (s * POINTS + n), point, 2 * s, 2);
    }
    return point;
  }

  private static Refinement refined(Backend backend, Pair pair, int iterations, float settle) {
    Refinement result =
        new Refinement(
            pair.trajectories(POINTS),
            new float[Pair.WINDOW * POINTS],
            backend.architecture().hasConfidence() ? new float[Pair.WINDOW * POINTS] : null);
    refine(backend, result, iterations, settle);
    return result;
  }

  private static int iterations(Backend backend, Pair pair, float settle) {
    float[] many = new float[Pair.WINDOW * POINTS];
    return refine(
        backend, new Refinement(pair.trajectories(POINTS), many, many.clone()), ITERATIONS, settle);
  }

  private static int refine(Backend backend, Refinement result, int iterations, float settle) {
    return backend.refine(
        Refinement.FRAMES,
        POINTS,
        Pair.counted(POINTS),
        Refinement.alternating(POINTS),
        iterations,
        settle,
        result.xy(),
        result.visibility(),
        result.confidence());
  }
}
