package mote.engine.golden;

import java.lang.foreign.MemorySegment;
import mote.engine.FrameSource;
import mote.engine.Frames;

/** A pack's frames as a video of 25 frames a second. */
final class PackFrames implements FrameSource {
  private static final long NANOS = 40_000_000;

  private final GoldenPack pack;
  private int next;

  PackFrames(GoldenPack pack) {
    this.pack = pack;
  }

  @Override
  public int height() {
    return pack.height();
  }

  @Override
  public int width() {
    return pack.width();
  }

  @Override
  public long expectedFrames() {
    return pack.frameCount() - next;
  }

  @Override
  public int read(Frames into) {
    into.clear();
    while (into.count() < into.capacity() && next < pack.frameCount()) {
      MemorySegment picture = pack.frame(next);
      into.picture(into.count()).copyFrom(picture);
      into.append(next, next * NANOS);
      next++;
    }
    return into.count();
  }

  @Override
  public void close() {
    // The pack is its owner's.
  }
}
