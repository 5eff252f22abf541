package mote.engine.convert;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import mote.engine.MoteException;

/** Values of tensors from the bytes of their storage, as float32 in row-major order. */
final class TensorValues {
  private TensorValues() {}

  /**
   * @param path of the checkpoint, for messages
   * @param name of the tensor, for messages
   * @param tensor lies inside its storage
   * @param storage all bytes of the storage, little-endian
   * @throws MoteException naming the first value that is not finite in float32
   */
  static float[] read(Path path, String name, TensorReference tensor, byte[] storage) {
    ByteBuffer bytes = ByteBuffer.wrap(storage).order(ByteOrder.LITTLE_ENDIAN);
    long[] sizes = tensor.sizes();
    long count = 1;
    for (long size : sizes) {
      count = Math.multiplyExact(count, size);
    }
    float[] values = new float[Math.toIntExact(count)];
    if (tensor.isContiguous()) {
      for (int i = 0; i < values.length; i++) {
        values[i] = element(tensor, bytes, tensor.offset() + i);
      }
    } else {
      long[] at = new long[sizes.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = element(tensor, bytes, index(tensor, at));
        advance(at, sizes);
      }
    }
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new MoteException(
            "weight is not finite: path=%s, tensor=%s, index=%d, value=%s; fetch the checkpoint again"
                .formatted(path, name, i, values[i]));
      }
    }
    return values;
  }

  private static float element(TensorReference tensor, ByteBuffer bytes, long index) {
    int at = (int) index * tensor.storage().type().bytes();
    return switch (tensor.storage().type()) {
      case FLOAT -> bytes.getFloat(at);
      case DOUBLE -> (float) bytes.getDouble(at);
      case HALF -> Float.float16ToFloat(bytes.getShort(at));
      case BFLOAT16 -> Float.intBitsToFloat(bytes.getShort(at) << 16);
      default -> throw new IllegalArgumentException("type=" + tensor.storage().type());
    };
  }

  private static long index(TensorReference tensor, long[] at) {
    long index = tensor.offset();
    for (int d = 0; d < at.length; d++) {
      index += at[d] * tensor.strides().get(d);
    }
    return index;
  }

  private static void advance(long[] at, long[] sizes) {
    for (int d = at.length - 1; d >= 0; d--) {
      if (++at[d] < sizes[d]) {
        return;
      }
      at[d] = 0;
    }
  }
}
