package mote.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.IntStream;
import mote.engine.Precision;

/** Brings weights into the order of kernels/product.cuh, and operands to float and back. */
final class Packing {
  /** Inputs of a step, outputs of a group, elements of a packed tile. */
  static final int STEP = 16;

  static final int GROUP = 16;
  private static final int TILE = STEP * GROUP;

  private Packing() {}

  /** A weight matrix; zero where it has no such output or input. */
  @FunctionalInterface
  interface Matrix {
    float at(int output, int input);
  }

  /** Rounds up to 16. */
  static int pitch(int size) {
    return (size + 15) / 16 * 16;
  }

  /** Bytes of a packed matrix. */
  static long bytes(Precision precision, int groups, int inputs) {
    return (long) groups * inputs / STEP * TILE * (precision == Precision.F32 ? 4 : 2);
  }

  /**
   * Packs a matrix: tiles of 16 outputs by 16 inputs, those of a group of outputs one after the
   * other.
   *
   * @param inputs a multiple of 16
   */
  static MemorySegment pack(
      Arena arena, Precision precision, int groups, int inputs, Matrix matrix) {
    MemorySegment packed = arena.allocate(bytes(precision, groups, inputs), 16);
    int steps = inputs / STEP;
    IntStream.range(0, groups)
        .parallel()
        .forEach(
            group -> {
              for (int step = 0; step < steps; step++) {
                tile(packed, precision, group, step, (long) group * steps + step, matrix);
              }
            });
    return packed;
  }

  private static void tile(
      MemorySegment packed, Precision precision, int group, int step, long index, Matrix matrix) {
    for (int i = 0; i < TILE; i++) {
      int output;
      int input;
      if (precision == Precision.F32) {
        output = i % GROUP;
        input = i / GROUP;
      } else {
        // Lane 4 g + t holds, for both n8 tiles, inputs 2 t, 2 t + 1, 2 t + 8, 2 t + 9 of output g.
        int lane = i / 8;
        output = i % 8 / 4 * 8 + lane / 4;
        input = 2 * (lane % 4) + i % 4 / 2 * 8 + i % 2;
      }
      float value = matrix.at(group * GROUP + output, step * STEP + input);
      set(packed, precision, index * TILE + i, value);
    }
  }

  /** Writes element {@code index} of an array of operands. */
  static void set(MemorySegment operands, Precision precision, long index, float value) {
    if (precision == Precision.F32) {
      operands.setAtIndex(ValueLayout.JAVA_FLOAT, index, value);
    } else {
      operands.setAtIndex(ValueLayout.JAVA_SHORT, index, Float.floatToFloat16(value));
    }
  }

  /** Reads element {@code index} of an array of operands. */
  static float get(MemorySegment operands, Precision precision, long index) {
    return precision == Precision.F32
        ? operands.getAtIndex(ValueLayout.JAVA_FLOAT, index)
        : Float.float16ToFloat(operands.getAtIndex(ValueLayout.JAVA_SHORT, index));
  }
}
