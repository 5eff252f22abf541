package mote.cuda;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.OptionalDouble;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.JCudaDriver;
import mote.engine.MoteException;
import mote.engine.Precision;

/**
 * What the first device is and what its memories reach, measured: the ceilings that kernels' times
 * are held against. Holds a context of its own until it is closed.
 */
public final class Ceilings implements AutoCloseable {
  private static final int RUNS = 5;
  private static final int THREADS = 256;
  private static final int BLOCKS_PER_MULTIPROCESSOR = 8;

  /**
   * @param name the driver's
   * @param capability 90 for compute capability 9.0
   * @param cacheBytes of the L2
   * @param memoryBytes of the device
   * @param cuda version of the driver, as 12.4
   * @param standIn whether kernels run on the CPU: no time says anything about a GPU then
   */
  public record Device(
      String name,
      int capability,
      int multiprocessors,
      long cacheBytes,
      long memoryBytes,
      String cuda,
      boolean standIn) {}

  /**
   * Billions of operations a second of multiply-adds.
   *
   * @param mmaGflops of mma.sync (float32: of fused multiply-adds) in registers, by a kernel of
   *     ours: less than a device with wgmma can do
   * @param cublasGflops of a large product of random numbers by cuBLAS; empty where there is none
   */
  public record MultiplyAdds(double mmaGflops, OptionalDouble cublasGflops) {}

  private final boolean standIn;
  private final Context context;
  private final Kernels kernels;
  private final Stream stream;
  private boolean closed;

  /**
   * Takes the first device.
   *
   * @throws MoteException if there is no driver or no device
   */
  public Ceilings() {
    Driver.Outcome driver = Driver.outcome();
    if (driver.refusal() != null) {
      throw new MoteException(driver.refusal());
    }
    standIn = driver.standIn();
    context = new Context();
    try {
      kernels = new Kernels(context, Precision.F32);
      stream = new Stream("ceilings");
    } catch (RuntimeException failure) {
      context.close(); // and all that was made in it
      throw failure;
    }
  }

  /**
   * Measures multiply-adds, in some hundredths of a second.
   *
   * @throws MoteException if the device fails or has too little memory, or a product is wrong
   */
  public static MultiplyAdds multiplyAdds(Precision precision) {
    return CudaPeaks.multiplyAdds(precision);
  }

  /** What the driver says. */
  public Device device() {
    use();
    long[] free = new long[1];
    long[] total = new long[1];
    Status.check("cuMemGetInfo", JCudaDriver.cuMemGetInfo(free, total));
    int[] version = new int[1];
    Status.check("cuDriverGetVersion", JCudaDriver.cuDriverGetVersion(version));
    return new Device(
        context.name(),
        context.capability(),
        context.multiprocessors(),
        context.attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE),
        total[0],
        "%d.%d".formatted(version[0] / 1000, version[0] % 1000 / 10),
        standIn);
  }

  /**
   * Bytes a second of copies inside the device, read and written ones added: the median of {@value
   * #RUNS}.
   *
   * @param bytes of a copy, a multiple of 16; far more than the L2 holds for the device's memory
   * @param repeats copies that are timed together
   */
  public double copyBytesPerSecond(long bytes, int repeats) {
    return 2.0 * bytes * repeats / seconds(bytes, (from, to) -> copies(from, to, bytes, repeats));
  }

  /**
   * Bytes a second that kernels read: the median of {@value #RUNS}.
   *
   * @param bytes that are read again and again, a multiple of 16: some MB stay in the L2
   * @param repeats how often
   */
  public double readBytesPerSecond(long bytes, int repeats) {
    return (double) bytes * repeats / seconds(bytes, (from, to) -> reads(from, to, bytes, repeats));
  }

  /** Puts work on the stream. */
  private interface Work {
    void submit(DeviceBuffer from, DeviceBuffer to);
  }

  private void copies(DeviceBuffer from, DeviceBuffer to, long bytes, int repeats) {
    for (int i = 0; i < repeats; i++) {
      Status.check(
          "cuMemcpyDtoDAsync",
          JCudaDriver.cuMemcpyDtoDAsync(to.pointer(), from.pointer(), bytes, stream.handle()));
    }
  }

  private void reads(DeviceBuffer from, DeviceBuffer to, long bytes, int repeats) {
    try (Arena arena = Arena.ofConfined()) {
      int blocks = context.multiprocessors() * BLOCKS_PER_MULTIPROCESSOR;
      Structs.Struct parameters =
          new Structs.Struct(arena, "ReadParams")
              .set("in", from)
              .set("out", to)
              .set("vectors", bytes / 16)
              .set("repeats", repeats);
      new Launch(kernels, "read", kernels.plain("read", "read"), parameters, blocks, 1, THREADS, 0)
          .run(stream);
    }
  }

  /** Median of the seconds from submitting to the end, warm. */
  private double seconds(long bytes, Work work) {
    use();
    if (bytes < 16 || bytes % 16 != 0) {
      throw new IllegalArgumentException(
          "size does not fit: bytes=" + bytes + "; give a multiple of 16");
    }
    Memory memory = new Memory();
    DeviceBuffer from = memory.device("from", bytes);
    DeviceBuffer to = memory.device("to", bytes);
    try (memory) {
      memory.allocate();
      double[] found = new double[RUNS];
      for (int run = -1; run < RUNS; run++) {
        long began = System.nanoTime();
        work.submit(from, to);
        stream.synchronise();
        if (run >= 0) {
          found[run] = (System.nanoTime() - began) / 1e9;
        }
      }
      Arrays.sort(found);
      return found[RUNS / 2];
    }
  }

  private void use() {
    if (closed) {
      throw new IllegalStateException("Ceilings is closed: stand_in=" + standIn + "; open it anew");
    }
    context.use();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      try {
        context.use();
        stream.close();
        kernels.close();
      } finally {
        context.close();
      }
    }
  }
}
