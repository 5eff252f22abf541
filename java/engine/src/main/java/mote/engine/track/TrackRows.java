package mote.engine.track;

import java.util.List;

/**
 * Tracks as they can be written to a file: for each frame of a range and each point one row, or
 * none.
 */
public interface TrackRows {
  /** Columns of the video's frames, in which x is given. */
  int width();

  /** Rows of the video's frames, in which y is given. */
  int height();

  /** The model's name, {@code mote.arch}'s. */
  String model();

  /** The points; a point's number is its place in this list. */
  List<Query> queries();

  /** Index in the video of the first frame of the range. */
  long firstFrame();

  /** Number of frames in the range; the last is {@code firstFrame() + frames() - 1}. */
  long frames();

  /** Whether the point was tracked on that frame of the video. */
  boolean has(long frame, int point);

  /** Time of a frame of the range in the video, nanoseconds. */
  long timestampNanos(long frame);

  /** Position in pixels of the video as it came; defined where {@link #has}. */
  float x(long frame, int point);

  /** Position in pixels of the video as it came; defined where {@link #has}. */
  float y(long frame, int point);

  /** Probability in [0, 1] that the point is seen; defined where {@link #has}. */
  float visibility(long frame, int point);

  /**
   * Probability in [0, 1] of an error under {@code mote.arch}'s confidence_px working pixels, NaN
   * where the model has none; defined where {@link #has}.
   */
  float confidence(long frame, int point);
}
