package mote.cuda;

import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.JCudaDriver;
import mote.engine.OpenResources;

/**
 * A context on the first device, of this backend alone: after an error that sticks, closing it
 * frees everything, and another can be opened.
 */
final class Context implements AutoCloseable {
  private final CUdevice device = new CUdevice();
  private final CUcontext context = new CUcontext();
  private boolean closed;

  Context() {
    Status.check("cuDeviceGet", JCudaDriver.cuDeviceGet(device, 0));
    Status.check("cuCtxCreate", JCudaDriver.cuCtxCreate(context, 0, device));
    OpenResources.opened("CudaContext");
  }

  /** Makes this the calling thread's context; cheap. */
  void use() {
    Status.check("cuCtxSetCurrent", JCudaDriver.cuCtxSetCurrent(context));
  }

  /** Waits for everything on the device. */
  void synchronise() {
    Status.check("cuCtxSynchronize", JCudaDriver.cuCtxSynchronize());
  }

  String name() {
    byte[] name = new byte[256];
    Status.check("cuDeviceGetName", JCudaDriver.cuDeviceGetName(name, name.length, device));
    int end = 0;
    while (end < name.length && name[end] != 0) {
      end++;
    }
    return new String(name, 0, end, java.nio.charset.StandardCharsets.US_ASCII);
  }

  /** 80 for compute capability 8.0. */
  int capability() {
    return capability(device);
  }

  /** As {@link #capability()}, of a device without a context. */
  static int capability(CUdevice device) {
    return 10 * attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device)
        + attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device);
  }

  int multiprocessors() {
    return attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, device);
  }

  /** Bytes of shared memory that a block of threads may have. */
  int sharedMemory() {
    return attribute(
        CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, device);
  }

  /** What the driver says about the device. */
  int attribute(int which) {
    return attribute(which, device);
  }

  private static int attribute(int which, CUdevice device) {
    int[] value = new int[1];
    Status.check("cuDeviceGetAttribute", JCudaDriver.cuDeviceGetAttribute(value, which, device));
    return value[0];
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      OpenResources.closed("CudaContext");
      Status.check("cuCtxDestroy", JCudaDriver.cuCtxDestroy(context));
    }
  }
}
