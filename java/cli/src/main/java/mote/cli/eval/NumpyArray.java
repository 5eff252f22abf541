package mote.cli.eval;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * An array of numpy's, where its bytes lie.
 *
 * @param type numpy's name without the byte order: f4, f8, b1, u1 or S and the bytes of an element
 * @param shape sizes of the axes
 * @param steps elements from an entry of an axis to the next
 * @param data all elements without padding, little endian
 */
record NumpyArray(String type, int[] shape, long[] steps, MemorySegment data) {
  private static final int MOST_AXES = 8;
  private static final Pattern TYPE = Pattern.compile("([<=>|]?)(f4|f8|b1|u1|S[1-9]\\d{0,8})");
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /**
   * Checks that everything fits.
   *
   * @param descr numpy's name with or without the byte order
   * @param fortran whether the first axis varies fastest, and not the last
   * @throws IllegalArgumentException saying what does not fit
   */
  static NumpyArray of(String descr, long[] shape, boolean fortran, MemorySegment data) {
    Matcher matcher = TYPE.matcher(descr);
    if (!matcher.matches() || descr.startsWith(">")) {
      throw new IllegalArgumentException(
          "type=" + descr.substring(0, Math.min(20, descr.length())));
    }
    if (shape.length > MOST_AXES) {
      throw new IllegalArgumentException("axes=" + shape.length);
    }
    NumpyArray array =
        new NumpyArray(
            matcher.group(2), new int[shape.length], new long[shape.length], data.asReadOnly());
    double bytes = array.itemSize(); // exact where it can be equal, and never overflows
    for (int axis = 0; axis < shape.length; axis++) {
      if (shape[axis] < 0 || shape[axis] > Integer.MAX_VALUE) {
        throw new IllegalArgumentException("shape=" + Arrays.toString(shape));
      }
      array.shape[axis] = (int) shape[axis];
      bytes *= shape[axis];
    }
    if (bytes != data.byteSize()) {
      throw new IllegalArgumentException(
          "shape=%s, type=%s, bytes=%d"
              .formatted(Arrays.toString(shape), array.type, data.byteSize()));
    }
    long step = 1;
    for (int i = 0; i < shape.length; i++) {
      int axis = fortran ? i : shape.length - 1 - i;
      array.steps[axis] = step;
      step *= shape[axis];
    }
    return array;
  }

  /**
   * The same elements with the axes in another order, as numpy's transpose.
   *
   * @param order which axis each one was
   * @throws IllegalArgumentException if it has an axis twice, or one too few
   */
  NumpyArray transposed(int[] order) {
    int[] sorted = order.clone();
    Arrays.sort(sorted);
    if (!Arrays.equals(sorted, IntStream.range(0, shape.length).toArray())) {
      throw new IllegalArgumentException("axes=" + Arrays.toString(order));
    }
    return new NumpyArray(
        type,
        Arrays.stream(order).map(axis -> shape[axis]).toArray(),
        Arrays.stream(order).mapToLong(axis -> steps[axis]).toArray(),
        data);
  }

  /** Whether the elements lie in C order. */
  boolean inOrder() {
    long step = 1;
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      if (steps[axis] != step) {
        return false;
      }
      step *= shape[axis];
    }
    return true;
  }

  int itemSize() {
    return Integer.parseInt(type.substring(1));
  }

  /** Whether the array has this type and so many axes. */
  boolean is(String wanted, int axes) {
    return shape.length == axes
        && (type.equals(wanted) || wanted.equals("S") && type.startsWith("S"));
  }

  /** All values in C order, of an array of floats. */
  float[] floats() {
    float[] values = new float[count()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          type.equals("f4")
              ? data.get(FLOAT, 4 * position(i))
              : (float) data.get(DOUBLE, 8 * position(i));
    }
    return values;
  }

  /** All values in C order, of an array of booleans or bytes: whether they are not 0. */
  boolean[] flags() {
    boolean[] values = new boolean[count()];
    for (int i = 0; i < values.length; i++) {
      values[i] = data.get(ValueLayout.JAVA_BYTE, position(i)) != 0;
    }
    return values;
  }

  /** Elements of the first axis' entry {@code i}, of an array in C order. */
  MemorySegment entry(int i) {
    if (!inOrder()) {
      throw new IllegalStateException("entries do not lie together: order is not C's");
    }
    long size = data.byteSize() / shape[0];
    return data.asSlice(java.util.Objects.checkIndex(i, shape[0]) * size, size);
  }

  private int count() {
    return Math.toIntExact(data.byteSize() / itemSize());
  }

  /** Where the element lies that is the i-th in C order. */
  private long position(int i) {
    long position = 0;
    int rest = i;
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      position += rest % shape[axis] * steps[axis];
      rest /= shape[axis];
    }
    return position;
  }

  /** For messages: type and shape. */
  String form() {
    return String.format(Locale.ROOT, "%s%s", type, Arrays.toString(shape));
  }
}
