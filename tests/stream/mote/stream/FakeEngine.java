package mote.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import mote.engine.MoteException;

/**
 * An engine whose points go one pixel to the right with every frame. Allocates nothing but errors.
 */
public final class FakeEngine implements PointEngine {
  /** What all engines of a test share. */
  public static final class Shared implements PointEngine.Opener {
    final int capacity;
    public final AtomicInteger open = new AtomicInteger();
    final AtomicInteger resizes = new AtomicInteger();

    /** Frames that may be tracked; null for any number. */
    public volatile Semaphore gate;

    /** Thrown by the next push, if any. */
    volatile RuntimeException failure;

    /** Frames that are being tracked or wait for the gate. */
    public final Semaphore entered = new Semaphore(0);

    public Shared(int capacity) {
      this.capacity = capacity;
    }

    @Override
    public PointEngine open(int height, int width) {
      open.incrementAndGet();
      return new FakeEngine(this, height, width);
    }
  }

  private final Shared shared;
  private final long[] points;
  private final float[] x;
  private final float[] y;
  private final boolean[] frozen;
  private final List<MemorySegment> pinned = new ArrayList<>();
  private int height;
  private int width;
  private int count;
  private long identities;
  private long frame = -1;
  private boolean closed;

  private FakeEngine(Shared shared, int height, int width) {
    this.shared = shared;
    this.height = height;
    this.width = width;
    points = new long[shared.capacity];
    x = new float[shared.capacity];
    y = new float[shared.capacity];
    frozen = new boolean[shared.capacity];
  }

  @Override
  public void pin(MemorySegment memory) {
    assertEquals(0, memory.address() % 4096, "whole pages");
    pinned.add(memory);
  }

  /** A device could read it where it lies. */
  private boolean isPinned(MemorySegment picture) {
    long from = picture.address();
    return pinned.stream()
        .anyMatch(
            slab ->
                from >= slab.address()
                    && from + picture.byteSize() <= slab.address() + slab.byteSize());
  }

  @Override
  public void resize(int newHeight, int newWidth) {
    height = newHeight;
    width = newWidth;
    shared.resizes.incrementAndGet();
  }

  @Override
  public void push(long next, MemorySegment picture, long rowStrideBytes) {
    assertEquals(3L * width, rowStrideBytes);
    assertEquals(3L * width * height, picture.byteSize());
    if (frame < 0) { // the others lie in the same slabs; and looking makes garbage
      assertTrue(isPinned(picture));
    }
    if (shared.failure != null) {
      throw shared.failure;
    }
    shared.entered.release();
    if (shared.gate != null) {
      shared.gate.acquireUninterruptibly();
    }
    frame = next;
    for (int i = 0; i < count; i++) {
      x[i] += frozen[i] ? 0 : 1;
    }
    // The picture's own bytes are seen in an answer: visibility of every row.
    shade = (picture.get(ValueLayout.JAVA_BYTE, picture.byteSize() - 1) & 0xff) / 255f;
  }

  private float shade;

  @Override
  public long add(long ofFrame, float px, float py) {
    if (!(px >= 0 && px <= width - 1 && py >= 0 && py <= height - 1)) {
      throw new IllegalArgumentException(
          "point lies outside the picture: x=%s, y=%s; give pixels of it".formatted(px, py));
    }
    if (ofFrame != frame) {
      throw new MoteException("frame is no longer in the ring: frame=" + ofFrame + "; give newer");
    }
    if (count == shared.capacity) {
      throw new MoteException("capacity is used up: points=" + count + "; remove some");
    }
    points[count] = identities++;
    x[count] = px;
    y[count] = py;
    frozen[count] = false;
    return points[count++];
  }

  @Override
  public void remove(long point) {
    int row = row(point);
    count--;
    for (int i = row; i < count; i++) {
      points[i] = points[i + 1];
      x[i] = x[i + 1];
      y[i] = y[i + 1];
      frozen[i] = frozen[i + 1];
    }
  }

  private int row(long point) {
    for (int i = 0; i < count; i++) {
      if (points[i] == point) {
        return i;
      }
    }
    throw new IllegalArgumentException("point is not live: point=" + point + "; add it");
  }

  @Override
  public void move(long point, long ofFrame, float px, float py) {
    int row = row(point);
    x[row] = px;
    y[row] = py;
  }

  @Override
  public void freeze(long point) {
    frozen[row(point)] = true;
  }

  @Override
  public void thaw(long point) {
    frozen[row(point)] = false;
  }

  @Override
  public void cut() {}

  @Override
  public int count() {
    return count;
  }

  @Override
  public long point(int row) {
    return points[row];
  }

  @Override
  public float x(int row) {
    return x[row];
  }

  @Override
  public float y(int row) {
    return y[row];
  }

  @Override
  public float visibility(int row) {
    return shade;
  }

  /** Every third point has none. */
  @Override
  public float confidence(int row) {
    return points[row] % 3 == 2 ? Float.NaN : 0.5f;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      shared.open.decrementAndGet();
    }
  }
}
