package mote.media;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import mote.engine.MoteException;

/**
 * Where a reading thread leaves frames and another takes them: a fixed number of frames that go
 * round. Monitors instead of locks, because waiting on a condition makes garbage.
 */
final class FrameExchange implements AutoCloseable {
  /** One is filled, one waits, one is worked on. */
  private static final int LATEST_FRAMES = 3;

  private static final int EVERY_FRAMES = 6;

  private final FramePolicy policy;
  private final int frames;
  private final Deque<LiveFrame> free;
  private final Deque<LiveFrame> waiting;
  private final Deque<LiveFrame> held;
  private final List<MemorySegment> slabs = new ArrayList<>();
  private long dropped;
  private int lastHeight;
  private int lastWidth;
  private boolean stopped;
  private boolean ended;
  private boolean closed;
  private MoteException failure;

  /** Allocates all frames for pictures of that size. */
  FrameExchange(FramePolicy policy, int height, int width) {
    this.policy = policy;
    frames = policy == FramePolicy.LATEST ? LATEST_FRAMES : EVERY_FRAMES;
    free = new ArrayDeque<>(frames);
    waiting = new ArrayDeque<>(frames);
    held = new ArrayDeque<>(frames);
    lastHeight = height;
    lastWidth = width;
    for (int i = 0; i < frames; i++) {
      LiveFrame frame = new LiveFrame(this);
      free.add(frame);
      frame.prepare(height, width);
      slabs.add(frame.slab());
    }
  }

  /** As {@link LiveSource#slabs}. */
  List<MemorySegment> slabs() {
    return List.copyOf(slabs);
  }

  /** A frame to fill; waits where all are taken. Null after {@link #stop}. */
  synchronized LiveFrame free() {
    while (!stopped) {
      if (!free.isEmpty()) {
        return free.poll();
      }
      if (policy == FramePolicy.LATEST && !waiting.isEmpty()) {
        dropped++;
        return waiting.poll();
      }
      await(TimeUnit.HOURS.toNanos(1));
    }
    return null;
  }

  /** Hands over a filled frame. */
  synchronized void put(LiveFrame frame) {
    if (closed) {
      frame.free();
      return;
    }
    if (policy == FramePolicy.LATEST && !waiting.isEmpty()) {
      dropped++;
      free.add(waiting.poll());
    }
    waiting.add(frame);
    notifyAll();
  }

  /** Takes back a frame that was not filled. */
  synchronized void putBack(LiveFrame frame) {
    if (closed) {
      frame.free();
    } else {
      free.add(frame);
    }
  }

  /**
   * The next frame; waits for it.
   *
   * @return null where none came in that time, or none will come
   * @throws MoteException what the source failed with, once, after all good frames were taken
   */
  synchronized LiveFrame take(long waitNanos) {
    long began = System.nanoTime();
    while (waiting.isEmpty() && !ended && !stopped) {
      long left = waitNanos - (System.nanoTime() - began);
      if (left <= 0) {
        return null;
      }
      await(left);
    }
    if (stopped) {
      return null;
    }
    LiveFrame frame = waiting.poll();
    if (frame == null) {
      if (failure != null) {
        MoteException said = failure;
        failure = null;
        throw said;
      }
      return null;
    }
    frame.setResized(frame.height() != lastHeight || frame.width() != lastWidth);
    lastHeight = frame.height();
    lastWidth = frame.width();
    held.add(frame);
    return frame;
  }

  synchronized void requireHeld(LiveFrame frame) {
    if (!held.contains(frame)) {
      throw new IllegalStateException(
          "LiveFrame is closed: frame=" + frame.index() + "; take another from its source");
    }
  }

  /** Does nothing for a frame that was given back before. */
  synchronized void giveBack(LiveFrame frame) {
    if (held.remove(frame)) {
      putBack(frame);
      notifyAll();
    }
  }

  /** No frame will be put any more. */
  synchronized void end(MoteException reason) {
    ended = true;
    failure = reason;
    notifyAll();
  }

  /** No frame will be taken any more; wakes whoever waits. */
  synchronized void stop() {
    stopped = true;
    notifyAll();
  }

  /** Whether {@link #take} will return null from now on: what it has to throw it has thrown. */
  synchronized boolean isOver() {
    return stopped || ended && waiting.isEmpty() && failure == null;
  }

  synchronized boolean isStopped() {
    return stopped;
  }

  synchronized long dropped() {
    return dropped;
  }

  private void await(long nanos) {
    try {
      // At least a millisecond: 0 would mean for ever.
      wait(Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stopped = true;
    }
  }

  /** Frees all frames but those that are held: these when they are given back. */
  @Override
  public synchronized void close() {
    stop();
    closed = true;
    free.forEach(LiveFrame::free);
    free.clear();
    waiting.forEach(LiveFrame::free);
    waiting.clear();
  }
}
