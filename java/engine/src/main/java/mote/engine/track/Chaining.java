package mote.engine.track;

import mote.engine.Architecture;

/** Where a point's next window starts. Steps count the frames of a pass, in its direction. */
interface Chaining {
  /** The point needs no window more. */
  long DONE = Long.MAX_VALUE;

  /**
   * @param start step of the window that was just refined
   * @param last last step of the video where it is known, otherwise {@link Long#MAX_VALUE}
   * @param visibility (S) probabilities that the window found
   * @return step of the next window, or {@link #DONE}
   */
  long next(long start, long last, float[] visibility);

  /** Whether a window starts from earlier estimates; otherwise it starts at rest. */
  boolean warmStart();

  static Chaining of(Architecture architecture, int hop) {
    return architecture.family() == Architecture.Family.PIPS
        ? new ByVisibility()
        : new Overlapping(architecture.window(), hop == 0 ? architecture.hop() : hop);
  }

  /** Windows every {@code hop} frames, until one reaches the last frame. */
  record Overlapping(int window, int hop) implements Chaining {
    @Override
    public long next(long start, long last, float[] visibility) {
      return start + window - 1 >= last ? DONE : start + hop;
    }

    @Override
    public boolean warmStart() {
      return true;
    }
  }

  /**
   * The published rule (Particle Video Revisited, section 3.5, and its code): the next window
   * starts at the last of frames 7 to 2 that was surely visible; sure is above 0.9, and 0.02 less
   * at every scan that finds none.
   */
  record ByVisibility() implements Chaining {
    private static final double SURE = 0.9;
    private static final double LESS_SURE = 0.02;

    @Override
    public long next(long start, long last, float[] visibility) {
      // Every probability exceeds a negative threshold, so this ends after at most 46 scans.
      for (double threshold = SURE; ; threshold -= LESS_SURE) {
        for (int frame = visibility.length - 1; frame >= 2; frame--) {
          if (visibility[frame] > threshold) {
            return start + frame > last ? DONE : start + frame;
          }
        }
      }
    }

    @Override
    public boolean warmStart() {
      return false;
    }
  }
}
