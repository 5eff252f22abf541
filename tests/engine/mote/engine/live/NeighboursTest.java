package mote.engine.live;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** The same cases as tests/training/test_neighbours.py. */
class NeighboursTest {
  private static final int STEPS = 5;
  private final PointTable table = new PointTable(32, 8);
  private final Neighbours neighbours = new Neighbours(table, 32);
  private final float[] out = new float[4];

  /** Points at (10 n + step, n), seen in steps 0 to 4. */
  private void points(int count) {
    for (int n = 0; n < count; n++) {
      int row = table.add();
      table.begin(row, 0, 10 * n, n, true);
      table.hidden[row] = 0;
      for (int step = 1; step <= STEPS; step++) {
        table.put(row, step, 10 * n + step, n, 1, 1);
        table.call(row, step, step < STEPS || n > 0);
      }
    }
  }

  private float[] support(int row, long step, float x, float y) {
    neighbours.hear(row, step);
    neighbours.support(x, y, out, 0);
    out[3] = neighbours.voices();
    return out;
  }

  @Test
  void theySayWhereThePointIs() {
    points(4);
    neighbours.remember(0, STEPS);
    assertArrayEquals(new float[] {0, 0, 3, 3 / 8f}, support(0, STEPS, STEPS, 0));
    assertArrayEquals(new float[] {.25f, .25f, 3, 3 / 8f}, support(0, STEPS, STEPS, 4));
    assertArrayEquals(
        new float[] {.375f, .375f, 0, 3 / 8f}, support(0, STEPS, STEPS, 6), "6 is too far");
    assertArrayEquals(new float[] {4, 4, 0, 3 / 8f}, support(0, STEPS, 99, 99));
  }

  @Test
  void whoWasNotSeenTogetherOrIsNotSeenNowSaysNothing() {
    points(5);
    for (int step = 0; step < STEPS; step++) {
      table.call(1, step, false);
    }
    table.call(2, STEPS - 1, false); // the step before counts, for what it says now
    table.call(3, STEPS, false);
    neighbours.remember(0, STEPS);
    assertArrayEquals(new float[] {0, 4, 1, 1 / 8f}, support(0, STEPS, STEPS, 0));
  }

  @Test
  void theLastStepTogetherCounts() {
    points(2);
    table.put(1, STEPS - 1, 50, 40, 1, 1);
    table.put(1, STEPS, 51, 40, 1, 1);
    neighbours.remember(0, STEPS);
    assertEquals(0, support(0, STEPS, STEPS, 0)[0]);
    table.call(1, STEPS - 1, false);
    neighbours.remember(0, STEPS);
    table.call(1, STEPS - 1, true);
    // One step earlier they were 10 apart in x and 1 in y: from (51, 40) that says (41, 39).
    assertEquals(0, support(0, STEPS, 41, 39)[0]);
  }

  @Test
  void theNearestSixteenAreRemembered() {
    points(21);
    neighbours.remember(0, STEPS);
    support(0, STEPS, STEPS, 0);
    assertArrayEquals(new float[] {0, 0, 5, 1}, out);
    for (int n = 1; n <= 16; n++) {
      table.call(n, STEPS, false);
    }
    assertArrayEquals(
        new float[] {4, 4, 0, 0}, support(0, STEPS, STEPS, 0), "those behind are not");
  }
}
