package mote.engine.live;

import mote.engine.MoteException;

/**
 * Which frame of the stream lies in which slot of the backend's ring. Steps count the frames that
 * were encoded, from 0; frame numbers are the stream's own and may leave gaps.
 */
final class FrameRing {
  private final long[] frames;

  /** By slot: whether the frame shows another scene than the one before it. */
  private final boolean[] scenes;

  private long steps;

  FrameRing(int slots) {
    frames = new long[slots];
    scenes = new boolean[slots];
  }

  /** The step of the newest frame; -1 before the first. */
  long newest() {
    return steps - 1;
  }

  /** The number of the frame of a step that is still in the ring. */
  long frame(long step) {
    return frames[slot(step)];
  }

  /** Whether the frame of a step that is still in the ring begins another scene. */
  boolean beginsScene(long step) {
    return scenes[slot(step)];
  }

  int slot(long step) {
    return (int) (step % frames.length);
  }

  /** The slot that the next frame goes to. */
  int next() {
    return slot(steps);
  }

  /**
   * The frame that was encoded into {@link #next}.
   *
   * @param scene whether it shows another scene than the one before it
   */
  void append(long frame, boolean scene) {
    frames[next()] = frame;
    scenes[next()] = scene;
    steps++;
  }

  /** The step of the oldest frame that is still there. */
  long oldest() {
    return Math.max(0, steps - frames.length);
  }

  /** The step of a frame. */
  long step(long frame) {
    for (long step = newest(); step >= oldest(); step--) {
      if (frame(step) == frame) {
        return step;
      }
    }
    if (steps == 0) {
      throw new MoteException("no frame has come yet: frame=" + frame + "; push it first");
    }
    throw new MoteException(
        "frame is not in the ring: frame=%d, oldest=%d, newest=%d; give one that was pushed, or open with a longer history"
            .formatted(frame, frame(oldest()), frame(newest())));
  }
}
