package mote.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Comparator;
import java.util.stream.IntStream;
import mote.engine.Backend;
import mote.engine.Plan;
import mote.engine.Precision;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@link Backend#refine} with a threshold: points that settle are left alone. */
interface SettleContract extends Contract {
  int POINTS = 21;
  int ITERATIONS = 4;

  /**
   * Points that go on, at least: the rest, which are done at once, are the last ones of the call,
   * so that whatever takes up to 16 points together has nothing to do there.
   */
  int TOGETHER = 16;

  @ParameterizedTest
  @EnumSource(
      value = SmallModel.class,
      names = {"PIPS", "MOTE"})
  default void aPointIsDoneWhenItMovesNoMore(SmallModel model) {
    for (Precision precision : precisions()) {
      try (Pair pair = open(model, precision)) {
        Calls calls = Calls.byFirstStep(pair);
        float[][] steps = new float[ITERATIONS + 1][];
        for (int i = 0; i <= ITERATIONS; i++) {
          steps[i] = i == 0 ? calls.trajectories() : calls.refined(pair.subject, i, 0).xy();
        }
        float settle = behindThoseTogether(steps);
        Refinement actual = calls.refined(pair.subject, ITERATIONS, settle);
        int most = 0;
        for (int n = 0; n < POINTS; n++) {
          int done = 1;
          while (done < ITERATIONS && step(steps, done, n) >= settle) {
            done++;
          }
          assertArrayEquals(point(steps[done], n), point(actual.xy(), n), "point " + n);
          most = Math.max(most, done);
        }
        assertEquals(most, calls.iterations(pair.subject, settle));
        assertNotEquals(1, most, "the threshold must stop some points, not all");
        if (precision == Precision.F32) { // rounding of 8 bits may decide at later steps
          Refinement expected = calls.refined(pair.reference, ITERATIONS, settle);
          Bounds.of(precision).assertClose("settled at " + settle, expected, actual);
          assertEquals(most, calls.iterations(pair.reference, settle));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = SmallModel.class,
      names = {"PIPS", "MOTE"})
  default void noThresholdMeansAllIterations(SmallModel model) {
    for (Precision precision : precisions()) {
      try (Pair pair = open(model, precision)) {
        Calls calls = new Calls(pair, Pair.counted(POINTS));
        assertEquals(ITERATIONS, calls.iterations(pair.subject, 0));
        assertEquals(1, calls.iterations(pair.subject, 8192));
      }
    }
  }

  private Pair open(SmallModel model, Precision precision) {
    Plan plan = Plan.unscaled(64, 80, 4, Pair.WINDOW, POINTS);
    return new Pair(provider(), model, plan, precision).encoded().sampled(POINTS);
  }

  /**
   * In the widest gap between the points' first steps, largest first, that leaves enough of them;
   * there rounding decides nothing.
   */
  private static float behindThoseTogether(float[][] steps) {
    int at = TOGETHER;
    for (int n = TOGETHER; n < POINTS; n++) {
      if (gap(steps, n) > gap(steps, at)) {
        at = n;
      }
    }
    assertTrue(gap(steps, at) > 1e-2, "the points move alike: gap=" + gap(steps, at));
    return (step(steps, 1, at - 1) + step(steps, 1, at)) / 2;
  }

  private static float gap(float[][] steps, int n) {
    return step(steps, 1, n - 1) - step(steps, 1, n);
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

  /**
   * Calls of a pair with its points in some order.
   *
   * @param templates of the rows; the points' trajectories follow them
   */
  record Calls(Pair pair, int[] templates) {
    /** Those that the first iteration moves furthest come first. */
    static Calls byFirstStep(Pair pair) {
      Calls counted = new Calls(pair, Pair.counted(POINTS));
      float[][] steps = {counted.trajectories(), counted.refined(pair.subject, 1, 0).xy()};
      return new Calls(
          pair,
          IntStream.range(0, POINTS)
              .boxed()
              .sorted(Comparator.comparing(n -> -step(steps, 1, n)))
              .mapToInt(n -> n)
              .toArray());
    }

    float[] trajectories() {
      float[] all = pair.trajectories(POINTS);
      float[] ordered = new float[all.length];
      for (int i = 0; i < Pair.WINDOW * POINTS; i++) {
        int from = i / POINTS * POINTS + templates[i % POINTS];
        System.arraycopy(all, 2 * from, ordered, 2 * i, 2);
      }
      return ordered;
    }

    Refinement refined(Backend backend, int iterations, float settle) {
      boolean confidence = backend.architecture().hasConfidence();
      Refinement result =
          new Refinement(
              trajectories(),
              new float[Pair.WINDOW * POINTS],
              confidence ? new float[Pair.WINDOW * POINTS] : null);
      refine(backend, result, iterations, settle);
      return result;
    }

    /** How many a call took. */
    int iterations(Backend backend, float settle) {
      float[] many = new float[Pair.WINDOW * POINTS];
      Refinement result = new Refinement(trajectories(), many, many.clone());
      return refine(backend, result, ITERATIONS, settle);
    }

    private int refine(Backend backend, Refinement result, int iterations, float settle) {
      return backend.refine(
          Refinement.FRAMES,
          POINTS,
          templates,
          Refinement.alternating(POINTS),
          iterations,
          settle,
          result.xy(),
          result.visibility(),
          result.confidence());
    }
  }
}
