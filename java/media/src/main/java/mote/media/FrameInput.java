package mote.media;

import org.bytedeco.ffmpeg.avutil.AVFrame;

/** Decoded frames, one after another, of a file or of something that never ends. */
interface FrameInput extends AutoCloseable {
  /** The time of a frame without a timestamp. */
  long NO_TIME = Long.MIN_VALUE;

  /**
   * Decodes the next frame into {@link #frame}.
   *
   * @return false at the end
   * @throws mote.engine.MoteException where it cannot be read or decoded
   */
  boolean next();

  /**
   * The frame that {@link #next} has decoded, always the same object; valid until the next call.
   */
  AVFrame frame();

  /** The frame's time from some beginning, or {@link #NO_TIME}. */
  long frameNanos();

  /** The time between frames as the input says, for frames without a timestamp. */
  long nominalFrameNanos();

  /** How the frame is to be turned. */
  Orientation orientation();

  @Override
  void close();
}
