package mote.media;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import mote.engine.MoteException;

/**
 * How a stored picture is turned and mirrored to be shown. The shown pixel (x, y) is the stored
 * pixel (u, v) with u, v = y, x where {@code transposed} and x, y otherwise, u counted from the
 * right where {@code mirroredU}, v counted from the bottom where {@code mirroredV}.
 */
record Orientation(boolean transposed, boolean mirroredU, boolean mirroredV) {
  static final Orientation UPRIGHT = new Orientation(false, false, false);

  /** An element this much smaller than the matrix's largest counts as zero: 2 degrees. */
  private static final double QUARTER_TURN_TOLERANCE = 0.035;

  /** A tile of pixels whose rows and columns stay in the first-level cache when transposed. */
  private static final int TILE = 32;

  /**
   * From the 3x3 matrix of ISO 14496-12 (row-major, [a b u; c d v; x y w]), which maps stored (x,
   * y) to shown (a x + c y, b x + d y).
   *
   * @param name the file, for the message
   */
  static Orientation fromDisplayMatrix(int[] matrix, Object name) {
    double a = matrix[0];
    double b = matrix[1];
    double c = matrix[3];
    double d = matrix[4];
    double small =
        QUARTER_TURN_TOLERANCE
            * Math.max(Math.max(Math.abs(a), Math.abs(b)), Math.max(Math.abs(c), Math.abs(d)));
    boolean straight = Math.abs(b) <= small && Math.abs(c) <= small && a != 0 && d != 0;
    boolean turned = Math.abs(a) <= small && Math.abs(d) <= small && b != 0 && c != 0;
    if (straight) {
      return new Orientation(false, a < 0, d < 0);
    }
    if (turned) {
      return new Orientation(true, b < 0, c < 0);
    }
    throw new MoteException(
        "a video is turned by an angle that is no quarter turn: file=%s, matrix=%.0f %.0f %.0f %.0f; re-encode it upright"
            .formatted(name, a, b, c, d));
  }

  int shownHeight(int height, int width) {
    return transposed ? width : height;
  }

  int shownWidth(int height, int width) {
    return transposed ? height : width;
  }

  /**
   * Copies a stored RGB picture as it is shown.
   *
   * @param stored height rows of {@code stride} bytes, width RGB triples each
   * @param shown {@link #shownHeight} * {@link #shownWidth} RGB triples without padding
   */
  void apply(MemorySegment stored, long stride, int height, int width, MemorySegment shown) {
    int shownHeight = shownHeight(height, width);
    int shownWidth = shownWidth(height, width);
    if (stored.byteSize() < height * stride || shown.byteSize() < 3L * height * width) {
      throw new IllegalArgumentException(
          "a picture is larger than its memory: height=%d, width=%d; allocate height * stride"
              .formatted(height, width));
    }
    if (equals(UPRIGHT)) {
      for (int y = 0; y < height; y++) {
        MemorySegment.copy(stored, y * stride, shown, 3L * width * y, 3L * width);
      }
      return;
    }
    long right = transposed ? (mirroredV ? -stride : stride) : (mirroredU ? -3 : 3);
    long down = transposed ? (mirroredU ? -3 : 3) : (mirroredV ? -stride : stride);
    long origin = (mirroredU ? 3L * (width - 1) : 0) + (mirroredV ? stride * (height - 1) : 0);
    for (int top = 0; top < shownHeight; top += TILE) {
      for (int left = 0; left < shownWidth; left += TILE) {
        int bottom = Math.min(shownHeight, top + TILE);
        int end = Math.min(shownWidth, left + TILE);
        for (int y = top; y < bottom; y++) {
          long from = origin + y * down + left * right;
          long to = 3 * ((long) y * shownWidth + left);
          for (int x = left; x < end; x++, from += right, to += 3) {
            shown.set(ValueLayout.JAVA_BYTE, to, stored.get(ValueLayout.JAVA_BYTE, from));
            shown.set(ValueLayout.JAVA_BYTE, to + 1, stored.get(ValueLayout.JAVA_BYTE, from + 1));
            shown.set(ValueLayout.JAVA_BYTE, to + 2, stored.get(ValueLayout.JAVA_BYTE, from + 2));
          }
        }
      }
    }
  }
}
