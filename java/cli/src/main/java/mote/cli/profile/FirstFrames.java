package mote.cli.profile;

import mote.engine.FrameSource;
import mote.engine.Frames;

/** The first frames of a source, which stays its owner's. */
final class FirstFrames implements FrameSource {
  private final FrameSource source;
  private long left;

  FirstFrames(FrameSource source, long frames) {
    this.source = source;
    left = frames;
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
    long expected = source.expectedFrames();
    return expected < 0 ? -1 : Math.min(left, expected);
  }

  @Override
  public int read(Frames into) {
    if (left <= 0) {
      into.clear();
      return 0;
    }
    if (source.read(into) > left) {
      keep(into, (int) left);
    }
    left -= into.count();
    return into.count();
  }

  /** Leaves the first of a batch, whose pictures stay where they are. */
  private static void keep(Frames batch, int count) {
    long[] numbers = new long[count];
    long[] times = new long[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = batch.frame(i);
      times[i] = batch.timestampNanos(i);
    }
    batch.clear();
    for (int i = 0; i < count; i++) {
      batch.append(numbers[i], times[i]);
    }
  }

  @Override
  public void close() {
    // The source is another's.
  }
}
