package mote.engine;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * Weights mapped from a safetensors file whose metadata key {@code mote.arch} says what they are.
 * Tensors are not copied: they live in the mapped file.
 */
public final class WeightsFile implements Weights {
  /** The metadata key of the architecture. */
  public static final String ARCHITECTURE = "mote.arch";

  private static final ValueLayout.OfInt BITS =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int EXPONENT = 0x7F800000;
  private static final int MAGNITUDE = 0x7FFFFFFF;
  private static final long BLOCK = 1 << 12;

  private final Safetensors file;
  private final Architecture architecture;
  private boolean closed;

  private WeightsFile(Safetensors file) {
    this.file = file;
    String json = file.metadata().get(ARCHITECTURE);
    if (json == null) {
      throw new MoteException(
          "weights do not say what they are: path="
              + file.path()
              + ", missing_metadata="
              + ARCHITECTURE
              + "; give a file that mote convert or weights/training wrote");
    }
    architecture = Architecture.fromJson(json);
    Map<String, long[]> shapes = architecture.shapes();
    for (String name : file.names()) {
      if (!shapes.containsKey(name)) {
        throw new MoteException(
            "weights have a tensor that the architecture does not know: path=%s, tensor=%s, family=%s; write the file without it"
                .formatted(file.path(), Untrusted.printable(name), architecture.family().id()));
      }
    }
    shapes.forEach(this::check);
  }

  /**
   * Opens a weight file and checks all of it: names, shapes, types, and that every value is finite.
   *
   * @throws MoteException naming the tensor (and index) that is not as the architecture says
   */
  public static WeightsFile open(Path path) {
    Safetensors file = Safetensors.open(path);
    try {
      WeightsFile weights = new WeightsFile(file);
      OpenResources.opened("WeightsFile");
      return weights;
    } catch (RuntimeException error) {
      file.close();
      throw error;
    }
  }

  private void check(String name, long[] shape) {
    Safetensors.Tensor tensor = file.tensor(name);
    if (tensor.type() != Safetensors.Type.F32 || !Arrays.equals(tensor.shape(), shape)) {
      throw new MoteException(
          "tensor is not as the architecture says: path=%s, tensor=%s, dtype=%s, shape=%s, expected=F32 %s; give weights that fit their mote.arch"
              .formatted(
                  file.path(),
                  name,
                  tensor.type(),
                  Safetensors.text(tensor.shape()),
                  Safetensors.text(shape)));
    }
    if (tensor.data().address() % Float.BYTES != 0) {
      throw new MoteException(
          "tensor is not aligned: path=%s, tensor=%s; write the file with its header padded to 8 bytes"
              .formatted(file.path(), name));
    }
    long index = firstNonFinite(tensor.data());
    if (index >= 0) {
      throw new MoteException(
          "weight is not finite: path=%s, tensor=%s, index=%d, value=%s; train or convert it again"
              .formatted(
                  file.path(),
                  name,
                  index,
                  Float.intBitsToFloat(tensor.data().getAtIndex(BITS, index))));
    }
  }

  /** Index of the first value that is infinite or not a number, or -1. */
  private static long firstNonFinite(MemorySegment data) {
    long size = data.byteSize() / Float.BYTES;
    long bad =
        LongStream.range(0, (size + BLOCK - 1) / BLOCK)
            .parallel()
            .filter(block -> largest(data, block * BLOCK, end(block, size)) >= EXPONENT)
            .min()
            .orElse(-1);
    if (bad < 0) {
      return -1;
    }
    return LongStream.range(bad * BLOCK, end(bad, size))
        .filter(i -> (data.getAtIndex(BITS, i) & MAGNITUDE) >= EXPONENT)
        .findFirst()
        .orElseThrow();
  }

  private static long end(long block, long size) {
    return Math.min(size, (block + 1) * BLOCK);
  }

  /** Largest magnitude as bits. Short calls without an early way out are compiled soon and well. */
  private static int largest(MemorySegment data, long from, long to) {
    int largest = 0;
    for (long i = from; i < to; i++) {
      largest = Math.max(largest, data.getAtIndex(BITS, i) & MAGNITUDE);
    }
    return largest;
  }

  @Override
  public Architecture architecture() {
    return architecture;
  }

  @Override
  public Map<String, String> metadata() {
    return file.metadata();
  }

  @Override
  public MemorySegment tensor(String name) {
    if (closed) {
      throw new IllegalStateException(
          "WeightsFile is closed: path=" + file.path() + "; open it again");
    }
    if (!file.names().contains(name)) {
      throw new IllegalArgumentException(
          "architecture has no such tensor: tensor=" + name + "; see Architecture.shapes");
    }
    return file.tensor(name).data();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      file.close();
      OpenResources.closed("WeightsFile");
    }
  }
}
