package mote.engine.convert;

import java.util.Arrays;
import java.util.List;

/**
 * A tensor as a checkpoint's pickle describes it; its values stay in the zip.
 *
 * @param storage entry that holds the values
 * @param offset of the first element in the storage, in elements
 * @param shape of the tensor
 * @param strides in elements, one per dimension
 */
record TensorReference(Storage storage, long offset, List<Long> shape, List<Long> strides) {
  /**
   * An array of elements in the zip.
   *
   * @param key name of the entry under data/
   * @param size elements
   */
  record Storage(StorageType type, String key, long size) {}

  /** Torch's storage classes, with the size of an element. */
  enum StorageType {
    FLOAT("Float", 4),
    DOUBLE("Double", 8),
    HALF("Half", 2),
    BFLOAT16("BFloat16", 2),
    LONG("Long", 8),
    INT("Int", 4),
    SHORT("Short", 2),
    CHAR("Char", 1),
    BYTE("Byte", 1),
    BOOL("Bool", 1);

    private final String torch;
    private final int bytes;

    StorageType(String torch, int bytes) {
      this.torch = torch;
      this.bytes = bytes;
    }

    /** The class in torch, {@code torch.FloatStorage}. */
    String torchClass() {
      return "torch." + torch + "Storage";
    }

    int bytes() {
      return bytes;
    }

    /** Whether a parameter can be of that type. */
    boolean isReal() {
      return ordinal() <= BFLOAT16.ordinal();
    }
  }

  long[] sizes() {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  /** Whether the elements lie in row-major order without gaps. */
  boolean isContiguous() {
    long expected = 1;
    for (int d = shape.size() - 1; d >= 0; d--) {
      if (shape.get(d) != 1 && strides.get(d) != expected) {
        return false;
      }
      expected *= shape.get(d);
    }
    return true;
  }

  String shapeText() {
    return Arrays.toString(sizes());
  }
}
