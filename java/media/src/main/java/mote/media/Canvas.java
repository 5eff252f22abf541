package mote.media;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Anti-aliased strokes, discs and rings on RGB pictures in place. Coverage is the distance of a
 * pixel's centre from a shape's edge, clamped to one pixel, which is exact enough for shapes that
 * are wider than a pixel and costs no supersampling. Pixel centres are at integers.
 */
final class Canvas {
  /** Coordinates beyond this are not drawn: nothing of them could be seen. */
  private static final float FAR = 1e6f;

  private static final int RED_BLUE = 0xff00ff;
  private static final int GREEN = 0x00ff00;
  private static final ValueLayout.OfInt PIXEL =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final int height;
  private final int width;

  /** The strongest coverage of the strokes since {@link #paint}, and the pixels that have one. */
  private final byte[] coverage;

  private int[] touched = new int[1024];
  private int touchedCount;

  Canvas(int height, int width) {
    this.height = height;
    this.width = width;
    coverage = new byte[Math.multiplyExact(height, width)];
  }

  /**
   * Adds a line with round ends to the strokes. Where strokes overlap the stronger one counts, so
   * that the joints of a translucent polyline do not show.
   *
   * @param radius half the line's width in pixels
   * @param alpha 0 to 1
   */
  void stroke(float x0, float y0, float x1, float y1, float radius, float alpha) {
    if (!isNear(x0, y0) || !isNear(x1, y1)) {
      return;
    }
    float reach = radius + 0.5f;
    float dx = x1 - x0;
    float dy = y1 - y0;
    float lengthSquared = dx * dx + dy * dy;
    float perLength = lengthSquared > 0 ? 1 / lengthSquared : 0;
    int top = Math.max(0, (int) Math.ceil(Math.min(y0, y1) - reach));
    int bottom = Math.min(height - 1, (int) Math.floor(Math.max(y0, y1) + reach));
    for (int y = top; y <= bottom; y++) {
      // The part of the line that this row can see bounds the row's pixels.
      float from = 0;
      float to = 1;
      if (Math.abs(dy) > 1e-3f) {
        float a = (y - reach - y0) / dy;
        float b = (y + reach - y0) / dy;
        from = unit(Math.min(a, b));
        to = unit(Math.max(a, b));
      }
      float xa = x0 + from * dx;
      float xb = x0 + to * dx;
      int left = Math.max(0, (int) Math.ceil(Math.min(xa, xb) - reach));
      int right = Math.min(width - 1, (int) Math.floor(Math.max(xa, xb) + reach));
      for (int x = left; x <= right; x++) {
        float px = x - x0;
        float py = y - y0;
        float t = unit((px * dx + py * dy) * perLength);
        float ex = px - t * dx;
        float ey = py - t * dy;
        float c = edge(ex * ex + ey * ey, radius);
        if (c > 0) {
          cover(y * width + x, c * alpha);
        }
      }
    }
  }

  /** Adds a ring to the strokes; a disc where {@code inner} is negative. */
  void ring(float x, float y, float inner, float outer, float alpha) {
    if (!isNear(x, y)) {
      return;
    }
    float reach = outer + 0.5f;
    int top = Math.max(0, (int) Math.ceil(y - reach));
    int bottom = Math.min(height - 1, (int) Math.floor(y + reach));
    int left = Math.max(0, (int) Math.ceil(x - reach));
    int right = Math.min(width - 1, (int) Math.floor(x + reach));
    for (int row = top; row <= bottom; row++) {
      for (int column = left; column <= right; column++) {
        float ex = column - x;
        float ey = row - y;
        float squared = ex * ex + ey * ey;
        float c = edge(squared, outer);
        if (c > 0 && inner > 0) {
          c -= edge(squared, inner);
        }
        if (c > 0) {
          cover(row * width + column, c * alpha);
        }
      }
    }
  }

  /** Paints the strokes with a colour (0xRRGGBB) and forgets them. */
  void paint(MemorySegment picture, int colour) {
    // Bytes R, G, B in memory are the low three bytes of a little-endian int.
    int rgb = Integer.reverseBytes(colour) >>> 8;
    int redBlue = rgb & RED_BLUE;
    int green = rgb & GREEN;
    int last = height * width - 1;
    for (int i = 0; i < touchedCount; i++) {
      int pixel = touched[i];
      int alpha = coverage[pixel] & 0xff;
      coverage[pixel] = 0;
      // 0 to 256, so that dividing is shifting and full coverage is the colour itself.
      int weight = alpha + (alpha >> 7);
      // The last pixel has no byte behind it: its int starts a byte earlier.
      long at = pixel == last ? 3L * pixel - 1 : 3L * pixel;
      int shift = pixel == last ? 8 : 0;
      int four = picture.get(PIXEL, at);
      int old = four >>> shift;
      int mixed =
          (((old & RED_BLUE) * (256 - weight) + redBlue * weight) >>> 8 & RED_BLUE)
              | (((old & GREEN) * (256 - weight) + green * weight) >>> 8 & GREEN);
      picture.set(PIXEL, at, four & ~(0xffffff << shift) | mixed << shift);
    }
    touchedCount = 0;
  }

  /** Clamped to 0 to 1; Math.clamp also orders signed zeros, which costs here. */
  private static float unit(float v) {
    return v > 0 ? (v < 1 ? v : 1) : 0;
  }

  /** How much of a pixel lies within a radius, by the squared distance of its centre. */
  private static float edge(float squared, float radius) {
    float outside = radius + 0.5f;
    if (squared >= outside * outside) {
      return 0;
    }
    float inside = radius - 0.5f;
    if (inside > 0 && squared <= inside * inside) {
      return 1;
    }
    return Math.min(1, outside - (float) Math.sqrt(squared));
  }

  private void cover(int pixel, float amount) {
    int value = (int) (255 * amount + 0.5f);
    int old = coverage[pixel] & 0xff;
    if (value <= old) {
      return;
    }
    if (old == 0) {
      if (touchedCount == touched.length) {
        touched = java.util.Arrays.copyOf(touched, 2 * touchedCount);
      }
      touched[touchedCount++] = pixel;
    }
    coverage[pixel] = (byte) value;
  }

  /** False for NaN, too. */
  private static boolean isNear(float x, float y) {
    return Math.abs(x) < FAR && Math.abs(y) < FAR;
  }
}
