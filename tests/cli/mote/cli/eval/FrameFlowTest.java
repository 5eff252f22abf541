package mote.cli.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import mote.cli.demo.DemoScene;
import org.junit.jupiter.api.Test;

/** Dense flow, chained over pictures of a ground that moves 3 pixels a frame to the left. */
class FrameFlowTest {
  private static final int GROUND = 256;
  private static final int HEIGHT = 64;
  private static final int WIDTH = 96;
  private static final int SPEED = 3;
  private static final byte[] PICTURE = DemoScene.ground(GROUND);

  private static byte[] picture(int frame) {
    byte[] rgb = new byte[HEIGHT * WIDTH * 3];
    for (int y = 0; y < HEIGHT; y++) {
      int from = ((y + 40) * GROUND + 60 + frame * SPEED) * 3;
      System.arraycopy(PICTURE, from, rgb, y * WIDTH * 3, WIDTH * 3);
    }
    return rgb;
  }

  @Test
  void chainsTheFlow() {
    float[] xy = {70, 20, 60.5f, 40.25f};
    boolean[] found = new boolean[2];
    try (DenseFlow flow = new DenseFlow(HEIGHT, WIDTH)) {
      for (int frame = 0; frame < 11; frame++) {
        flow.advance(picture(frame), xy, found);
        assertTrue(found[0] && found[1], "frame " + frame);
      }
    }
    assertEquals(40, xy[0], 0.5);
    assertEquals(20, xy[1], 0.5);
    assertEquals(30.5, xy[2], 0.5);
    assertEquals(40.25, xy[3], 0.5);
  }

  @Test
  void outsideThePictureIsHiddenAndMovesOnWithTheBorder() {
    float[] xy = {4, 30, -20, 500};
    boolean[] found = new boolean[2];
    try (DenseFlow flow = new DenseFlow(HEIGHT, WIDTH)) {
      flow.advance(picture(0), xy, found);
      assertEquals(4, xy[0], "the first picture is only kept");
      for (int frame = 1; frame < 5; frame++) {
        flow.advance(picture(frame), xy, found);
      }
    }
    assertFalse(found[0] || found[1]);
    assertTrue(xy[0] < -2, "x=" + xy[0]);
    assertTrue(xy[2] < -22, "x=" + xy[2]);
  }

  @Test
  void whatTheFlowBackContradictsIsHidden() {
    float[] xy = {48, 32};
    boolean[] found = new boolean[1];
    byte[] covered = picture(1);
    java.util.Random random = new java.util.Random(7);
    for (int y = 12; y < 52; y++) {
      for (int x = 24; x < 72; x++) {
        for (int c = 0; c < 3; c++) {
          covered[(y * WIDTH + x) * 3 + c] = (byte) random.nextInt();
        }
      }
    }
    try (DenseFlow flow = new DenseFlow(HEIGHT, WIDTH)) {
      flow.advance(picture(0), xy, found);
      assertTrue(found[0]);
      flow.advance(covered, xy, found);
    }
    assertFalse(found[0]);
  }
}
