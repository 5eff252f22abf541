package mote.media;

/**
 * One rising time for frames whose own times may be missing, fall, jump, or begin anew when a
 * source comes back.
 */
final class Timeline {
  /** A longer step than this from one frame to the next is none of the source's clock. */
  private static final long LONGEST_STEP_NANOS = 10_000_000_000L;

  private long last = -1;
  private long offset;
  private boolean anchored;
  private long gap;

  /**
   * The time of the next frame since the first one.
   *
   * @param own the frame's own time, or {@link FrameInput#NO_TIME}
   * @param nominal the usual time between two frames
   */
  long next(long own, long nominal) {
    if (last < 0) {
      last = 0;
      anchor(own);
      return 0;
    }
    long step = Math.max(1, nominal);
    long expected = last + step + gap;
    gap = 0;
    long time = own == FrameInput.NO_TIME ? expected : own + offset;
    if (!anchored || time <= last || time > last + LONGEST_STEP_NANOS) {
      time = expected;
    }
    last = time;
    if (!anchored || own != FrameInput.NO_TIME && own + offset != time) {
      anchor(own);
    }
    return time;
  }

  /** The next frame's own time is of another clock; that long nothing came. */
  void restart(long silentNanos) {
    anchored = false;
    gap = Math.max(0, silentNanos);
  }

  private void anchor(long own) {
    anchored = own != FrameInput.NO_TIME;
    offset = anchored ? last - own : 0;
  }
}
