package mote.media;

import mote.engine.MoteException;

/**
 * Frames {@code start <= index < end} of a video. Indices stay those of the whole video.
 *
 * @param start first frame, at least 0
 * @param end frame behind the last one, above {@code start}; {@link Long#MAX_VALUE} for all
 */
public record FrameRange(long start, long end) {
  /** The whole video. */
  public static final FrameRange ALL = new FrameRange(0, Long.MAX_VALUE);

  public FrameRange {
    if (start < 0 || end <= start) {
      throw new MoteException(
          "a frame range holds no frame: start=%d, end=%d; give 0 <= start < end"
              .formatted(start, end));
    }
  }

  /** Frames of a video of that many that lie in the range; -1 for a negative (unknown) number. */
  long clip(long frames) {
    if (frames < 0) {
      return end == Long.MAX_VALUE ? -1 : end - start;
    }
    return Math.max(0, Math.min(end, frames) - start);
  }
}
