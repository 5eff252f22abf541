package mote.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/** The pictures show the points where the clip says that they are. */
class LiveClipTest {
  private static final int SIDE = 128;

  @Test
  void pixelsMoveWithTheirPoints() {
    try (LiveClip clip = new LiveClip(SIDE, SIDE)) {
      float[] points = clip.points(16);
      for (long frame : new long[] {0, 1, 17, 60, 90, 119, 120, 1_000_003}) {
        for (int i = 0; i < points.length; i += 2) {
          int x = Math.round(points[i]);
          int y = Math.round(points[i + 1]);
          int movedX = Math.round(LiveClip.x(x, frame));
          int movedY = Math.round(LiveClip.y(y, frame));
          assertTrue(movedX >= 8 && movedX < SIDE - 8, "x=" + movedX);
          assertTrue(movedY >= 7 && movedY < SIDE - 7, "y=" + movedY);
          assertEquals(colour(clip.picture(0), x, y), colour(clip.picture(frame), movedX, movedY));
        }
      }
    }
  }

  private static int colour(MemorySegment picture, int x, int y) {
    long at = 3L * (y * SIDE + x);
    return (picture.get(ValueLayout.JAVA_BYTE, at) & 0xff) << 16
        | (picture.get(ValueLayout.JAVA_BYTE, at + 1) & 0xff) << 8
        | picture.get(ValueLayout.JAVA_BYTE, at + 2) & 0xff;
  }
}
