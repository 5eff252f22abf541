package mote.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** Sizes and the way between the source's pixels and the working picture's. */
class PlanTest {
  @Test
  void pixelsAreAreasWhoseOuterEdgesMeet() {
    Plan plan = new Plan(480, 854, 352, 640, 4, 8, 1);
    assertEquals(-0.5, plan.workingX(-0.5f), 1e-6);
    assertEquals(639.5, plan.workingX(853.5f), 1e-4);
    assertEquals(351.5, plan.workingY(479.5f), 1e-4);
    assertEquals((100 + 0.5) * 640 / 854 - 0.5, plan.workingX(100), 1e-5);
    assertEquals((100 + 0.5) * 352 / 480 - 0.5, plan.workingY(100), 1e-5);
    for (float pixel : new float[] {-30, 0, 0.25f, 411, 853}) {
      assertEquals(pixel, plan.sourceX(plan.workingX(pixel)), 1e-4);
      assertEquals(pixel, plan.sourceY(plan.workingY(pixel)), 1e-4);
    }
    Plan unscaled = Plan.unscaled(480, 854, 4, 8, 1);
    assertEquals(123.4567f, unscaled.workingX(123.4567f));
    assertEquals(123.4567f, unscaled.sourceY(123.4567f));
  }

  @Test
  void sizesOutOfRangeAreRefused() {
    assertRefused("source_height=0; give 1 to 8192", 0, 9, 32, 32, 8, 1);
    assertRefused("source_width=8193; give 1 to 8192", 9, 8193, 32, 32, 8, 1);
    assertRefused("height=31; give 32 to 8192", 9, 9, 31, 32, 8, 1);
    assertRefused("width=-1; give 32 to 8192", 9, 9, 32, -1, 8, 1);
    assertRefused("slots=4097; give 1 to 4096", 9, 9, 32, 32, 4097, 1);
    assertRefused("points=0; give 1 to 65536", 9, 9, 32, 32, 8, 0);
    assertEquals(
        "stride is not supported: stride=5; use 4 or 8",
        assertThrows(MoteException.class, () -> Plan.unscaled(64, 64, 5, 8, 1)).getMessage());
  }

  private static void assertRefused(
      String expected,
      int sourceHeight,
      int sourceWidth,
      int height,
      int width,
      int slots,
      int points) {
    assertEquals(
        "size is out of range: " + expected,
        assertThrows(
                MoteException.class,
                () -> new Plan(sourceHeight, sourceWidth, height, width, 4, slots, points))
            .getMessage());
  }
}
