package mote.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Arrays;
import mote.engine.Architecture;
import mote.engine.Plan;
import mote.engine.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** {@link mote.engine.Backend#refine}: whole windows. */
interface RefineContract extends Contract {
  @ParameterizedTest
  @CsvSource({
    "PIPS, 1, 1",
    "PIPS, 2, 3",
    "PIPS, 7, 2",
    "PIPS, 8, 2",
    "PIPS, 9, 2",
    "PIPS, 15, 1",
    "PIPS, 16, 1",
    "PIPS, 17, 1",
    "PIPS, 33, 2",
    "PIPS_SHALLOW, 5, 3",
    "MOTE, 1, 1",
    "MOTE, 2, 3",
    "MOTE, 7, 2",
    "MOTE, 8, 2",
    "MOTE, 9, 2",
    "MOTE, 15, 1",
    "MOTE, 16, 1",
    "MOTE, 17, 1",
    "MOTE, 33, 2",
    "MOTE_SINGLE, 5, 3",
    "MOTE_BROAD, 3, 3"
  })
  default void refinesAnyNumberOfPoints(SmallModel model, int count, int iterations) {
    for (Precision precision : precisions()) {
      Plan plan = Plan.unscaled(67, 93, 4, 8, count);
      try (Pair pair = new Pair(provider(), model, plan, precision).encoded().sampled(count)) {
        float[] xy = pair.trajectories(count);
        assertRefinesAsReference(pair, Refinement.FRAMES, count, iterations, xy, precision);
      }
    }
  }

  @Test
  default void refinesAtStrideEight() {
    Plan plan = Plan.unscaled(72, 91, 8, 8, 9);
    try (Pair pair = new Pair(provider(), SmallModel.PIPS, plan, Precision.F32)) {
      pair.encoded().sampled(9);
      float[] xy = pair.trajectories(9);
      assertRefinesAsReference(pair, Refinement.FRAMES, 9, 2, xy, Precision.F32);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = SmallModel.class,
      names = {"PIPS", "MOTE"})
  default void slotsInAnyOrderAndRepeated(SmallModel model) {
    Plan plan = Plan.unscaled(64, 80, 4, 11, 6);
    try (Pair pair = new Pair(provider(), model, plan, Precision.F32)) {
      for (int slot : new int[] {10, 9, 0, 4}) {
        pair.encode(slot, slot % 8);
      }
      pair.sampled(6);
      int[] slots = {10, 9, 0, 4, 4, 4, 4, 4};
      assertRefinesAsReference(pair, slots, 6, 2, pair.trajectories(6), Precision.F32);
    }
  }

  /** A backend that keeps work between calls must not take one slot's for another's. */
  @ParameterizedTest
  @EnumSource(
      value = SmallModel.class,
      names = {"PIPS", "MOTE"})
  default void manySlotsAreNotTakenForEachOther(SmallModel model) {
    Plan plan = Plan.unscaled(64, 80, 4, 40, 5);
    try (Pair pair = new Pair(provider(), model, plan, Precision.F32)) {
      for (int slot = 0; slot < 40; slot++) {
        pair.encode(slot, slot * 3 % 8);
      }
      pair.sampled(5);
      for (int first : new int[] {0, 8, 16, 32}) {
        int[] slots = Arrays.stream(Refinement.FRAMES).map(s -> first + s).toArray();
        assertRefinesAsReference(pair, slots, 5, 2, pair.trajectories(5), Precision.F32);
      }
    }
  }

  private static void assertRefinesAsReference(
      Pair pair, int[] slots, int count, int iterations, float[] xy, Precision precision) {
    int[] templates = Pair.counted(count);
    boolean[] locked = Refinement.alternating(count);
    Refinement expected = Refinement.of(pair.reference, slots, templates, locked, iterations, xy);
    Refinement actual = Refinement.of(pair.subject, slots, templates, locked, iterations, xy);
    Bounds.of(precision)
        .assertClose(count + " points, " + iterations + " iterations", expected, actual);
    Refinement again = Refinement.of(pair.subject, slots, templates, locked, iterations, xy);
    assertArrayEquals(actual.xy(), again.xy(), "same input, same bits");
    assertArrayEquals(actual.visibility(), again.visibility(), "same input, same bits");
  }

  @ParameterizedTest
  @EnumSource(
      value = SmallModel.class,
      names = {"PIPS", "MOTE"})
  default void frameZeroStaysWhereItIsLocked(SmallModel model) {
    int count = 9;
    try (Pair pair = Pair.of(provider(), model, 64, 80, count).encoded().sampled(count)) {
      float[] xy = pair.trajectories(count);
      boolean[] locked = Refinement.alternating(count);
      Refinement result =
          Refinement.of(pair.subject, Refinement.FRAMES, Pair.counted(count), locked, 2, xy);
      for (int n = 0; n < count; n++) {
        boolean stays = locked[n] || pair.architecture.family() == Architecture.Family.PIPS;
        if (stays) {
          assertEquals(xy[2 * n], result.xy()[2 * n]);
          assertEquals(xy[2 * n + 1], result.xy()[2 * n + 1]);
        } else {
          assertNotEquals(xy[2 * n], result.xy()[2 * n]);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = SmallModel.class,
      names = {"PIPS", "MOTE"})
  default void pointsAreIndependentOfEachOther(SmallModel model) {
    int count = 17;
    try (Pair pair = Pair.of(provider(), model, 64, 80, count).encoded().sampled(count)) {
      float[] xy = pair.trajectories(count);
      boolean[] locked = Refinement.alternating(count);
      Refinement all =
          Refinement.of(pair.subject, Refinement.FRAMES, Pair.counted(count), locked, 2, xy);
      for (int n : new int[] {0, 8, 16}) {
        Refinement alone =
            Refinement.of(
                pair.subject,
                Refinement.FRAMES,
                new int[] {n},
                new boolean[] {locked[n]},
                2,
                pointOf(xy, n, count));
        Bounds.assertClose(
            "point " + n + " alone",
            pointOf(all.xy(), n, count),
            alone.xy(),
            Bounds.of(Precision.F32).px());
      }
    }
  }

  private static float[] pointOf(float[] xy, int n, int count) {
    float[] point = new float[2 * Pair.WINDOW];
    for (int s = 0; s < Pair.WINDOW; s++) {
      point[2 * s] = xy[2 * (s * count + n)];
      point[2 * s + 1] = xy[2 * (s * count + n) + 1];
    }
    return point;
  }

  @Test
  default void longerArraysKeepTheirEnds() {
    try (Pair pair = Pair.of(provider(), SmallModel.MOTE, 48, 64, 4).encoded().sampled(4)) {
      int size = 2 * Pair.WINDOW * 3;
      float[] xy = java.util.Arrays.copyOf(pair.trajectories(3), size + 5);
      xy[size] = -77;
      float[] visibility = new float[Pair.WINDOW * 3 + 1];
      visibility[Pair.WINDOW * 3] = -78;
      float[] confidence = new float[Pair.WINDOW * 3 + 1];
      confidence[Pair.WINDOW * 3] = -79;
      boolean[] locked = new boolean[9];
      int[] templates = {2, 1, 3, 0};
      pair.subject.refine(
          Refinement.FRAMES, 3, templates, locked, 1, 0, xy, visibility, confidence);
      assertEquals(-77, xy[size]);
      assertEquals(-78, visibility[Pair.WINDOW * 3]);
      assertEquals(-79, confidence[Pair.WINDOW * 3]);
    }
  }
}
