package mote.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import mote.engine.Plan;
import mote.engine.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@link mote.engine.Backend#sample}: templates of points. */
interface SampleContract extends Contract {
  @ParameterizedTest
  @EnumSource(SmallModel.class)
  default void templatesInsideAndOutside(SmallModel model) {
    int count = 33;
    for (Precision precision : precisions()) {
      Plan plan = Plan.unscaled(53, 71, 4, 8, count);
      try (Pair pair = new Pair(provider(), model, plan, precision)) {
        pair.encode(0, 0);
        pair.sampled(count);
        for (int n = 0; n < count; n++) {
          Bounds.assertClose(
              model + " template " + n + " " + precision,
              pair.template(pair.reference, n),
              pair.template(pair.subject, n),
              Bounds.of(precision).features());
        }
      }
    }
  }

  @Test
  default void templatesAtStrideEight() {
    Plan plan = Plan.unscaled(72, 91, 8, 8, 9);
    try (Pair pair = new Pair(provider(), SmallModel.PIPS, plan, Precision.F32)) {
      pair.encode(0, 0);
      pair.sampled(9);
      for (int n = 0; n < 9; n++) {
        Bounds.assertClose(
            "template " + n,
            pair.template(pair.reference, n),
            pair.template(pair.subject, n),
            Bounds.of(Precision.F32).features());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(SmallModel.class)
  default void aTemplateOutlivesItsSlotAndGoesByItsId(SmallModel model) {
    try (Pair pair = Pair.of(provider(), model, 48, 64, 17)) {
      pair.encode(2, 0);
      float[] xy = pair.points(3);
      pair.subject.sample(2, 3, new int[] {16, 0, 5}, xy);
      float[] kept = pair.template(pair.subject, 0);
      pair.encode(2, 7);
      assertArrayEquals(kept, pair.template(pair.subject, 0));
      pair.encode(2, 0);
      pair.subject.sample(2, 1, new int[] {7}, new float[] {xy[2], xy[3]});
      assertArrayEquals(kept, pair.template(pair.subject, 7), "alone or among others");
    }
  }
}
