package mote.cuda;

import java.util.ArrayList;
import java.util.List;
import jcuda.driver.JCudaDriver;
import mote.engine.MoteException;

/**
 * The one owner of a backend's buffers. Everything is declared first, so that what is missing can
 * be said before anything is taken; then allocated, once.
 */
final class Memory implements AutoCloseable {
  private final List<DeviceBuffer> buffers = new ArrayList<>();
  private final List<PinnedBuffer> pinned = new ArrayList<>();
  private boolean allocated;

  /** Declares device memory. */
  DeviceBuffer device(String name, long bytes) {
    ensureDeclaring(name);
    DeviceBuffer buffer = new DeviceBuffer(name, bytes);
    buffers.add(buffer);
    return buffer;
  }

  /** Declares pinned host memory. */
  PinnedBuffer pinned(String name, long bytes) {
    ensureDeclaring(name);
    if (bytes > Integer.MAX_VALUE) {
      throw new MoteException(
          "buffer is too large: name=%s, bytes=%d; give smaller frames or fewer points"
              .formatted(name, bytes));
    }
    PinnedBuffer buffer = new PinnedBuffer(name, (int) bytes);
    pinned.add(buffer);
    return buffer;
  }

  private void ensureDeclaring(String name) {
    if (allocated) {
      throw new IllegalStateException(
          "memory is allocated already: name=" + name + "; declare it before");
    }
  }

  /** Device bytes of all declared buffers. */
  long deviceBytes() {
    return buffers.stream().mapToLong(DeviceBuffer::bytes).sum();
  }

  /** Device and pinned bytes of all declared buffers. */
  long bytes() {
    return deviceBytes() + pinned.stream().mapToLong(PinnedBuffer::bytes).sum();
  }

  /**
   * Allocates everything that was declared.
   *
   * @throws MoteException saying how much is needed and how much is free, if that is less
   */
  void allocate() {
    allocated = true;
    long[] free = new long[1];
    long[] total = new long[1];
    Status.check("cuMemGetInfo", JCudaDriver.cuMemGetInfo(free, total));
    long needed = deviceBytes();
    if (needed > free[0]) {
      DeviceBuffer largest = buffers.getFirst();
      for (DeviceBuffer buffer : buffers) {
        largest = buffer.bytes() > largest.bytes() ? buffer : largest;
      }
      throw new MoteException(
          "device memory is not enough: needed_bytes=%d, free_bytes=%d, total_bytes=%d, largest=%s, largest_bytes=%d; close what else uses the device, or give fewer points, fewer slots or a smaller working size"
              .formatted(needed, free[0], total[0], largest.name(), largest.bytes()));
    }
    buffers.forEach(DeviceBuffer::allocate);
    pinned.forEach(PinnedBuffer::allocate);
  }

  /** Frees everything; the first failure is thrown when all was tried. */
  @Override
  public void close() {
    int failed = 0;
    for (PinnedBuffer buffer : pinned.reversed()) {
      int status = buffer.free();
      failed = failed == 0 ? status : failed;
    }
    for (DeviceBuffer buffer : buffers.reversed()) {
      int status = buffer.free();
      failed = failed == 0 ? status : failed;
    }
    Status.check("cuMemFree", failed);
  }
}
