package mote.cuda;

import java.lang.foreign.MemorySegment;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.JCudaDriver;

/** Device memory of a fixed size, zeros at first; declared and freed by {@link Memory}. */
final class DeviceBuffer {
  /** JCuda hides the address that a pointer holds from all but its subclasses. */
  private static final class Address extends CUdeviceptr {
    long value() {
      return getNativePointer() + getByteOffset();
    }
  }

  private final String name;
  private final long bytes;
  private final Address pointer = new Address();
  private boolean allocated;

  DeviceBuffer(String name, long bytes) {
    this.name = name;
    this.bytes = bytes;
  }

  String name() {
    return name;
  }

  long bytes() {
    return bytes;
  }

  void allocate() {
    Status.check("cuMemAlloc", JCudaDriver.cuMemAlloc(pointer, bytes));
    allocated = true;
    Status.check("cuMemsetD8", JCudaDriver.cuMemsetD8(pointer, (byte) 0, bytes));
  }

  /** The status of freeing it; does nothing where it holds nothing. */
  int free() {
    if (!allocated) {
      return 0;
    }
    allocated = false;
    return JCudaDriver.cuMemFree(pointer);
  }

  CUdeviceptr pointer() {
    ensureAllocated();
    return pointer;
  }

  /** The address, for kernels' parameters. */
  long address() {
    ensureAllocated();
    return pointer.value();
  }

  private void ensureAllocated() {
    if (!allocated) {
      throw new IllegalStateException(
          "DeviceBuffer is closed: name=" + name + ", bytes=" + bytes + "; open the backend again");
    }
  }

  /** Copies native memory to the buffer, from byte {@code offset} on; returns when it was read. */
  void upload(long offset, MemorySegment from) {
    requireRange(offset, from.byteSize());
    Status.check(
        "cuMemcpyHtoD",
        JCudaDriver.cuMemcpyHtoD(
            pointer().withByteOffset(offset), Pointer.to(from.asByteBuffer()), from.byteSize()));
  }

  /** Copies the buffer to native memory, from byte {@code offset} on. */
  void download(long offset, MemorySegment to) {
    requireRange(offset, to.byteSize());
    Status.check(
        "cuMemcpyDtoH",
        JCudaDriver.cuMemcpyDtoH(
            Pointer.to(to.asByteBuffer()), pointer().withByteOffset(offset), to.byteSize()));
  }

  /** Refuses a copy that does not fit. */
  void requireRange(long offset, long size) {
    if (offset < 0 || size < 0 || offset > bytes - size) {
      throw new IllegalArgumentException(
          "copy does not fit the buffer: name=%s, bytes=%d, offset=%d, size=%d; copy less"
              .formatted(name, bytes, offset, size));
    }
  }
}
