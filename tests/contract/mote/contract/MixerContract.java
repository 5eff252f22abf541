package mote.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import mote.engine.Architecture;
import mote.engine.Backend;
import mote.engine.Plan;
import mote.engine.Precision;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@link Backend.Stages#mixer}. */
interface MixerContract extends Contract {
  int[] COUNTS = {1, 2, 7, 8, 9, 15, 16, 17, 33, 131};

  @ParameterizedTest
  @EnumSource(SmallModel.class)
  default void mixesAnyNumberOfPoints(SmallModel model) {
    for (Precision precision : precisions()) {
      Plan plan = Plan.unscaled(64, 64, 4, 8, COUNTS[COUNTS.length - 1]);
      try (Pair pair = new Pair(provider(), model, plan, precision)) {
        for (int count : COUNTS) {
          float[] in = input(pair.architecture, count);
          float[] actual = mix(pair.subject, in, count);
          Bounds.assertClose(
              model + " mixer of " + count + " points " + precision,
              mix(pair.reference, in, count),
              actual,
              Bounds.of(precision).mixer());
          assertArrayEquals(actual, mix(pair.subject, in, count), "same input, same bits");
        }
      }
    }
  }

  private static float[] mix(Backend backend, float[] in, int count) {
    float[] out = new float[count * backend.architecture().mixerOutputs()];
    backend.stages().mixer(count, in, out);
    return out;
  }

  private static float[] input(Architecture architecture, int count) {
    float[] in = new float[count * Pair.WINDOW * architecture.mixerInputs()];
    for (int i = 0; i < in.length; i++) {
      in[i] = (float) (1.5 * Math.sin(78.233 * i + count));
    }
    return in;
  }
}
