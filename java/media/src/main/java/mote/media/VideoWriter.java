package mote.media;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
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

  private static final int PADDING = 64;

  private final Path file;
  private final Path temporary;
  private final FrameEncoder encoder;
  private final Arena arena = Arena.ofShared();
  private final long pictureBytes;

  /** Guards everything below. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Condition changed = lock.newCondition();
  private final Deque<MemorySegment> free = new ArrayDeque<>();
  private final Deque<Pending> waiting = new ArrayDeque<>();
  private MemorySegment next;
  private long firstNanos;
  private long lastNanos;
  private long submitted;
  private boolean ending;
  private boolean encoderDone;
  private boolean abandoned;
  private boolean named;
  private boolean closed;
  private RuntimeException failure;

  private record Pending(MemorySegment picture, long nanos) {}

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
   * @throws MoteException as {@link #requireWritable}, or if the encoder refuses the size
   */
  public static VideoWriter create(Path file, int height, int width) {
    requireWritable(file);
    if (height < 16 || width < 16 || (long) height * width * 3 > Integer.MAX_VALUE / QUEUE) {
      throw new MoteException(
          "a video's size cannot be written: file=%s, height=%d, width=%d; keep both at least 16 and their product under 170 million"
              .formatted(file, height, width));
    }
    return new VideoWriter(file, VideoFormat.of(file), height, width);
  }

  private VideoWriter(Path file, VideoFormat format, int height, int width) {
    this.file = file;
    temporary = temporaryName(file);
    pictureBytes = 3L * height * width;
    try {
      encoder =
          format == VideoFormat.GIF
              ? new GifEncoder(temporary, file, height, width)
              : new YuvEncoder(temporary, file, format, height, width);
      for (int i = 0; i < QUEUE; i++) {
        // The encoder reads whole vectors: the slice that callers see ends before the padding.
        free.add(arena.allocate(pictureBytes + PADDING, PADDING).asSlice(0, pictureBytes));
      }
    } catch (RuntimeException e) {
      arena.close();
      remove();
      throw e;
    }
    OpenMedia.add(this);
    Thread.ofPlatform().name("mote-encode").daemon().start(this::encodeAll);
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
    lock.lock();
    try {
      while (next == null && free.isEmpty() && !ending && failure == null) {
        changed.awaitUninterruptibly();
      }
      requireTaking();
      if (next == null) {
        next = free.poll();
      }
      return next;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Hands the frame in {@link #next()} to the encoder.
   *
   * @param timestampNanos when it is shown, not before the last; the first frame's becomes 0
   */
  public void submit(long timestampNanos) {
    lock.lock();
    try {
      requireTaking();
      if (next == null) {
        throw new IllegalStateException("VideoWriter has no frame to take; call next() first");
      }
      if (submitted == 0) {
        firstNanos = timestampNanos;
      } else if (timestampNanos < lastNanos) {
        throw new MoteException(
            "a frame is older than the last: file=%s, frame=%d, timestamp_ns=%d, last_timestamp_ns=%d; write frames in order"
                .formatted(file, submitted, timestampNanos, lastNanos));
      }
      lastNanos = timestampNanos;
      waiting.add(new Pending(next, timestampNanos - firstNanos));
      next = null;
      submitted++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
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
    lock.lock();
    try {
      if (named || closed) {
        return submitted;
      }
      ending = true;
      changed.signalAll();
      awaitEncoder();
      if (named || closed) {
        return submitted;
      }
      if (failure != null) {
        throw failure;
      }
      if (submitted > 0) {
        Files.move(
            temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        named = true;
      }
      return submitted;
    } catch (IOException e) {
      throw new MoteException(
          "a finished video cannot be given its name: file=%s, cause=%s; check the folder"
              .formatted(file, e),
          e);
    } finally {
      lock.unlock();
    }
  }

  /** Frees everything; a file that was not finished is removed. */
  @Override
  public void close() {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      ending = true;
      abandoned = true;
      changed.signalAll();
      awaitEncoder();
      if (closed) {
        return;
      }
      closed = true;
      encoder.close();
      arena.close();
      if (!named) {
        remove();
      }
      OpenMedia.remove(this);
    } finally {
      lock.unlock();
    }
  }

  /** Waits without the lock until the encoder thread is through with file and memory. */
  private void awaitEncoder() {
    while (!encoderDone) {
      changed.awaitUninterruptibly();
    }
  }

  private void encodeAll() {
    try {
      for (Pending frame = take(); frame != null; frame = take()) {
        encoder.encode(frame.picture(), frame.nanos());
        giveBack(frame.picture());
      }
      if (isWanted()) {
        encoder.finish();
      }
      endEncoding(null);
    } catch (RuntimeException e) {
      endEncoding(e);
    } catch (Error e) {
      endEncoding(new IllegalStateException("the encoder died: file=" + file, e));
      throw e;
    }
  }

  /** The next frame to encode; null when there is none and none will come. */
  private Pending take() {
    lock.lock();
    try {
      while (waiting.isEmpty() && !ending) {
        changed.awaitUninterruptibly();
      }
      return abandoned ? null : waiting.poll();
    } finally {
      lock.unlock();
    }
  }

  private boolean isWanted() {
    lock.lock();
    try {
      return !abandoned && submitted > 0;
    } finally {
      lock.unlock();
    }
  }

  private void giveBack(MemorySegment picture) {
    lock.lock();
    try {
      free.add(picture);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void endEncoding(RuntimeException reason) {
    lock.lock();
    try {
      failure = reason;
      encoderDone = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void requireTaking() {
    if (failure != null) {
      throw failure;
    }
    if (ending) {
      throw new IllegalStateException(
          "VideoWriter is finished: file=" + file + ", frames=" + submitted + "; create a new one");
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
