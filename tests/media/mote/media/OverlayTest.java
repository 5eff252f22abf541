package mote.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.Set;
import mote.engine.MoteException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class OverlayTest {
  private static final int HEIGHT = 120;
  private static final int WIDTH = 160;
  private static final int BACKGROUND = 128;

  private Arena arena;
  private MemorySegment picture;

  @BeforeEach
  void open() {
    arena = Arena.ofConfined();
    picture = arena.allocate(3L * HEIGHT * WIDTH);
    picture.fill((byte) BACKGROUND);
  }

  @AfterEach
  void close() {
    arena.close();
  }

  @Test
  void aVisiblePointIsADotOfItsColourWithADarkEdge() {
    draw(new Overlay(HEIGHT, WIDTH, 3, 0), 1, 40, 50, 0.9f);
    assertEquals(PointColours.of(1), rgb(40, 50));
    assertEquals(PointColours.of(1), rgb(41, 50));
    assertTrue(green(43, 50) < BACKGROUND - 20, "dark edge");
    assertOnlyNear(40, 50, 5);
  }

  @Test
  void aHiddenPointIsARing() {
    draw(new Overlay(HEIGHT, WIDTH, 3, 0), 1, 40, 50, 0.49f);
    assertTrue(distance(PointColours.of(1), rgb(40, 50)) > 100, "hollow");
    assertTrue(distance(PointColours.of(1), rgb(42, 51)) < 60, "ring");
    assertOnlyNear(40, 50, 6);
  }

  @Test
  void theTrailFadesAndEnds() {
    Overlay overlay = new Overlay(HEIGHT, WIDTH, 1, 4);
    for (int f = 0; f < 8; f++) {
      picture.fill((byte) BACKGROUND);
      draw(overlay, 0, 20 + 15 * f, 50, 1);
    }
    // The point is at x = 125; four frames of trail reach back to x = 65.
    int colour = PointColours.of(0);
    int young = distance(rgb(115, 50), colour);
    int middle = distance(rgb(100, 50), colour);
    int old = distance(rgb(72, 50), colour);
    assertTrue(young < middle && middle < old, young + " < " + middle + " < " + old);
    assertTrue(old < distance(BACKGROUND * 0x010101, colour));
    assertEquals(BACKGROUND * 0x010101, rgb(60, 50));
    overlay.reset();
    picture.fill((byte) BACKGROUND);
    draw(overlay, 0, 125, 50, 1);
    assertEquals(BACKGROUND * 0x010101, rgb(115, 50));
  }

  @Test
  void trailsBreakWhereAPointDoesNotExist() {
    Overlay overlay = new Overlay(HEIGHT, WIDTH, 1, 6);
    draw(overlay, 0, 20, 50, 1);
    draw(overlay, 0, Float.NaN, Float.NaN, 1);
    picture.fill((byte) BACKGROUND);
    draw(overlay, 0, 80, 50, 1);
    assertOnlyNear(80, 50, 5);
  }

  @Test
  void pointsOutsideTouchNothingAndAtTheBorderArePartlySeen() {
    Overlay overlay = new Overlay(HEIGHT, WIDTH, 2, 3);
    float[][] positions = {
      {-50, 10}, {1e9f, 5}, {Float.POSITIVE_INFINITY, 3}, {Float.NaN, 4}, {20, 1e30f}, {-50, -9e5f}
    };
    for (float[] p : positions) {
      overlay.reset();
      draw(overlay, 0, p[0], p[1], 1);
    }
    for (long i = 0; i < picture.byteSize(); i++) {
      assertEquals((byte) BACKGROUND, picture.get(ValueLayout.JAVA_BYTE, i));
    }
    draw(overlay, 0, WIDTH - 1, HEIGHT - 1, 1);
    assertEquals(PointColours.of(0), rgb(WIDTH - 1, HEIGHT - 1));
    draw(overlay, 0, 0, 0, 1);
    assertEquals(PointColours.of(0), rgb(0, 0));
  }

  @Test
  void subPixelPositionsMoveTheCentreOfGravity() {
    for (float x = 40; x <= 41; x += 0.25f) {
      picture.fill((byte) 0);
      Canvas canvas = new Canvas(HEIGHT, WIDTH);
      canvas.ring(picture, x, 50.5f, -1, 3, 1, 0xffffff);
      double sum = 0;
      double weighted = 0;
      double rows = 0;
      for (int i = 0; i < HEIGHT * WIDTH; i++) {
        double v = picture.get(ValueLayout.JAVA_BYTE, 3L * i) & 0xff;
        sum += v;
        weighted += v * (i % WIDTH);
        rows += v * (i / WIDTH);
      }
      assertEquals(x, weighted / sum, 0.02);
      assertEquals(50.5, rows / sum, 0.02);
      // A ramp of one pixel across the edge adds pi / 12.
      assertEquals(Math.PI * (9 + 1 / 12.0), sum / 255, 0.4, "area");
    }
  }

  @Test
  void truthIsAWhiteCross() {
    Overlay overlay = new Overlay(HEIGHT, WIDTH, 2, 3);
    overlay.drawTruth(picture, 2, new float[] {30, Float.NaN}, new float[] {40, 10});
    assertTrue(green(30, 40) > 240);
    assertOnlyNear(30, 40, 5);
  }

  @Test
  void coloursAreDistinctAndReadable() {
    Set<Integer> colours = new HashSet<>();
    for (int i = 0; i < 64; i++) {
      int colour = PointColours.of(i);
      colours.add(colour);
      assertEquals(colour, PointColours.of(i));
      assertTrue(distance(colour, 0x000000) > 150, "on black: " + Integer.toHexString(colour));
      assertTrue(i == 0 || distance(colour, PointColours.of(i - 1)) > 60, "neighbours " + i);
    }
    assertTrue(colours.size() >= 63, "distinct: " + colours.size());
  }

  @Test
  void wrongSizesAreNamed() {
    Overlay overlay = new Overlay(HEIGHT, WIDTH, 2, 3);
    float[] three = new float[3];
    assertEquals(
        "an overlay got another number of points than it can draw: points=3, capacity=2,"
            + " shortest_array=3; open it with the capacity that is needed",
        assertThrows(MoteException.class, () -> overlay.draw(picture, 3, three, three, three))
            .getMessage());
    MemorySegment small = picture.asSlice(0, 30);
    assertEquals(
        "a picture has another size than the overlay: bytes=30, height=120, width=160; give height"
            + " * width RGB triples",
        assertThrows(MoteException.class, () -> overlay.draw(small, 1, three, three, three))
            .getMessage());
    assertEquals(
        "an overlay's sizes are impossible: height=0, width=1, capacity=1, trail=1; give a size of"
            + " at least 1x1 and no negative number",
        assertThrows(MoteException.class, () -> new Overlay(0, 1, 1, 1)).getMessage());
  }

  /** Draws one point of that index, the others being absent. */
  private void draw(Overlay overlay, int point, float x, float y, float visibility) {
    float[] xs = {Float.NaN, Float.NaN, Float.NaN};
    float[] ys = new float[3];
    float[] visibilities = new float[3];
    xs[point] = x;
    ys[point] = y;
    visibilities[point] = visibility;
    overlay.draw(picture, point + 1, xs, ys, visibilities);
  }

  private void assertOnlyNear(int x, int y, int radius) {
    for (int i = 0; i < HEIGHT * WIDTH; i++) {
      if (Math.abs(i % WIDTH - x) > radius || Math.abs(i / WIDTH - y) > radius) {
        assertEquals(BACKGROUND * 0x010101, rgb(i % WIDTH, i / WIDTH), "pixel " + i);
      }
    }
  }

  private int rgb(int x, int y) {
    long at = 3L * (y * WIDTH + x);
    return (picture.get(ValueLayout.JAVA_BYTE, at) & 0xff) << 16
        | green(x, y) << 8
        | picture.get(ValueLayout.JAVA_BYTE, at + 2) & 0xff;
  }

  private int green(int x, int y) {
    return picture.get(ValueLayout.JAVA_BYTE, 3L * (y * WIDTH + x) + 1) & 0xff;
  }

  private static int distance(int a, int b) {
    int sum = 0;
    for (int shift = 0; shift < 24; shift += 8) {
      sum += Math.abs((a >> shift & 0xff) - (b >> shift & 0xff));
    }
    return sum;
  }
}
