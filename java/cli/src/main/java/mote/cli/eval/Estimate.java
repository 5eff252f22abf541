package mote.cli.eval;

/**
 * Where a method says that the points of a {@link Clip} are.
 *
 * @param frames T
 * @param points N
 * @param xy (T, N, 2) in pixels of the protocol's pictures; before a point's query, the query
 *     itself
 * @param visible (T, N)
 */
public record Estimate(int frames, int points, float[] xy, boolean[] visible) {
  public Estimate {
    if (xy.length != frames * points * 2 || visible.length != frames * points) {
      throw new IllegalArgumentException(
          "estimate does not fit: frames=%d, points=%d, xy=%d, visible=%d"
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

  /** Distance to a place, in pixels. */
  double distance(int frame, int point, double x, double y) {
    return Math.hypot(x(frame, point) - x, y(frame, point) - y);
  }
}
