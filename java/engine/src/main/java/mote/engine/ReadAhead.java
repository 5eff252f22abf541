package mote.engine;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Reads a source one batch ahead in a thread of its own, so that pictures are decoded while the
 * batch before is worked on. Two batches take turns; no picture is copied.
 */
public final class ReadAhead implements AutoCloseable {
  private final FrameSource source;
  private final Frames[] batches = new Frames[2];
  private final ExecutorService reader =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("mote-read").factory());
  private Future<Integer> coming;
  private int turn;
  private MoteException failure;
  private boolean over;
  private boolean closed;

  /**
   * @param source stays owned by the caller, who must not touch it until this is closed
   * @param capacity frames of a batch, at least 1
   */
  public ReadAhead(FrameSource source, BufferAllocator allocator, int capacity) {
    this.source = source;
    batches[0] = new Frames(allocator, source.height(), source.width(), capacity);
    try {
      batches[1] = new Frames(allocator, source.height(), source.width(), capacity);
    } catch (RuntimeException | Error e) {
      batches[0].close();
      throw e;
    }
    coming = read(batches[0]);
  }

  /**
   * The next batch, with one frame or more; its pictures are valid until the next call.
   *
   * @return null at the end of the source
   * @throws MoteException if the source fails, after the good frames before that were returned
   */
  public Frames next() {
    if (failure != null) {
      throw failure;
    }
    if (over) {
      return null;
    }
    Frames ready = batches[turn];
    int count = await(ready);
    turn = 1 - turn;
    if (failure == null && count > 0) {
      coming = read(batches[turn]);
      return ready;
    }
    over = true;
    if (count > 0) {
      return ready;
    }
    return next();
  }

  private Future<Integer> read(Frames batch) {
    return reader.submit(() -> source.read(batch));
  }

  /** Frames of the batch that is coming; a failure is kept for the next call. */
  private int await(Frames batch) {
    try {
      return coming.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case MoteException broken -> failure = broken;
        case RuntimeException bug -> throw bug;
        case Error error -> throw error;
        case Throwable other -> throw new IllegalStateException(other);
      }
      return batch.count();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failure =
          new MoteException(
              "reading was interrupted: thread=%s; read again"
                  .formatted(Thread.currentThread().getName()),
              e);
      return 0;
    }
  }

  /** Waits for the read that is under way; a second call does nothing. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    reader.close();
    for (Frames batch : batches) {
      batch.close();
    }
  }
}
