package mote.stream;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Native memory of a fixed size, allocated once: the same bytes for channels and for the engine.
 */
final class Slab implements AutoCloseable {
  private final ArrowBuf arrow;
  private final ByteBuffer bytes;
  private final MemorySegment memory;
  private boolean closed;

  Slab(BufferAllocator allocator, int size) {
    arrow = allocator.buffer(size);
    bytes = arrow.nioBuffer(0, size).order(ByteOrder.LITTLE_ENDIAN);
    memory = MemorySegment.ofBuffer(bytes);
  }

  int size() {
    return (int) memory.byteSize();
  }

  /** For channels: position and limit are the caller's. Little endian. */
  ByteBuffer bytes() {
    return bytes;
  }

  MemorySegment memory() {
    return memory;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      arrow.close();
    }
  }
}
