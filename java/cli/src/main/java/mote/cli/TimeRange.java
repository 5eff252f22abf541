package mote.cli;

import java.lang.foreign.MemorySegment;
import mote.engine.FrameSource;
import mote.engine.Frames;
import mote.engine.MoteException;
import org.apache.arrow.memory.RootAllocator;

/** The part of a video from one time to another; indices and timestamps stay the video's. */
final class TimeRange implements FrameSource {
  private final FrameSource source;
  private final VideoTime end;
  private final RootAllocator allocator = new RootAllocator();
  private final Frames held;
  private final long expected;
  private long delivered;
  private boolean ended;

  /**
   * Reads up to the first frame of the range.
   *
   * @param source becomes this object's, also where this fails
   * @param start first time, null for the beginning
   * @param end time behind the last frame, null for the end
   * @throws MoteException if the video ends before {@code start}
   */
  TimeRange(FrameSource source, VideoTime start, VideoTime end) {
    this.source = source;
    this.end = end;
    held = new Frames(allocator, source.height(), source.width(), 1);
    try {
      long frames = source.expectedFrames();
      skipTo(start);
      long left = frames < 0 ? -1 : Math.max(1, frames - held.frame(0));
      expected = end == null || !end.isFrame() ? left : Math.min(left, end.frame() - held.frame(0));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private void skipTo(VideoTime start) {
    long frames = 0;
    do {
      if (source.read(held) == 0) {
        throw new MoteException(
            "video ends before the start: frames=" + frames + "; give an earlier --start");
      }
      frames++;
    } while (start != null && !start.reached(held.frame(0), held.timestampNanos(0)));
    if (end != null && end.reached(held.frame(0), held.timestampNanos(0))) {
      throw new MoteException(
          "no frame lies between start and end: frame=%d, seconds=%.3f; give a later --end"
              .formatted(held.frame(0), held.timestampNanos(0) / 1e9));
    }
  }

  /** Index in the video of the first frame of the range. */
  long firstFrame() {
    return held.frame(0);
  }

  @Override
  public int height() {
    return source.height();
  }

  @Override
  public int width() {
    return source.width();
  }

  @Override
  public long expectedFrames() {
    return expected < 0 ? -1 : Math.max(0, expected - delivered);
  }

  @Override
  public int read(Frames into) {
    if (delivered == 0) {
      into.clear();
      MemorySegment.copy(held.picture(0), 0, into.picture(0), 0, held.picture(0).byteSize());
      into.append(held.frame(0), held.timestampNanos(0));
    } else if (ended) {
      into.clear();
    } else {
      readOn(into);
    }
    delivered += into.count();
    return into.count();
  }

  private void readOn(Frames into) {
    try {
      source.read(into);
    } catch (MoteException broken) {
      cutAtEnd(into);
      if (!ended) { // what lies behind the end may be broken
        throw broken;
      }
    }
    cutAtEnd(into);
  }

  /**
   * Forgets the frames of a batch from the end of the range on; the pictures stay where they are.
   */
  private void cutAtEnd(Frames into) {
    int count = into.count();
    for (int i = 0; i < count && end != null; i++) {
      if (end.reached(into.frame(i), into.timestampNanos(i))) {
        ended = true;
        long[] frames = new long[i];
        long[] nanos = new long[i];
        for (int k = 0; k < i; k++) {
          frames[k] = into.frame(k);
          nanos[k] = into.timestampNanos(k);
        }
        into.clear();
        for (int k = 0; k < i; k++) {
          into.append(frames[k], nanos[k]);
        }
        return;
      }
    }
  }

  @Override
  public void close() {
    source.close();
    held.close();
    allocator.close();
  }
}
