package mote.cuda;

import java.lang.foreign.Arena;
import java.util.OptionalDouble;
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
    Ceilings.MultiplyAdds found = multiplyAdds(precision);
    double gflops = Math.max(found.mmaGflops(), found.cublasGflops().orElse(0));
    String note =
        found.cublasGflops().isPresent() ? "the faster of registers and cuBLAS" : "in registers";
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

  /** In registers, and where there is cuBLAS by it. */
  static Ceilings.MultiplyAdds multiplyAdds(Precision precision) {
    boolean cublas = CublasLibrary.refusal() == null;
    try (CudaPeaks peaks = new CudaPeaks(precision)) {
      int threads = peaks.threads();
      DeviceBuffer sums = peaks.memory.device("peak sums", 4L * threads);
      ProductPeak product = cublas ? new ProductPeak(peaks.memory, precision) : null;
      peaks.open();
      return new Ceilings.MultiplyAdds(
          peaks.registers(sums, threads),
          cublas ? OptionalDouble.of(peaks.product(product)) : OptionalDouble.empty());
    }
  }

  private double product(ProductPeak product) {
    return product.measure(stream, one -> shortest(() -> one.run(stream)), ENOUGH_NANOS);
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
