package mote.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import mote.engine.Precision;

/**
 * A square matrix of random operands in [-1, 1), on the device and as the host knows it. Zeros
 * would be multiplied faster than anything else: they switch no transistors, and a device at its
 * power limit runs at a higher clock.
 */
final class RandomSquare {
  private static final float STEP = 1f / (1 << 15);

  private final int side;
  private final Precision precision;
  private final MemorySegment values;

  /**
   * Fills the beginning of a buffer.
   *
   * @param arena holds the host's copy
   */
  RandomSquare(Arena arena, DeviceBuffer to, int side, Precision precision, long seed) {
    this.side = side;
    this.precision = precision;
    boolean whole = precision == Precision.F32;
    SplittableRandom random = new SplittableRandom(seed);
    values = arena.allocate((long) side * side * (whole ? Float.BYTES : Short.BYTES), 16);
    for (long i = 0; i < (long) side * side; i++) {
      float value = (short) random.nextInt() * STEP;
      if (whole) {
        values.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
      } else {
        values.setAtIndex(ValueLayout.JAVA_SHORT, i, Float.floatToFloat16(value));
      }
    }
    to.upload(0, values);
  }

  double at(int row, int column) {
    long index = (long) row * side + column;
    return precision == Precision.F32
        ? values.getAtIndex(ValueLayout.JAVA_FLOAT, index)
        : Float.float16ToFloat(values.getAtIndex(ValueLayout.JAVA_SHORT, index));
  }

  /** Of this matrix times the other one transposed. */
  double product(RandomSquare other, int row, int column) {
    double sum = 0;
    for (int k = 0; k < side; k++) {
      sum += at(row, k) * other.at(column, k);
    }
    return sum;
  }
}
