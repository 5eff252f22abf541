package mote.contract;

import mote.engine.Architecture;
import mote.engine.Backend;
import mote.engine.Plan;
import mote.engine.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** {@link Backend.Stages#correlate} and {@link Backend.Stages#mixerInput}. */
interface CorrelateContract extends Contract {
  /** Coordinates that put every neighbourhood outside, and far enough to overflow an int. */
  float[] FAR = {-1e5f, 3e9f, -3e9f, 1e20f, Float.MAX_VALUE, 5e8f};

  @ParameterizedTest
  @EnumSource(SmallModel.class)
  default void correlatesInsideAndOutside(SmallModel model) {
    int count = 17;
    for (Precision precision : precisions()) {
      Plan plan = Plan.unscaled(67, 93, 4, 8, count);
      try (Pair pair = new Pair(provider(), model, plan, precision).encoded().sampled(count)) {
        float[] xy = pair.trajectories(count);
        Bounds.assertClose(
            model + " correlation " + precision,
            correlate(pair.reference, xy, null, count),
            correlate(pair.subject, xy, null, count),
            Bounds.of(precision).features());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = SmallModel.class,
      names = {"PIPS", "MOTE"})
  default void nothingIsCorrelatedFarOutside(SmallModel model) {
    try (Pair pair = Pair.of(provider(), model, 48, 64, 3).encoded().sampled(3)) {
      float[] xy = pair.trajectories(3);
      System.arraycopy(FAR, 0, xy, 2 * 3, FAR.length);
      Bounds.assertClose(
          "correlation far outside",
          correlate(pair.reference, xy, null, 3),
          correlate(pair.subject, xy, null, 3),
          Bounds.of(Precision.F32).features());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "PIPS, 1", "PIPS, 2", "PIPS, 7", "PIPS, 8", "PIPS, 9", "PIPS, 33", "PIPS_SHALLOW, 5",
    "MOTE, 1", "MOTE, 2", "MOTE, 7", "MOTE, 8", "MOTE, 9", "MOTE, 33", "MOTE_SINGLE, 5",
    "MOTE_BROAD, 3"
  })
  default void mixerInputWithState(SmallModel model, int count) {
    for (Precision precision : precisions()) {
      Plan plan = Plan.unscaled(64, 80, 4, 8, count);
      try (Pair pair = new Pair(provider(), model, plan, precision).encoded().sampled(count)) {
        float[] xy = pair.trajectories(count);
        for (float[] state : new float[][] {null, state(pair.architecture, count)}) {
          Bounds.assertClose(
              model + " mixer input " + precision,
              mixerInput(pair.reference, xy, state, count),
              mixerInput(pair.subject, xy, state, count),
              Bounds.of(precision).mixer());
        }
      }
    }
  }

  @Test
  default void mixerInputAtStrideEight() {
    Plan plan = Plan.unscaled(72, 91, 8, 8, 9);
    try (Pair pair = new Pair(provider(), SmallModel.PIPS, plan, Precision.F32)) {
      pair.encoded().sampled(9);
      float[] xy = pair.trajectories(9);
      float[] state = state(pair.architecture, 9);
      Bounds.assertClose(
          "mixer input at stride 8",
          mixerInput(pair.reference, xy, state, 9),
          mixerInput(pair.subject, xy, state, 9),
          Bounds.of(Precision.F32).mixer());
    }
  }

  private static float[] correlate(Backend backend, float[] xy, float[] state, int count) {
    float[] out = new float[count * Pair.WINDOW * backend.architecture().correlations()];
    int[] templates = Pair.counted(count);
    backend.stages().correlate(Refinement.FRAMES, count, templates, xy, state, out);
    return out;
  }

  private static float[] mixerInput(Backend backend, float[] xy, float[] state, int count) {
    float[] out = new float[count * Pair.WINDOW * backend.architecture().mixerInputs()];
    int[] templates = Pair.counted(count);
    backend.stages().mixerInput(Refinement.FRAMES, count, templates, xy, state, out);
    return out;
  }

  /** Features of the order of 1, or logits of which some are beyond what the input clamps. */
  private static float[] state(Architecture architecture, int count) {
    float[] state = new float[count * Pair.WINDOW * architecture.stateSize()];
    double size = architecture.family() == Architecture.Family.PIPS ? 1 : 11;
    for (int i = 0; i < state.length; i++) {
      state[i] = (float) (size * Math.sin(12.9898 * i));
    }
    return state;
  }
}
