package mote.cuda;

import java.lang.foreign.Arena;
import java.util.function.IntConsumer;
import mote.engine.MoteException;
import mote.engine.Precision;
import mote.engine.profile.Peaks;

/**
 * What the device can do at most, measured in some hundredths of a second: multiply-adds in
 * registers (kernels/peak.cu), where there is cuBLAS also a large product by it, and {@link
 * Ceilings} of memory.
 */
final class CudaPeaks implements AutoCloseable {
  private static final int BLOCKS = 4;
  private static final int THREADS = 256;
  private static final int WARPS = THREADS / 32;
  private static final int CHAINS = 8;
  private static final double WARP_OPERATIONS = 2.0 * 16 * 8 * 16 * CHAINS;
  private static final double THREAD_OPERATIONS = 2.0 * CHAINS;

  /** Rows and columns of the product, at most. */
  private static final int LARGEST_SIDE = 4096;

  private static final int SMALLEST_SIDE = 128;
  private static final long LARGE_BYTES = 1L << 30;

  /** Short runs are repeated with more work, until they take so long. */
  private static final long ENOUGH_NANOS = 2_000_000;

  private static final int MOST_ROUNDS = 1 << 18;
  private static final int RUNS = 3;

  private final Precision precision;
  private final Context context = new Context();
  private final Arena arena = Arena.ofShared();
  private final Memory memory = new Memory();
  private final Kernels kernels;
  private Stream stream;
  private Stream.Event begin;
  private Stream.Event end;

  private CudaPeaks(Precision precision) {
    this.precision = precision;
    kernels = new Kernels(context, precision);
  }

  /**
   * @throws MoteException if the device fails, or has too little memory
   */
  static Peaks measure(Precision precision) {
    double gflops;
    String note;
    try (CudaPeaks peaks = new CudaPeaks(precision)) {
      String refusal = cublasRefusal();
      gflops = refusal == null ? peaks.withCublas() : peaks.alone();
      note = refusal == null ? "the faster of registers and cuBLAS" : "in registers";
    }
    try (Ceilings memory = new Ceilings()) {
      Ceilings.Device device = memory.device();
      long large = device.standIn() ? 1 << 20 : LARGE_BYTES;
      // A quarter, so that it stays there whatever the cache does.
      long cached = device.standIn() ? 1 << 16 : device.cacheBytes() / 4 / 16 * 16;
      return new Peaks(
          gflops,
          memory.readBytesPerSecond(cached, device.standIn() ? 2 : 400) / 1e9,
          memory.copyBytesPerSecond(large, device.standIn() ? 1 : 20) / 1e9,
          "multiply-adds %s, reads of %d KiB in the L2, copies of %d MiB"
              .formatted(note, cached >> 10, large >> 20));
    }
  }

  private double alone() {
    int threads = threads();
    DeviceBuffer sums = memory.device("peak sums", 4L * threads);
    open();
    return registers(sums, threads);
  }

  private double withCublas() {
    int threads = threads();
    long bytes = 4L * LARGEST_SIDE * LARGEST_SIDE;
    DeviceBuffer sums = memory.device("peak sums", 4L * threads);
    DeviceBuffer in = memory.device("factor", bytes);
    DeviceBuffer weight = memory.device("other factor", bytes);
    DeviceBuffer out = memory.device("product", bytes);
    DeviceBuffer workspace = memory.device("workspace", Cublas.WORKSPACE_BYTES);
    open();
    return Math.max(registers(sums, threads), product(in, weight, out, workspace));
  }

  private int threads() {
    context.use();
    return BLOCKS * context.multiprocessors() * THREADS;
  }

  private void open() {
    memory.allocate();
    stream = new Stream("stream peak");
    begin = Stream.Event.timed();
    end = Stream.Event.timed();
  }

  private static String cublasRefusal() {
    try {
      CublasLibrary.ensure();
      return null;
    } catch (MoteException refusal) {
      return refusal.getMessage();
    }
  }

  private double registers(DeviceBuffer sums, int threads) {
    Structs.Struct params =
        new Structs.Struct(arena, "PeakParams").set("out", sums).setFloat("factor", 1e-3f);
    Launch launch =
        new Launch(
            kernels,
            "peak",
            kernels.typed("peak", "peak"),
            params,
            threads / THREADS,
            1,
            THREADS,
            0);
    double operations =
        precision == Precision.F32
            ? THREAD_OPERATIONS * threads
            : WARP_OPERATIONS * threads / THREADS * WARPS;
    return best(
        MOST_ROUNDS,
        operations,
        rounds -> {
          params.set("rounds", rounds);
          launch.run(stream);
        });
  }

  /** A square product, as large as takes long enough. */
  private double product(
      DeviceBuffer in, DeviceBuffer weight, DeviceBuffer out, DeviceBuffer workspace) {
    try (Cublas cublas = new Cublas(stream, workspace, precision)) {
      double best = 0;
      for (int side = SMALLEST_SIDE; side <= LARGEST_SIDE; side *= 2) {
        Product product =
            cublas.linear(
                "peak",
                new Cublas.Rows(in, side),
                new Cublas.Rows(weight, side),
                new Cublas.Rows(out, side),
                side,
                side,
                side,
                false);
        double operations = 2.0 * side * side * side;
        long nanos = shortest(() -> product.run(stream));
        best = Math.max(best, operations / nanos);
        if (nanos > ENOUGH_NANOS) {
          break;
        }
      }
      return best;
    }
  }

  /** The highest rate, in work a nanosecond, with as many rounds as take long enough. */
  private double best(int most, double work, IntConsumer run) {
    int rounds = 1;
    long nanos = shortest(() -> run.accept(1));
    while (nanos < ENOUGH_NANOS && rounds < most) {
      rounds *= 4;
      int now = rounds;
      nanos = shortest(() -> run.accept(now));
    }
    return rounds * work / nanos;
  }

  /** The shortest of some runs. */
  private long shortest(Runnable run) {
    long shortest = Long.MAX_VALUE;
    for (int i = 0; i < RUNS; i++) {
      begin.record(stream);
      run.run();
      end.record(stream);
      stream.synchronise();
      shortest = Math.min(shortest, Math.max(1, end.nanosSince(begin)));
    }
    return shortest;
  }

  @Override
  public void close() {
    MoteException first = null;
    AutoCloseable[] owned = {begin, end, stream, memory, kernels, context, arena};
    for (AutoCloseable one : owned) {
      try {
        if (one != null) {
          one.close();
        }
      } catch (MoteException failure) { // of a device whose error sticks: go on
        first = first == null ? failure : first;
      } catch (Exception impossible) {
        throw new IllegalStateException(impossible);
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
