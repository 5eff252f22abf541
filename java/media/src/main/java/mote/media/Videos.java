package mote.media;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import mote.engine.FrameSource;
import mote.engine.MoteException;

/**
 * Opens what users call a video: a file that FFmpeg decodes (mp4, webm, mkv, avi, animated gif or
 * png, ...), a folder of pictures (png, jpg, webp, bmp) or a single one.
 */
public final class Videos {
  /** The time between the pictures of a folder unless the caller knows better: 25 a second. */
  public static final long FOLDER_FRAME_NANOS = 40_000_000L;

  private Videos() {}

  /** As {@link #open(Path, FrameRange)} with all frames. */
  public static FrameSource open(Path path) {
    return open(path, FrameRange.ALL);
  }

  /** As {@link #open(Path, FrameRange, long)} with {@link #FOLDER_FRAME_NANOS}. */
  public static FrameSource open(Path path, FrameRange range) {
    return open(path, range, FOLDER_FRAME_NANOS);
  }

  /**
   * Opens a video. Frames are RGB uint8, full range, turned as the metadata says; the sample aspect
   * is left alone. Their indices are those of the whole video, whatever the range; timestamps are
   * the container's, counted from its start.
   *
   * <p>A folder's pictures come in natural order (seq2 before seq10); other files and hidden ones
   * are ignored.
   *
   * @param range the frames to read; frames before it are decoded and dropped
   * @param folderFrameNanos time between the pictures of a folder, above 0; not used for files
   * @throws MoteException naming the file if it is missing, empty, no video, or its first frame
   *     cannot be decoded
   */
  public static FrameSource open(Path path, FrameRange range, long folderFrameNanos) {
    if (folderFrameNanos <= 0) {
      throw new MoteException(
          "a folder's frame time is not positive: nanoseconds=%d; give the time between two pictures"
              .formatted(folderFrameNanos));
    }
    Ffmpeg.load();
    if (Files.isDirectory(path)) {
      return new PictureFolder(path, range, folderFrameNanos);
    }
    if (!Files.exists(path)) {
      throw new MoteException("a video does not exist: file=%s; check the path".formatted(path));
    }
    try {
      if (!Files.isReadable(path)) {
        throw new MoteException(
            "a video may not be read: file=%s; give yourself the permission".formatted(path));
      }
      if (Files.isRegularFile(path) && Files.size(path) == 0) {
        throw new MoteException(
            "a video is empty: file=%s, bytes=0; fetch or record it again".formatted(path));
      }
    } catch (IOException e) {
      throw new MoteException(
          "a video cannot be read: file=%s, cause=%s; check the disk".formatted(path, e), e);
    }
    // The name counts, too: a stream of jpegs starts as a single one does.
    return PictureFolder.isPicture(path) && PictureDecoder.isStill(path)
        ? new PictureFolder(path, range, folderFrameNanos)
        : new VideoFile(path, range);
  }
}
