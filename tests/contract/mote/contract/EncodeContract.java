package mote.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Arrays;
import mote.engine.Plan;
import mote.engine.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** {@link mote.engine.Backend#encode}: pictures to feature pyramids. */
interface EncodeContract extends Contract {
  @ParameterizedTest
  @CsvSource({
    "PIPS, 64, 64",
    "PIPS, 67, 93",
    "PIPS, 33, 130",
    "PIPS_SHALLOW, 32, 47",
    "MOTE, 64, 64",
    "MOTE, 67, 93",
    "MOTE, 33, 130",
    "MOTE_SINGLE, 32, 32",
    "MOTE_BROAD, 45, 38"
  })
  default void featuresOfAnySize(SmallModel model, int height, int width) {
    for (Precision precision : precisions()) {
      Plan plan = Plan.unscaled(height, width, 4, 8, 1);
      assertEncodesAsReference(model, plan, precision);
    }
  }

  @ParameterizedTest
  @CsvSource({"PIPS, 72, 91", "PIPS_SHALLOW, 65, 64"})
  default void featuresAtStrideEight(SmallModel model, int height, int width) {
    for (Precision precision : precisions()) {
      assertEncodesAsReference(model, Plan.unscaled(height, width, 8, 8, 1), precision);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "57, 83, 64, 96",
    "150, 190, 64, 80",
    "200, 50, 67, 93",
    "64, 333, 64, 48",
    "1, 1, 32, 32"
  })
  default void resizesTheSource(int sourceHeight, int sourceWidth, int height, int width) {
    Plan plan = new Plan(sourceHeight, sourceWidth, height, width, 4, 8, 1);
    assertEncodesAsReference(SmallModel.MOTE, plan, Precision.F32);
    assertEncodesAsReference(SmallModel.PIPS_SHALLOW, plan, Precision.F32);
  }

  private void assertEncodesAsReference(SmallModel model, Plan plan, Precision precision) {
    try (Pair pair = new Pair(provider(), model, plan, precision)) {
      pair.encode(3, 5);
      for (int level = 0; level < pair.architecture.levels(); level++) {
        Bounds.assertClose(
            model + " level " + level + " " + precision,
            pair.features(pair.reference, 3, level),
            pair.features(pair.subject, 3, level),
            Bounds.of(precision).features());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = SmallModel.class,
      names = {"PIPS", "MOTE"})
  default void paddingOfRowsIsNotRead(SmallModel model) {
    for (Plan plan :
        new Plan[] {new Plan(45, 61, 48, 64, 4, 8, 1), Plan.unscaled(45, 61, 4, 8, 1)}) {
      assertPaddingIsNotRead(model, plan);
    }
  }

  private void assertPaddingIsNotRead(SmallModel model, Plan plan) {
    try (Pair pair = new Pair(provider(), model, plan, Precision.F32)) {
      pair.subject.encode(0, pair.clip.frame(2), pair.clip.row());
      float[] tight = pair.features(pair.subject, 0, 0);
      for (int extra : new int[] {1, 5, 64}) {
        long rowStride = pair.clip.row() + extra;
        pair.subject.encode(1, pair.clip.frame(2, rowStride, (byte) -1), rowStride);
        assertArrayEquals(tight, pair.features(pair.subject, 1, 0), "padding of " + extra);
      }
    }
  }

  @Test
  default void aSlotIsOverwritten() {
    try (Pair pair = Pair.of(provider(), SmallModel.MOTE, 48, 64, 1)) {
      pair.encode(7, 0);
      float[] first = pair.features(pair.subject, 7, 0);
      pair.encode(7, 6);
      float[] second = pair.features(pair.subject, 7, 0);
      assertFalse(Arrays.equals(first, second));
      pair.encode(6, 6);
      assertArrayEquals(second, pair.features(pair.subject, 6, 0), "same picture, same bits");
      pair.encode(7, 0);
      assertArrayEquals(first, pair.features(pair.subject, 7, 0), "same picture, same bits");
    }
  }
}
