package mote.media;

import java.nio.file.Path;
import mote.engine.FrameSource;
import mote.engine.Frames;
import mote.engine.MoteException;

/** The frames of a video file, turned as its metadata says. One thread at a time. */
final class VideoFile implements FrameSource {
  private static final long UNKNOWN = Long.MIN_VALUE;

  private final Path file;
  private final FrameRange range;
  private final VideoDecoder decoder;
  private final RgbConverter converter = new RgbConverter();
  private final Orientation orientation;
  private final int storedHeight;
  private final int storedWidth;

  /** Index of the frame that the decoder holds, if {@link #pending}. */
  private long index;

  private boolean pending;
  private long lastNanos = UNKNOWN;
  private boolean closed;

  /** Opens a file and decodes its first frame, which says size and orientation. */
  VideoFile(Path file, FrameRange range) {
    this.file = file;
    this.range = range;
    decoder = new VideoDecoder(file);
    try {
      pending = decoder.next();
      if (!pending) {
        throw new MoteException(
            "a video holds no frame: file=%s; give a file with at least one picture"
                .formatted(file));
      }
      orientation = decoder.orientation();
      storedHeight = decoder.frame().height();
      storedWidth = decoder.frame().width();
    } catch (RuntimeException e) {
      decoder.close();
      converter.close();
      throw e;
    }
    OpenMedia.add(this);
  }

  @Override
  public int height() {
    return orientation.shownHeight(storedHeight, storedWidth);
  }

  @Override
  public int width() {
    return orientation.shownWidth(storedHeight, storedWidth);
  }

  @Override
  public long expectedFrames() {
    long all = range.clip(decoder.expectedFrames());
    return all < 0 ? -1 : Math.max(0, all - Math.max(0, index - range.start()));
  }

  @Override
  public int read(Frames into) {
    ensureOpen();
    into.clear();
    requireSize(into);
    while (into.count() < into.capacity() && index < range.end() && advance()) {
      converter.convert(decoder.frame(), orientation, into.picture(into.count()), file);
      into.append(index, lastNanos);
      release();
    }
    return into.count();
  }

  /** Makes the next frame of the range pending, or says that there is none. */
  private boolean advance() {
    while (true) {
      if (!pending && !decoder.next()) {
        if (index <= range.start() && range.start() > 0) {
          throw new MoteException(
              "the range starts behind the last frame: file=%s, start=%d, frames=%d; give start <= %d"
                  .formatted(file, range.start(), index, Math.max(0, index - 1)));
        }
        return false;
      }
      pending = true;
      requireStoredSize();
      lastNanos = nanos();
      if (index >= range.start()) {
        return true;
      }
      release();
    }
  }

  private void release() {
    pending = false;
    index++;
  }

  private long nanos() {
    long nanos = decoder.frameNanos();
    if (lastNanos == UNKNOWN) {
      return nanos == FrameInput.NO_TIME ? 0 : Math.max(0, nanos);
    }
    return nanos == FrameInput.NO_TIME
        ? lastNanos + decoder.nominalFrameNanos()
        : Math.max(lastNanos, nanos);
  }

  private void requireStoredSize() {
    int height = decoder.frame().height();
    int width = decoder.frame().width();
    if (height != storedHeight || width != storedWidth) {
      throw new MoteException(
          "a frame has another size than the first: file=%s, frame=%d, height=%d, width=%d, first_height=%d, first_width=%d; split the video there or scale it to one size"
              .formatted(file, index, height, width, storedHeight, storedWidth));
    }
  }

  private void requireSize(Frames into) {
    if (into.height() != height() || into.width() != width()) {
      throw new MoteException(
          "a batch has another size than the video: file=%s, height=%d, width=%d, video_height=%d, video_width=%d; open Frames with the source's size"
              .formatted(file, into.height(), into.width(), height(), width()));
    }
  }

  private void ensureOpen() {
    if (closed) {
      throw new IllegalStateException("VideoFile is closed: file=" + file + "; open it again");
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      decoder.close();
      converter.close();
      OpenMedia.remove(this);
    }
  }
}
