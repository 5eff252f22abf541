package mote.media;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import mote.engine.FrameSource;
import mote.engine.Frames;
import mote.engine.MoteException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/**
 * Any frame of a video as a picture, for people who look through it. Going on by a frame decodes
 * one frame; a jump decodes from the start, without converting what is skipped. The last few
 * pictures are kept. One thread at a time.
 */
final class FrameSeeker implements AutoCloseable {
  private static final int KEPT_PICTURES = 16;

  private final Path video;
  private final long frames;
  private final BufferAllocator allocator = new RootAllocator();
  private final Frames one;
  private final Map<Long, BufferedImage> kept =
      new LinkedHashMap<>(KEPT_PICTURES, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, BufferedImage> eldest) {
          return size() > KEPT_PICTURES;
        }
      };
  private FrameSource source;
  private long next;
  private boolean closed;

  FrameSeeker(Path video) {
    this.video = video;
    try {
      source = Videos.open(video);
      // What a file's container suggests may be far off, in both directions.
      frames = source instanceof VideoFile ? count(video) : source.expectedFrames();
      one = new Frames(allocator, source.height(), source.width(), 1);
    } catch (RuntimeException e) {
      if (source != null) {
        source.close();
      }
      allocator.close();
      throw e;
    }
  }

  int height() {
    return one.height();
  }

  int width() {
    return one.width();
  }

  /** Frames of the video, counted. */
  long frames() {
    return frames;
  }

  /**
   * @param index of a frame, from 0
   * @throws MoteException if the video has no such frame
   */
  BufferedImage picture(long index) {
    BufferedImage image = kept.get(index);
    if (image != null) {
      return image;
    }
    if (index < 0 || index >= frames) {
      throw missing(index);
    }
    if (index != next) {
      FrameSource jumped = Videos.open(video, new FrameRange(index, Long.MAX_VALUE));
      source.close();
      source = jumped;
      next = index;
    }
    if (source.read(one) == 0) {
      throw missing(index);
    }
    next++;
    image = toImage(one.picture(0), one.height(), one.width());
    kept.put(index, image);
    return image;
  }

  static BufferedImage toImage(MemorySegment rgb, int height, int width) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    int[] pixels = ((DataBufferInt) image.getRaster().getDataBuffer()).getData();
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] =
          (rgb.get(ValueLayout.JAVA_BYTE, 3L * i) & 0xff) << 16
              | (rgb.get(ValueLayout.JAVA_BYTE, 3L * i + 1) & 0xff) << 8
              | rgb.get(ValueLayout.JAVA_BYTE, 3L * i + 2) & 0xff;
    }
    return image;
  }

  private static long count(Path video) {
    try (VideoDecoder decoder = new VideoDecoder(video)) {
      return decoder.countFrames();
    }
  }

  private MoteException missing(long index) {
    return new MoteException(
        "a video has no such frame: file=%s, frame=%d, frames=%d; give 0 <= frame <= %d"
            .formatted(video, index, frames, Math.max(0, frames - 1)));
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      source.close();
      one.close();
      allocator.close();
    }
  }
}
