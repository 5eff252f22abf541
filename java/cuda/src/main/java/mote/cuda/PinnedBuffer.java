package mote.cuda;

import java.lang.foreign.MemorySegment;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;

/**
 * Host memory that the copy engine reads and writes by itself; declared and freed by {@link
 * Memory}.
 */
final class PinnedBuffer {
  private final String name;
  private final int bytes;
  private final Pointer pointer = new Pointer();
  private MemorySegment segment;

  PinnedBuffer(String name, int bytes) {
    this.name = name;
    this.bytes = bytes;
  }

  void allocate() {
    Status.check("cuMemAllocHost", JCudaDriver.cuMemAllocHost(pointer, bytes));
    segment = MemorySegment.ofBuffer(pointer.getByteBuffer(0, bytes)).fill((byte) 0);
  }

  /** The status of freeing it; does nothing where it holds nothing. */
  int free() {
    if (segment == null) {
      return 0;
    }
    segment = null;
    return JCudaDriver.cuMemFreeHost(pointer);
  }

  int bytes() {
    return bytes;
  }

  Pointer pointer() {
    ensureAllocated();
    return pointer;
  }

  MemorySegment segment() {
    ensureAllocated();
    return segment;
  }

  private void ensureAllocated() {
    if (segment == null) {
      throw new IllegalStateException(
          "PinnedBuffer is closed: name=" + name + ", bytes=" + bytes + "; open the backend again");
    }
  }
}
