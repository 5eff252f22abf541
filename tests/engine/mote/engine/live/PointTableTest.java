package mote.engine.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Random;
import mote.engine.Plan;
import org.junit.jupiter.api.Test;

class PointTableTest {
  private static final int WINDOW = 8;
  private final PointTable table = new PointTable(4, WINDOW);

  private int point(long step, float x, float y) {
    int row = table.add();
    table.begin(row, step, x, y, true);
    return row;
  }

  private static Plan size(int height, int width) {
    return Plan.unscaled(height, width, 4, WINDOW, 1);
  }

  private void assertLies(int row, float x, float y) {
    int at = table.at(row, -1);
    assertEquals(x, table.trail[2 * at], 1e-4);
    assertEquals(y, table.trail[2 * at + 1], 1e-4);
  }

  @Test
  void twoChangesOfSizeWithoutAFrameBetweenCancelOut() {
    int followed = point(0, 22, 10);
    int frozen = point(0, 30, 7);
    table.state[frozen] = PointState.FROZEN;
    for (int step = 1; step <= 3; step++) { // the first step is not the newest
      table.put(followed, step, 22 + step, 10, .9f, 1);
      table.put(frozen, step, 30, 7, .9f, 1);
    }
    table.rescale(3, size(48, 64), size(96, 128));
    assertLies(followed, 50.5f, 20.5f);
    assertLies(frozen, 60.5f, 14.5f);
    table.rescale(-1, size(96, 128), size(48, 64));
    assertLies(followed, 25, 10);
    assertLies(frozen, 30, 7);
    assertEquals(0, table.visibility[table.at(followed, -1)], "lost: hidden until it is found");
    assertEquals(.9f, table.visibility[table.at(frozen, -1)], "held as it was");
  }

  @Test
  void aPointThatIsThawedBeforeTheFirstFrameOfASizeIsNotSeen() {
    int row = point(0, 22, 10);
    table.state[row] = PointState.FROZEN;
    table.rescale(0, size(48, 64), size(96, 128));
    table.thaw(row, -1);
    assertEquals(PointState.LOST, table.state[row]);
    assertEquals(0, table.visibility[table.at(row, -1)]);
  }

  @Test
  void whatIsLostWasSeenInNoStep() {
    int row = point(0, 22, 10);
    table.call(row, 1, true);
    table.lose(row, 2);
    for (int step = 0; step <= 2; step++) {
      assertFalse(table.seen(row, step), "step " + step);
    }
  }

  @Test
  void theLastStepInWhichTwoWereSeenTogetherIsFound() {
    Random random = new Random(7);
    int row = point(0, 1, 1);
    int other = point(0, 2, 2);
    boolean[][] seen = new boolean[2][300];
    seen[row][0] = true;
    seen[other][0] = true;
    for (int step = 1; step < 300; step++) {
      seen[row][step] = random.nextInt(3) == 0;
      seen[other][step] = random.nextInt(3) == 0;
      table.call(row, step, seen[row][step]);
      table.call(other, step, seen[other][step]);
      long expected = -1;
      for (int s = Math.max(0, step - 7); s < step; s++) {
        expected = seen[row][s] && seen[other][s] ? s : expected;
      }
      assertEquals(expected, table.seenTogether(row, other, step, 7), "step " + step);
    }
  }
}
