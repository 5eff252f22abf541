package mote.media;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import mote.engine.FrameSource;
import mote.engine.Frames;
import mote.engine.MoteException;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/** The pictures of a folder in natural order, or one picture, as a video of a constant rate. */
final class PictureFolder implements FrameSource {
  private static final Set<String> SUFFIXES = Set.of("png", "jpg", "jpeg", "webp", "bmp");

  private final Path folder;
  private final List<Path> pictures;
  private final long end;
  private final long frameNanos;
  private final PictureDecoder decoder;
  private final RgbConverter converter = new RgbConverter();
  private final int height;
  private final int width;
  private long index;
  private boolean closed;

  /** Takes a folder or a picture. */
  PictureFolder(Path folder, FrameRange range, long frameNanos) {
    this.folder = folder;
    this.frameNanos = frameNanos;
    pictures = Files.isDirectory(folder) ? list(folder) : List.of(folder);
    if (pictures.isEmpty()) {
      throw new MoteException(
          "a folder holds no picture: folder=%s; give one with png, jpg, webp or bmp files"
              .formatted(folder));
    }
    if (range.start() >= pictures.size()) {
      throw new MoteException(
          "the range starts behind the last frame: file=%s, start=%d, frames=%d; give start <= %d"
              .formatted(folder, range.start(), pictures.size(), pictures.size() - 1));
    }
    index = range.start();
    end = Math.min(range.end(), pictures.size());
    decoder = new PictureDecoder();
    try {
      Path first = pictures.get((int) index);
      AVFrame frame = decoder.decode(first, index);
      Orientation orientation = decoder.orientation(first);
      height = orientation.shownHeight(frame.height(), frame.width());
      width = orientation.shownWidth(frame.height(), frame.width());
    } catch (RuntimeException e) {
      decoder.close();
      converter.close();
      throw e;
    }
    OpenMedia.add(this);
  }

  private static List<Path> list(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(PictureFolder::isPicture)
          .sorted(Comparator.comparing(p -> p.getFileName().toString(), new NaturalOrder()))
          .toList();
    } catch (IOException e) {
      throw new MoteException(
          "a folder cannot be listed: folder=%s, cause=%s; check its permissions"
              .formatted(folder, e),
          e);
    }
  }

  /** Whether a file counts among a folder's pictures: by its name, which must not be hidden. */
  static boolean isPicture(Path path) {
    String name = path.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return dot > 0
        && !name.startsWith(".")
        && SUFFIXES.contains(name.substring(dot + 1).toLowerCase(Locale.ROOT))
        && Files.isRegularFile(path);
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
    return end - index;
  }

  @Override
  public int read(Frames into) {
    if (closed) {
      throw new IllegalStateException(
          "PictureFolder is closed: folder=" + folder + "; open it again");
    }
    into.clear();
    if (into.height() != height || into.width() != width) {
      throw new MoteException(
          "a batch has another size than the video: file=%s, height=%d, width=%d, video_height=%d, video_width=%d; open Frames with the source's size"
              .formatted(folder, into.height(), into.width(), height, width));
    }
    while (into.count() < into.capacity() && index < end) {
      Path file = pictures.get((int) index);
      AVFrame frame = decoder.decode(file, index);
      Orientation orientation = decoder.orientation(file);
      requireSize(file, orientation, frame);
      converter.convert(frame, orientation, into.picture(into.count()), file);
      into.append(index, Math.multiplyExact(index, frameNanos));
      index++;
    }
    return into.count();
  }

  private void requireSize(Path file, Orientation orientation, AVFrame frame) {
    int shownHeight = orientation.shownHeight(frame.height(), frame.width());
    int shownWidth = orientation.shownWidth(frame.height(), frame.width());
    if (shownHeight != height || shownWidth != width) {
      throw new MoteException(
          "a frame has another size than the first: file=%s, frame=%d, height=%d, width=%d, first_height=%d, first_width=%d; scale all pictures to one size"
              .formatted(file, index, shownHeight, shownWidth, height, width));
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
