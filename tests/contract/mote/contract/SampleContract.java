package mote.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
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

  /** What was read from one backend is worth the same in another. */
  @ParameterizedTest
  @EnumSource(SmallModel.class)
  default void aRestoredTemplateIsTheOneThatWasRead(SmallModel model) {
    int[] slots = {0, 1, 2, 3, 4, 5, 6, 7};
    try (Pair pair = Pair.of(provider(), model, 64, 80, 17).encoded().sampled(3)) {
      float[] xy = pair.trajectories(3);
      boolean[] locked = new boolean[3];
      Refinement before = Refinement.of(pair.subject, slots, new int[] {0, 1, 2}, locked, 2, xy);
      int size = pair.architecture.templateSize();
      float[] values = new float[3 * size];
      for (int n = 0; n < 3; n++) {
        System.arraycopy(pair.template(pair.subject, n), 0, values, n * size, size);
      }
      pair.subject.sample(7, 3, new int[] {0, 1, 2}, pair.points(6));
      int[] others = {16, 0, 7};
      pair.subject.restore(3, others, values);
      assertArrayEquals(
          pair.template(pair.subject, 7), Arrays.copyOfRange(values, 2 * size, 3 * size));
      Refinement after = Refinement.of(pair.subject, slots, others, locked, 2, xy);
      Bounds.of(Precision.F32).assertClose("restored", before, after);
      pair.reference.restore(3, new int[] {0, 1, 2}, values);
      Bounds.of(Precision.F32)
          .assertClose(
              "restored in another backend",
              Refinement.of(pair.reference, slots, new int[] {0, 1, 2}, locked, 2, xy),
              after);
    }
  }
}
