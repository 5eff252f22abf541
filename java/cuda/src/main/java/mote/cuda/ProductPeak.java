package mote.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.ToLongFunction;
import mote.engine.MoteException;
import mote.engine.Precision;

/** A large square matrix product by cuBLAS on random operands, checked before its time counts. */
final class ProductPeak {
  /** Rows and columns, at most. */
  private static final int LARGEST_SIDE = 4096;

  private static final int SMALLEST_SIDE = 128;

  /** Elements that are compared with the host's, along the diagonal. */
  private static final int CHECKED = 16;

  /**
   * Of a sum of n products of the order of 1, times the root of n: binary16 is stored with 11 bits,
   * and float32 operands may be multiplied with TF32's 11.
   */
  private static final double TOLERANCE = 4e-3;

  private final Precision precision;
  private final DeviceBuffer in;
  private final DeviceBuffer weight;
  private final DeviceBuffer out;
  private final DeviceBuffer workspace;

  /** Declares its memory. */
  ProductPeak(Memory memory, Precision precision) {
    this.precision = precision;
    long bytes = 4L * LARGEST_SIDE * LARGEST_SIDE;
    in = memory.device("factor", bytes);
    weight = memory.device("other factor", bytes);
    out = memory.device("product", bytes);
    workspace = memory.device("cuBLAS workspace", Cublas.WORKSPACE_BYTES);
  }

  /**
   * Operations a nanosecond of the fastest size.
   *
   * @param time nanoseconds that a product takes
   * @param enough nanoseconds from which on no larger one is tried
   */
  double measure(Stream stream, ToLongFunction<Product> time, long enough) {
    try (Cublas cublas = cublas(stream)) {
      double best = 0;
      for (int side = SMALLEST_SIDE; side <= LARGEST_SIDE; side *= 2) {
        long nanos = measure(cublas, stream, time, side);
        best = Math.max(best, 2.0 * side * side * side / nanos);
        if (nanos > enough) {
          break;
        }
      }
      return best;
    }
  }

  Cublas cublas(Stream stream) {
    return new Cublas(stream, workspace, precision);
  }

  /** The factor of {@code left} in {@link #check}. */
  DeviceBuffer in() {
    return in;
  }

  /** The factor of {@code right}. */
  DeviceBuffer weight() {
    return weight;
  }

  private long measure(Cublas cublas, Stream stream, ToLongFunction<Product> time, int side) {
    try (Arena arena = Arena.ofShared()) {
      RandomSquare left = new RandomSquare(arena, in, side, precision, 1);
      RandomSquare right = new RandomSquare(arena, weight, side, precision, 2);
      Product product = product(cublas, side);
      product.run(stream);
      stream.synchronise();
      check(left, right, side);
      return time.applyAsLong(product);
    }
  }

  /** out = in weight^T, of as many rows and columns. */
  Product product(Cublas cublas, int side) {
    return cublas.linear(
        "peak",
        new Cublas.Rows(in, side),
        new Cublas.Rows(weight, side),
        new Cublas.Rows(out, side),
        side,
        side,
        side,
        false);
  }

  /**
   * @throws MoteException if the device's product is another one than these matrices'
   */
  void check(RandomSquare left, RandomSquare right, int side) {
    int bytes = precision == Precision.F32 ? Float.BYTES : Short.BYTES;
    try (Arena arena = Arena.ofShared()) {
      MemorySegment row = arena.allocate((long) side * bytes, 16);
      for (int i = 0; i < side; i += side / CHECKED) {
        out.download((long) i * side * bytes, row);
        double actual =
            precision == Precision.F32
                ? row.getAtIndex(ValueLayout.JAVA_FLOAT, i)
                : Float.float16ToFloat(row.getAtIndex(ValueLayout.JAVA_SHORT, i));
        double expected = left.product(right, i, i);
        if (!(Math.abs(actual - expected) <= TOLERANCE * Math.sqrt(side))) {
          throw new MoteException(
              "product is wrong, its time is no peak: side=%d, row=%d, expected=%.4f, actual=%.4f; check the cuBLAS that is installed"
                  .formatted(side, i, expected, actual));
        }
      }
    }
  }
}
