package mote.media;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Anti-aliased strokes, discs and rings on RGB pictures in place. Coverage is the distance of a
 * pixel's centre from a shape's edge, clamped to one pixel, which is exact enough for shapes that
 * are wider than a pixel and costs no supersampling. Pixel centres are at integers.
 */
final class Canvas {
  /** Coordinates beyond this are not drawn: nothing of them could be seen. */
  private static final float FAR = 1e6f;

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
        from = Math.clamp(Math.min(a, b), 0f, 1f);
        to = Math.clamp(Math.max(a, b), 0f, 1f);
      }
      float xa = x0 + from * dx;
      float xb = x0 + to * dx;
      int left = Math.max(0, (int) Math.ceil(Math.min(xa, xb) - reach));
      int right = Math.min(width - 1, (int) Math.floor(Math.max(xa, xb) + reach));
      for (int x = left; x <= right; x++) {
        float px = x - x0;
        float py = y - y0;
        float t = Math.clamp((px * dx + py * dy) * perLength, 0f, 1f);
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
    int red = colour >> 16 & 0xff;
    int green = colour >> 8 & 0xff;
    int blue = colour & 0xff;
    for (int i = 0; i < touchedCount; i++) {
      int pixel = touched[i];
      int alpha = coverage[pixel] & 0xff;
      coverage[pixel] = 0;
      long at = 3L * pixel;
      blend(picture, at, red, alpha);
      blend(picture, at + 1, green, alpha);
      blend(picture, at + 2, blue, alpha);
    }
    touchedCount = 0;
  }

  private static void blend(MemorySegment picture, long at, int colour, int alpha) {
    int old = picture.get(ValueLayout.JAVA_BYTE, at) & 0xff;
    // (v * 257 + 32896) >> 16 is v / 255 rounded, for 0 <= v <= 255 * 255.
    int mixed = ((old * (255 - alpha) + colour * alpha) * 257 + 32896) >> 16;
    picture.set(ValueLayout.JAVA_BYTE, at, (byte) mixed);
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
