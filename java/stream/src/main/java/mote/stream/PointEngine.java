package mote.stream;

import java.lang.foreign.MemorySegment;

/**
 * What a connection asks of a tracker; {@link LiveEngine} is the real one. One thread uses it. The
 * rows are the live points in the order of their identities, as of the newest frame and the newest
 * command. What it refuses it says as {@link IllegalArgumentException} or {@link
 * mote.engine.MoteException} in the form {@code reason: name=value; remedy}, and goes on as if it
 * had not been asked.
 */
public interface PointEngine extends AutoCloseable {
  /** Opens engines, one for each connection, possibly from several threads at once. */
  interface Opener {
    /** For frames of {@code height} rows of {@code width} pixels. */
    PointEngine open(int height, int width);
  }

  /**
   * Lets a device read pictures straight from this memory, which outlives the engine: {@link
   * mote.engine.Backend#pin}.
   *
   * @param memory a whole slab
   */
  default void pin(MemorySegment memory) {}

  /** Frames have this size from now on. */
  void resize(int height, int width);

  /**
   * Tracks every point into this frame.
   *
   * @param frame above the last one's
   * @param picture RGB uint8 rows in native memory, valid during the call
   * @param rowStrideBytes from a row to the next
   */
  void push(long frame, MemorySegment picture, long rowStrideBytes);

  /** Adds a point at a pixel of a frame, returns its identity. */
  long add(long frame, float x, float y);

  /** Forgets the point. */
  void remove(long point);

  /** Corrects where the point was on a frame. */
  void move(long point, long frame, float x, float y);

  /** Holds the point where it is. */
  void freeze(long point);

  /** Lets the point go on. */
  void thaw(long point);

  /** The next frame is of another scene. */
  void cut();

  /** Number of rows. */
  int count();

  /** Identity of a row's point. */
  long point(int row);

  /** Pixels of the frame as it came. */
  float x(int row);

  /** Pixels of the frame as it came. */
  float y(int row);

  /** Probability in [0, 1]. */
  float visibility(int row);

  /** Probability in [0, 1], NaN where the model has none. */
  float confidence(int row);

  @Override
  void close();
}
