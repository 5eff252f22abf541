package mote.stream;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.apache.arrow.memory.AllocationManager;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/**
 * Arrow's way to get memory, for slabs that live as long as a server: pages of their own, zeroed
 * (and so present) from the start, given back when Arrow's last reference goes.
 */
final class SlabMemory extends AllocationManager {
  private static final long PAGE = 4096;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;

  private SlabMemory(BufferAllocator accounting, long bytes) {
    super(accounting);
    memory = arena.allocate(bytes, PAGE);
  }

  /** An allocator of slabs, which says at its close what was not given back. */
  static BufferAllocator allocator() {
    return new RootAllocator(
        RootAllocator.configBuilder()
            .allocationManagerFactory(new Factory())
            .roundingPolicy(bytes -> bytes) // not to powers of two: slabs are never resized
            .build());
  }

  @Override
  public long getSize() {
    return memory.byteSize();
  }

  @Override
  protected long memoryAddress() {
    return memory.address();
  }

  @Override
  protected void release0() {
    arena.close();
  }

  private static final class Factory implements AllocationManager.Factory {
    private static final ArrowBuf EMPTY = new ArrowBuf(null, null, 0, 0);

    @Override
    public AllocationManager create(BufferAllocator accounting, long bytes) {
      return new SlabMemory(accounting, bytes);
    }

    @Override
    public ArrowBuf empty() {
      return EMPTY;
    }
  }
}
