package mote.media;

import java.lang.foreign.MemorySegment;
import java.util.List;
import mote.engine.MoteException;

/**
 * Frames that come when they come: from a camera, a stream, or a file played at its own pace. A
 * thread of the source's own reads, decodes and converts them to RGB (uint8, full range) into
 * native memory that was allocated when it was opened; from then on a frame makes no garbage.
 *
 * <p>Frames are taken by one thread at a time. {@link #close} may be called by any thread.
 */
public interface LiveSource extends AutoCloseable {
  /** As people are told of it: no password. */
  String name();

  /** Rows of its first frame. */
  int height();

  /** Columns of its first frame. */
  int width();

  /**
   * Waits for the next frame. A frame may have another size than the last: {@link
   * LiveFrame#resized} says so.
   *
   * @param waitNanos how long at most
   * @return the caller's to close; null where none came in that time, or where {@link #isOver}
   * @throws MoteException when the source is lost (damaged, silent for too long, could not be
   *     opened again), once, after all good frames were returned
   */
  LiveFrame next(long waitNanos);

  /** Whether no frame will come any more: the source's end, or {@link #close}. */
  boolean isOver();

  /**
   * The memory that its frames were given at open and keep until they are freed, page-aligned: for
   * {@link mote.engine.live.LiveTracker#pin}. Frames that grow lie elsewhere.
   */
  List<MemorySegment> slabs();

  /** Frames that were received and decoded until now. */
  long received();

  /** Frames of these that nobody took because a newer one replaced them. */
  long dropped();

  /** How often the source broke off and came back. */
  int reconnects();

  /** Frames and packets that could not be decoded and were left out. */
  long damaged();

  /**
   * Ends reading and frees everything but frames that are still held: these are freed when they are
   * closed. A thread that waits in {@link #next} gets null. A second call does nothing.
   */
  @Override
  void close();
}
