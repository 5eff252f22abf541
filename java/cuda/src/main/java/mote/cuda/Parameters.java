package mote.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import mote.engine.Precision;
import mote.engine.Weights;

/** The model's parameters in device memory: declared with {@link Memory}, uploaded once. */
final class Parameters {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Weights weights;
  private final Memory memory;
  private final Precision precision;
  private final List<Runnable> uploads = new ArrayList<>();
  private final Map<String, float[]> values = new ConcurrentHashMap<>();

  Parameters(Weights weights, Memory memory, Precision precision) {
    this.weights = weights;
    this.memory = memory;
    this.precision = precision;
  }

  /** The shape that the architecture gives a parameter. */
  int[] shape(String name) {
    long[] shape = weights.architecture().shapes().get(name);
    int[] sizes = new int[shape.length];
    for (int i = 0; i < shape.length; i++) {
      sizes[i] = Math.toIntExact(shape[i]);
    }
    return sizes;
  }

  private float[] values(String name) {
    return values.computeIfAbsent(name, missing -> weights.tensor(missing).toArray(FLOAT));
  }

  /**
   * A linear layer's weight, packed.
   *
   * @param groups of 16 outputs
   * @param inputs a multiple of 16
   * @param column where an input stands in the weight's rows
   */
  DeviceBuffer linear(String name, int groups, int inputs, IntUnaryOperator column) {
    int[] shape = shape(name);
    int columns = shape[1];
    return packed(
        name,
        groups,
        inputs,
        (output, input) ->
            output < shape[0] && input < columns
                ? values(name)[output * columns + column.applyAsInt(input)]
                : 0);
  }

  /**
   * A linear layer's weight as it is, (rows, pitch) operands, zeros behind its outputs and inputs.
   */
  DeviceBuffer matrix(String name, int rows, int pitch) {
    int[] shape = shape(name);
    int columns = shape[1];
    long bytes = (long) rows * pitch * (precision == Precision.F32 ? 4 : 2);
    DeviceBuffer buffer = memory.device(name, bytes);
    uploads.add(
        () -> {
          try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(bytes, 16);
            for (int row = 0; row < shape[0]; row++) {
              for (int i = 0; i < columns; i++) {
                float value = value(name, row * columns + i);
                Packing.set(copy, precision, (long) row * pitch + i, value);
              }
            }
            buffer.upload(0, copy);
          }
        });
    return buffer;
  }

  /** Any matrix, packed; {@code matrix} is read by {@link #upload}. */
  DeviceBuffer packed(String name, int groups, int inputs, Packing.Matrix matrix) {
    DeviceBuffer buffer = memory.device(name, Packing.bytes(precision, groups, inputs));
    uploads.add(
        () -> {
          try (Arena arena = Arena.ofShared()) {
            buffer.upload(0, Packing.pack(arena, precision, groups, inputs, matrix));
          }
        });
    return buffer;
  }

  /** The mixer's weights in the order of the Hopper form, zeros where the model has none. */
  DeviceBuffer stream(String name, HopperPacking packing) {
    List<HopperPacking.Stage> stages = new ArrayList<>();
    for (int slice = 0; slice < HopperPacking.SLICES; slice++) {
      stages.addAll(packing.stages(slice));
    }
    int stageSize = packing.stageRows * HopperPacking.TILE;
    long bytes = 2L * stageSize * stages.size();
    DeviceBuffer buffer = memory.device(name, bytes);
    uploads.add(
        () -> {
          try (Arena arena = Arena.ofShared()) {
            MemorySegment copy = arena.allocate(bytes, 16);
            IntStream.range(0, stages.size())
                .parallel()
                .forEach(i -> stage(copy, (long) i * stageSize, packing, stages.get(i)));
            buffer.upload(0, copy);
          }
        });
    return buffer;
  }

  private void stage(
      MemorySegment copy, long first, HopperPacking packing, HopperPacking.Stage stage) {
    int[] shape = shape(stage.weight());
    float[] from = values(stage.weight());
    for (int row = 0; row < packing.stageRows; row++) {
      int output = stage.outputOf(row);
      int input = stage.inputOf(row);
      for (int i = 0; i < HopperPacking.TILE && output < shape[0] && input + i < shape[1]; i++) {
        Packing.set(
            copy,
            Precision.FP16,
            first + (long) row * HopperPacking.TILE + i,
            from[output * shape[1] + input + i]);
      }
    }
  }

  /** One value of a parameter. */
  float value(String name, int index) {
    return values(name)[index];
  }

  /** A parameter as it is, zeros behind its end. */
  DeviceBuffer floats(String name, int size) {
    return floats(name, size, index -> index);
  }

  /**
   * A parameter in another order, zeros behind its end.
   *
   * @param from where value i of the buffer stands in the parameter
   */
  DeviceBuffer floats(String name, int size, IntUnaryOperator from) {
    int length = 1;
    for (int side : shape(name)) {
      length *= side;
    }
    int values = length;
    return gathered(name, size, i -> i < values ? value(name, from.applyAsInt(i)) : 0);
  }

  /** Value i of a buffer. */
  @FunctionalInterface
  interface Values {
    float at(int index);
  }

  /** Any values; {@code values} is read by {@link #upload}. */
  DeviceBuffer gathered(String name, int size, Values values) {
    DeviceBuffer buffer = memory.device(name, 4L * size);
    uploads.add(
        () -> {
          try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(ValueLayout.JAVA_FLOAT, size);
            for (int i = 0; i < size; i++) {
              copy.setAtIndex(ValueLayout.JAVA_FLOAT, i, values.at(i));
            }
            buffer.upload(0, copy);
          }
        });
    return buffer;
  }

  /** Uploads what was declared, once memory is allocated; the weights are not read afterwards. */
  void upload() {
    uploads.forEach(Runnable::run);
    uploads.clear();
    values.clear();
  }
}
