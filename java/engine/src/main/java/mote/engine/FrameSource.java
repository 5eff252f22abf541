package mote.engine;

/** Frames in order, from a video file, a folder of pictures, memory or a camera. */
public interface FrameSource extends AutoCloseable {
  /** Rows of every frame. */
  int height();

  /** Columns of every frame. */
  int width();

  /** Frames that are still to come where that is known or estimated, otherwise -1: for progress. */
  long expectedFrames();

  /**
   * Fills a batch with the next frames, at most {@link Frames#capacity} of them; sets its {@link
   * Frames#count}, frame indices (those of the whole video, consecutive; the first is above 0 where
   * a range of it is read) and timestamps (never falling).
   *
   * @return frames read, 0 at the end
   * @throws MoteException naming source and frame if a frame cannot be read or has another size;
   *     frames before it were delivered by earlier calls or are in {@code into}, whose count says
   *     how many are good
   */
  int read(Frames into);

  @Override
  void close();
}
