package mote.media;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One frame of a {@link LiveSource} in native memory that is used again and again. It belongs to
 * whoever took it until {@link #close}, also where the source is closed before; nothing of it may
 * be used afterwards.
 */
public final class LiveFrame implements AutoCloseable {
  /** Encoders and scalers use whole vectors: rows of what callers see may be read beyond. */
  private static final int PADDING = 64;

  /** What is pinned for a device is pages. */
  private static final int PAGE = 4096;

  private final FrameExchange owner;
  private Arena arena;

  /** What the frame was given first: kept until it is freed, since somebody may have pinned it. */
  private Arena first;

  private MemorySegment slab = MemorySegment.NULL;
  private MemorySegment memory = MemorySegment.NULL;
  private MemorySegment picture = MemorySegment.NULL;
  private int height;
  private int width;
  private long index;
  private long timestampNanos;
  private long arrivalNanos;
  private boolean resized;

  LiveFrame(FrameExchange owner) {
    this.owner = owner;
  }

  /** Its number among all frames that the source received, those that were dropped included. */
  public long index() {
    return index;
  }

  /** Its time since the source's first frame, as the source says; rises from frame to frame. */
  public long timestampNanos() {
    return timestampNanos;
  }

  /** When it was complete in this memory, on the clock of {@link System#nanoTime}. */
  public long arrivalNanos() {
    return arrivalNanos;
  }

  public int height() {
    return height;
  }

  public int width() {
    return width;
  }

  /** Whether it has another size than the frame that was taken before it. */
  public boolean resized() {
    return resized;
  }

  /** height * width RGB triples without padding; may be written to (drawn on). */
  public MemorySegment picture() {
    owner.requireHeld(this);
    return picture;
  }

  /** Gives the memory back to the source. */
  @Override
  public void close() {
    owner.giveBack(this);
  }

  /** Memory for a picture of that size: anew only where it is too small. The filler's alone. */
  MemorySegment prepare(int pictureHeight, int pictureWidth) {
    long bytes = 3L * pictureHeight * pictureWidth;
    if (pictureHeight != height || pictureWidth != width) {
      if (memory.byteSize() < bytes + PADDING) {
        grow(bytes + PADDING);
      }
      picture = memory.asSlice(0, bytes);
      height = pictureHeight;
      width = pictureWidth;
    }
    return picture;
  }

  private void grow(long bytes) {
    if (arena != null && arena != first) {
      arena.close();
    }
    arena = Arena.ofShared();
    memory = arena.allocate(bytes, PAGE);
    if (first == null) {
      first = arena;
      slab = memory;
    }
  }

  /** As {@link LiveSource#slabs}. */
  MemorySegment slab() {
    return slab;
  }

  void stamp(long frameIndex, long timestamp, long arrival) {
    index = frameIndex;
    timestampNanos = timestamp;
    arrivalNanos = arrival;
  }

  void setResized(boolean value) {
    resized = value;
  }

  void free() {
    if (arena != null) {
      if (arena != first) {
        arena.close();
      }
      first.close();
      arena = null;
      first = null;
      slab = MemorySegment.NULL;
      memory = MemorySegment.NULL;
      picture = MemorySegment.NULL;
      height = 0;
      width = 0;
    }
  }
}
