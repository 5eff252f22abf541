package mote.cli.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import mote.cli.eval.Truth;
import org.junit.jupiter.api.Test;

/** The demo's truth is where the pictures say it is. */
class DemoSceneTest {
  private static final DemoScene SCENE = new DemoScene();
  private static final Truth TRUTH = SCENE.truth(12, 60);
  private static final List<byte[]> PICTURES = SCENE.render();

  @Test
  void everyPointIsSeenFirstAndManyHideLater() {
    int hidden = 0;
    int outside = 0;
    int back = 0;
    for (int n = 0; n < TRUTH.points(); n++) {
      assertTrue(TRUTH.visible()[n], "point " + n);
      boolean left = false;
      boolean returned = false;
      for (int frame = 0; frame < TRUTH.frames(); frame++) {
        float x = TRUTH.xy()[(frame * TRUTH.points() + n) * 2];
        boolean visible = TRUTH.visible()[frame * TRUTH.points() + n];
        boolean out = x < -0.5 || x > DemoScene.WIDTH - 0.5;
        hidden += visible ? 0 : 1;
        outside += out ? 1 : 0;
        returned |= left && visible;
        left |= out;
      }
      back += returned ? 1 : 0;
    }
    double share = (double) hidden / (TRUTH.points() * TRUTH.frames());
    assertTrue(share > 0.15 && share < 0.35, "hidden share " + share);
    assertTrue(outside > 100, "outside " + outside);
    assertTrue(back >= 10, "points that leave and return " + back);
  }

  /** A visible point keeps its colour, up to light and shadow; what is at rest does not. */
  @Test
  void visiblePointsKeepTheirColour() {
    double followed = 0;
    double resting = 0;
    int count = 0;
    for (int frame = 10; frame < TRUTH.frames(); frame += 10) {
      for (int n = 0; n < TRUTH.points(); n++) {
        if (TRUTH.visible()[frame * TRUTH.points() + n]) {
          followed += Math.abs(grey(frame, n, frame) - grey(0, n, 0));
          resting += Math.abs(grey(frame, n, 0) - grey(0, n, 0));
          count++;
        }
      }
    }
    assertTrue(count > 500, "points " + count);
    assertTrue(followed / count < 16, "followed " + followed / count);
    assertTrue(followed * 2 < resting, "followed " + followed + ", resting " + resting);
  }

  @Test
  void theSameInEveryRun() {
    assertArrayEquals(PICTURES.get(7), new DemoScene().render(7));
    assertFalse(java.util.Arrays.equals(PICTURES.get(7), PICTURES.get(8)));
  }

  /** Mean of a 3x3 neighbourhood in one picture, at the place of a point on another frame. */
  private static double grey(int picture, int point, int placeFrame) {
    int at = (placeFrame * TRUTH.points() + point) * 2;
    int x = Math.clamp(Math.round(TRUTH.xy()[at]), 1, DemoScene.WIDTH - 2);
    int y = Math.clamp(Math.round(TRUTH.xy()[at + 1]), 1, DemoScene.HEIGHT - 2);
    double sum = 0;
    for (int j = y - 1; j <= y + 1; j++) {
      for (int i = x - 1; i <= x + 1; i++) {
        for (int c = 0; c < 3; c++) {
          sum += PICTURES.get(picture)[(j * DemoScene.WIDTH + i) * 3 + c] & 0xff;
        }
      }
    }
    return sum / 27;
  }
}
