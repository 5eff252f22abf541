package mote.engine.track;

import mote.engine.MoteException;

/**
 * A pixel to follow.
 *
 * @param frame on which it is given, from 0
 * @param x to the right, pixels of the frame as it came, pixel centres at integers; finite
 * @param y down, likewise
 */
public record Query(long frame, float x, float y) {
  public Query {
    if (!Float.isFinite(x) || !Float.isFinite(y)) {
      throw new MoteException(
          "point is not finite: x=" + x + ", y=" + y + "; give numbers of the picture");
    }
    if (frame < 0) {
      throw new MoteException("point starts before the video: frame=" + frame + "; give 0 or more");
    }
  }
}
