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

  /** Shorter lines have no direction. */
  private static final float SHORTEST = 1e-3f;

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
   * Adds a line to the strokes, with a round end at (x1, y1) and none at (x0, y0): in a polyline
   * the line before has its round end there. Where strokes overlap the stronger one counts, so that
   * the joints of a translucent polyline do not show.
   *
   * @param radius half the line's width in pixels
   * @param alpha 0 to 1
   */
  void stroke(float x0, float y0, float x1, float y1, float radius, float alpha) {
    float dx = x1 - x0;
    float dy = y1 - y0;
    float length = (float) Math.sqrt(dx * dx + dy * dy);
    if (!isNear(x0, y0) || !isNear(x1, y1) || length < SHORTEST) {
      return;
    }
    // Unit vector along the line: a pixel's place along it and distance from it are linear in x.
    float ux = dx / length;
    float uy = dy / length;
    float reach = radius + 0.5f;
    int top = Math.max(0, (int) Math.ceil(Math.min(y0, y1) - reach));
    int bottom = Math.min(height - 1, (int) Math.floor(Math.max(y0, y1) + reach));
    for (int y = top; y <= bottom; y++) {
      // The part of the line that this row can see bounds the row's pixels.
      float from = 0;
      float to = 1;
      if (Math.abs(dy) > SHORTEST) {
        float a = (y - reach - y0) / dy;
        float b = (y + reach - y0) / dy;
        from = unit(Math.min(a, b));
        to = unit(Math.max(a, b));
      }
      float xa = x0 + from * dx;
      float xb = x0 + to * dx;
      int left = Math.max(0, (int) Math.ceil(Math.min(xa, xb) - reach));
      int right = Math.min(width - 1, (int) Math.floor(Math.max(xa, xb) + reach));
      float py = y - y0;
      for (int x = left; x <= right; x++) {
        float px = x - x0;
        float along = px * ux + py * uy;
        float aside = Math.abs(px * uy - py * ux);
        if (along < 0 || aside >= reach) {
          continue;
        }
        float beyond = along - length;
        float c =
            beyond > 0 ? edge(aside * aside + beyond * beyond, radius) : Math.min(1, reach - aside);
        if (c > 0) {
          cover(y * width + x, c * alpha);
        }
      }
    }
  }

  /**
   * Paints a ring at once; a disc where {@code inner} is negative.
   *
   * @param alpha 0 to 1
   * @param colour 0xRRGGBB
   */
  void ring(
      MemorySegment picture, float x, float y, float inner, float outer, float alpha, int colour) {
    if (!isNear(x, y)) {
      return;
    }
    int rgb = Integer.reverseBytes(colour) >>> 8;
    float reach = outer + 0.5f;
    int top = Math.max(0, (int) Math.ceil(y - reach));
    int bottom = Math.min(height - 1, (int) Math.floor(y + reach));
    for (int row = top; row <= bottom; row++) {
      float ey = row - y;
      float half = (float) Math.sqrt(Math.max(0, reach * reach - ey * ey));
      int left = Math.max(0, (int) Math.ceil(x - half));
      int right = Math.min(width - 1, (int) Math.floor(x + half));
      for (int column = left; column <= right; column++) {
        float ex = column - x;
        float squared = ex * ex + ey * ey;
        float c = edge(squared, outer);
        if (inner > 0) {
          c -= edge(squared, inner);
        }
        if (c > 0) {
          blend(picture, row * width + column, rgb, (int) (256 * c * alpha + 0.5f));
        }
      }
    }
  }

  /** Paints the strokes with a colour (0xRRGGBB) and forgets them. */
  void paint(MemorySegment picture, int colour) {
    int rgb = Integer.reverseBytes(colour) >>> 8;
    for (int i = 0; i < touchedCount; i++) {
      int pixel = touched[i];
      int alpha = coverage[pixel] & 0xff;
      coverage[pixel] = 0;
      blend(picture, pixel, rgb, alpha + (alpha >> 7));
    }
    touchedCount = 0;
  }

  /**
   * Mixes a colour into a pixel.
   *
   * @param rgb as a pixel is in memory when read as a little-endian int: 0xBBGGRR
   * @param weight 0 to 256, so that dividing is shifting and 256 gives the colour itself
   */
  private void blend(MemorySegment picture, int pixel, int rgb, int weight) {
    // The last pixel has no byte behind it: its int starts a byte earlier.
    boolean last = pixel == height * width - 1;
    long at = last ? 3L * pixel - 1 : 3L * pixel;
    int shift = last ? 8 : 0;
    int four = picture.get(PIXEL, at);
    int old = four >>> shift;
    int rest = 256 - weight;
    int mixed =
        (((old & RED_BLUE) * rest + (rgb & RED_BLUE) * weight) >>> 8 & RED_BLUE)
            | (((old & GREEN) * rest + (rgb & GREEN) * weight) >>> 8 & GREEN);
    picture.set(PIXEL, at, four & ~(0xffffff << shift) | mixed << shift);
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
