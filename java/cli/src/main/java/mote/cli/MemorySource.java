package mote.cli;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import mote.engine.FrameSource;
import mote.engine.Frames;

/** Frames from pictures in memory, at a fixed rate. */
public final class MemorySource implements FrameSource {
  private final List<byte[]> pictures;
  private final int height;
  private final int width;
  private final double framesPerSecond;
  private int next;

  /**
   * @param pictures height x width RGB triples each
   */
  public MemorySource(List<byte[]> pictures, int height, int width, double framesPerSecond) {
    this.pictures = pictures;
    this.height = height;
    this.width = width;
    this.framesPerSecond = framesPerSecond;
    for (byte[] picture : pictures) {
      if (picture.length != height * width * 3) {
        throw new IllegalArgumentException(
            "picture has another size: bytes=%d, height=%d, width=%d"
                .formatted(picture.length, height, width));
      }
    }
  }

  @Override
  public int height() {
    return height;
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public long expectedFrames() {
    return pictures.size() - next;
  }

  @Override
  public int read(Frames into) {
    into.clear();
    while (next < pictures.size() && into.count() < into.capacity()) {
      byte[] picture = pictures.get(next);
      MemorySegment.copy(
          picture, 0, into.picture(into.count()), ValueLayout.JAVA_BYTE, 0, picture.length);
      into.append(next, Math.round(next * 1e9 / framesPerSecond));
      next++;
    }
    return into.count();
  }

  @Override
  public void close() {
    // The pictures are the caller's.
  }
}
