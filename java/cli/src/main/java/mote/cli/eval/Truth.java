package mote.cli.eval;

/**
 * Where points really are, seen or not.
 *
 * @param frames T
 * @param points N
 * @param xy (T, N, 2) in pixels of the protocol's pictures, also where the point is hidden or
 *     outside
 * @param visible (T, N): in the picture and on top there
 */
public record Truth(int frames, int points, float[] xy, boolean[] visible) {
  public Truth {
    if (xy.length != frames * points * 2 || visible.length != frames * points) {
      throw new IllegalArgumentException(
          "truth does not fit: frames=%d, points=%d, xy=%d, visible=%d"
              .formatted(frames, points, xy.length, visible.length));
    }
  }

  float x(int frame, int point) {
    return xy[(frame * points + point) * 2];
  }

  float y(int frame, int point) {
    return xy[(frame * points + point) * 2 + 1];
  }

  boolean visible(int frame, int point) {
    return visible[frame * points + point];
  }

  /** The points' places on a frame, (N, 2). */
  public float[] frame(int frame) {
    return java.util.Arrays.copyOfRange(xy, frame * points * 2, (frame + 1) * points * 2);
  }
}
