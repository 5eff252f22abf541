package mote.media;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import mote.engine.MoteException;

/**
 * Pictures on their way to an encoder: one thread fills them, a thread of the queue's own encodes
 * them, a third may end it. There are {@link VideoWriter#QUEUE} of them, so that memory is bounded.
 */
final class EncodingQueue implements AutoCloseable {
  /** Encoders read whole vectors: what callers see of a picture ends before this many bytes. */
  private static final int PADDING = 64;

  private final FrameEncoder encoder;
  private final Path file;
  private final Arena arena = Arena.ofShared();

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
  private boolean abandoned;
  private boolean done;
  private boolean whole;
  private boolean closed;
  private RuntimeException failure;

  private record Pending(MemorySegment picture, long nanos) {}

  /**
   * @param encoder becomes this object's
   * @param file for messages
   */
  EncodingQueue(FrameEncoder encoder, Path file, long pictureBytes) {
    this.encoder = encoder;
    this.file = file;
    for (int i = 0; i < VideoWriter.QUEUE; i++) {
      free.add(arena.allocate(pictureBytes + PADDING, PADDING).asSlice(0, pictureBytes));
    }
    Thread.ofPlatform().name("mote-encode").daemon().start(this::encodeAll);
  }

  /** The picture to fill; waits while the encoder is behind. */
  MemorySegment next() {
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

  /** Hands over the picture that {@link #next} gave. */
  void submit(long timestampNanos) {
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

  /** Pictures that were handed over. */
  long submitted() {
    lock.lock();
    try {
      return submitted;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes nothing more and waits until all that was handed over is encoded and the file ended.
   *
   * @return whether the file is whole: it is not where nothing came, or where {@link #close} came
   *     in between
   */
  boolean end() {
    lock.lock();
    try {
      ending = true;
      changed.signalAll();
      awaitThread();
      if (failure != null) {
        throw failure;
      }
      return whole;
    } finally {
      lock.unlock();
    }
  }

  /** Drops what waits, waits for the thread and frees everything. */
  @Override
  public void close() {
    lock.lock();
    try {
      ending = true;
      abandoned = true;
      changed.signalAll();
      awaitThread();
      if (!closed) {
        closed = true;
        encoder.close();
        arena.close();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits without the lock until the thread is through with file and memory. */
  private void awaitThread() {
    while (!done) {
      changed.awaitUninterruptibly();
    }
  }

  private void encodeAll() {
    try {
      for (Pending frame = take(); frame != null; frame = take()) {
        encoder.encode(frame.picture(), frame.nanos());
        giveBack(frame.picture());
      }
      boolean wanted = isWanted();
      if (wanted) {
        encoder.finish();
      }
      leave(wanted, null);
    } catch (RuntimeException e) {
      leave(false, e);
    } catch (Error e) {
      leave(false, new IllegalStateException("the encoder died: file=" + file, e));
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

  private void leave(boolean wholeFile, RuntimeException reason) {
    lock.lock();
    try {
      whole = wholeFile;
      failure = reason;
      done = true;
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
}
