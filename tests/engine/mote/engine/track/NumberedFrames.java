package mote.engine.track;

import java.lang.foreign.ValueLayout;
import mote.engine.FrameSource;
import mote.engine.Frames;
import mote.engine.MoteException;

/** Frames of 64x48 whose first byte is their index; may fail at one of them. */
final class NumberedFrames implements FrameSource {
  static final int HEIGHT = 48;
  static final int WIDTH = 64;

  private final int frames;
  private final int failsAt;
  private int next;

  NumberedFrames(int frames, int failsAt) {
    this.frames = frames;
    this.failsAt = failsAt;
  }

  NumberedFrames(int frames) {
    this(frames, -1);
  }

  /** Begins behind that many frames, whose indices are skipped with them. */
  void skip(int first) {
    next = first;
  }

  @Override
  public int height() {
    return HEIGHT;
  }

  @Override
  public int width() {
    return WIDTH;
  }

  @Override
  public long expectedFrames() {
    return frames - next;
  }

  @Override
  public int read(Frames into) {
    into.clear();
    while (next < frames && into.count() < into.capacity()) {
      if (next == failsAt) {
        throw new MoteException("frame is broken: frame=" + next + "; mend the file");
      }
      into.picture(into.count()).set(ValueLayout.JAVA_BYTE, 0, (byte) next);
      into.append(next, next * 40_000_000L);
      next++;
    }
    return into.count();
  }

  @Override
  public void close() {
    // Nothing is held.
  }
}
