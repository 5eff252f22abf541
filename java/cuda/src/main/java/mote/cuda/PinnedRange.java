package mote.cuda;

import java.lang.foreign.MemorySegment;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;
import mote.engine.OpenResources;

/** A caller's memory that the copy engine may read by itself until this is closed. */
final class PinnedRange implements AutoCloseable {
  private final long address;
  private final long bytes;
  private final Pointer pointer;
  private boolean closed;

  PinnedRange(MemorySegment memory) {
    address = memory.address();
    bytes = memory.byteSize();
    pointer = Pointer.to(memory.asSlice(0, 1).asByteBuffer());
    Status.check("cuMemHostRegister", JCudaDriver.cuMemHostRegister(pointer, bytes, 0));
    OpenResources.opened("PinnedRange");
  }

  /** Whether so many bytes from an address on lie in it. */
  boolean holds(long from, long size) {
    return from >= address && from - address <= bytes - size;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      OpenResources.closed("PinnedRange");
      Status.check("cuMemHostUnregister", JCudaDriver.cuMemHostUnregister(pointer));
    }
  }
}
