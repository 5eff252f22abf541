package mote.media;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import mote.engine.MoteException;

/**
 * Writes RGB frames as mp4 (H.264), webm (VP9) or gif, by the file's suffix. Frames are encoded by
 * a thread of the writer's own; at most {@value #QUEUE} wait for it.
 *
 * <p>The file has a temporary, hidden name in the same folder until it is whole. {@link #finish}
 * gives it its name; {@link #finishEarly} does so with the frames that came until then; {@link
 * #close} without either removes it. The two finishing methods and close may be called by another
 * thread than the one that brings frames, for instance by a shutdown hook.
 */
public final class VideoWriter implements AutoCloseable {
  /** Frames that wait for the encoder at most. */
  public static final int QUEUE = 4;

  private final Path file;
  private final Path temporary;
  private final long pictureBytes;
  private final EncodingQueue queue;

  /** Guards what follows and the file's name. */
  private final Object naming = new Object();

  private boolean named;
  private boolean closed;

  /**
   * Refuses a name that says no form of video.
   *
   * @throws MoteException if the suffix is unknown
   */
  public static void requireSuffix(Path file) {
    VideoFormat.of(file);
  }

  /**
   * Says early whether frames of that size could be written, before anything is computed for them.
   *
   * @throws MoteException if a side is too small or the encoder refuses the size
   */
  public static void requireSize(Path file, int height, int width) {
    if (height < 16 || width < 16 || (long) height * width * 3 > Integer.MAX_VALUE / QUEUE) {
      throw new MoteException(
          "a video's size cannot be written: file=%s, height=%d, width=%d; keep both at least 16 and their product under 170 million"
              .formatted(file, height, width));
    }
    VideoFormat format = VideoFormat.of(file);
    if (format != VideoFormat.GIF) { // which takes every size that the tracker takes
      YuvEncoder.requireSize(format, height, width);
    }
  }

  /**
   * Says early whether a file could be written, before anything is computed for it.
   *
   * @throws MoteException if the suffix is unknown, or the folder is missing or cannot be written
   */
  public static void requireWritable(Path file) {
    VideoFormat.of(file);
    Path folder = file.toAbsolutePath().getParent();
    if (!Files.isDirectory(folder)) {
      throw new MoteException(
          "a video's folder does not exist: file=%s; make the folder first".formatted(file));
    }
    if (Files.isDirectory(file)) {
      throw new MoteException(
          "a video's name is a folder's: file=%s; give another name".formatted(file));
    }
    if (!Files.isWritable(folder)) {
      throw new MoteException(
          "a video's folder cannot be written: file=%s; give yourself the permission or another folder"
              .formatted(file));
    }
  }

  /**
   * @param file its suffix says what is written
   * @param height rows of every frame, at least 16
   * @param width columns of every frame, at least 16
   * @throws MoteException as {@link #requireWritable} and {@link #requireSize}
   */
  public static VideoWriter create(Path file, int height, int width) {
    requireWritable(file);
    requireSize(file, height, width);
    Ffmpeg.load();
    return new VideoWriter(file, VideoFormat.of(file), height, width);
  }

  private VideoWriter(Path file, VideoFormat format, int height, int width) {
    this.file = file;
    temporary = temporaryName(file);
    pictureBytes = 3L * height * width;
    try {
      FrameEncoder encoder =
          format == VideoFormat.GIF
              ? new GifEncoder(temporary, file, height, width)
              : new YuvEncoder(temporary, file, format, height, width);
      queue = new EncodingQueue(encoder, file, pictureBytes);
    } catch (RuntimeException e) {
      remove();
      throw e;
    }
    OpenMedia.add(this);
  }

  /** Hidden, in the file's own folder so that renaming is one step, and the process's own. */
  static Path temporaryName(Path file) {
    Path absolute = file.toAbsolutePath();
    return absolute.resolveSibling(
        ".%s.%d.part".formatted(absolute.getFileName(), ProcessHandle.current().pid()));
  }

  /**
   * Memory for the next frame, height * width RGB triples with undefined content: write it, draw on
   * it, then {@link #submit}. Waits while the encoder is behind.
   */
  public MemorySegment next() {
    return queue.next();
  }

  /**
   * Hands the frame in {@link #next()} to the encoder.
   *
   * @param timestampNanos when it is shown, not before the last; the first frame's becomes 0
   */
  public void submit(long timestampNanos) {
    queue.submit(timestampNanos);
  }

  /** Copies a frame and hands it to the encoder. */
  public void write(MemorySegment rgb, long timestampNanos) {
    if (rgb.byteSize() != pictureBytes) {
      throw new MoteException(
          "a frame has another size than the video: file=%s, bytes=%d, video_bytes=%d; give height * width RGB triples"
              .formatted(file, rgb.byteSize(), pictureBytes));
    }
    next().copyFrom(rgb);
    submit(timestampNanos);
  }

  /**
   * Encodes what waits, ends the file and gives it its name. Does nothing if that has been done.
   *
   * @return frames in the file
   * @throws MoteException if the file cannot be written, or no frame came; nothing is left then
   */
  public long finish() {
    long frames = finishEarly();
    if (frames == 0) {
      throw new MoteException(
          "a video got no frame and is not written: file=%s; check that the source has frames"
              .formatted(file));
    }
    return frames;
  }

  /**
   * As {@link #finish} for a run that is cut short: whoever still brings frames gets an
   * IllegalStateException, and without any frame there is no file.
   *
   * @return frames in the file
   */
  public long finishEarly() {
    boolean whole = queue.end();
    synchronized (naming) {
      if (whole && !named && !closed) {
        name();
      }
    }
    return queue.submitted();
  }

  private void name() {
    try {
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      named = true;
    } catch (IOException e) {
      throw new MoteException(
          "a finished video cannot be given its name: file=%s, cause=%s; check the folder"
              .formatted(file, e),
          e);
    }
  }

  /** Frees everything; a file that was not finished is removed. */
  @Override
  public void close() {
    queue.close();
    synchronized (naming) {
      if (!closed) {
        closed = true;
        if (!named) {
          remove();
        }
        OpenMedia.remove(this);
      }
    }
  }

  private void remove() {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      throw new MoteException(
          "an unfinished video cannot be removed: file=%s, cause=%s; remove it by hand"
              .formatted(temporary, e),
          e);
    }
  }
}
