package mote.cli.eval;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import mote.cli.eval.Pickle.RefusedException;
import mote.cli.eval.PickleValue.Bytes;
import mote.cli.eval.PickleValue.Callable;
import mote.cli.eval.PickleValue.Tuple;

/** The calls in pickles of numpy's arrays, imitated. */
final class PickleCalls {
  private final MemorySegment file;
  private final Arena arena;

  /** Bytes that may still be decoded: no more than the file has. */
  private long left;

  PickleCalls(MemorySegment file, Arena arena) {
    this.file = file;
    this.arena = arena;
    left = file.byteSize();
  }

  String text(Bytes text) {
    return new String(
        file.asSlice(text.offset(), text.length()).toArray(ValueLayout.JAVA_BYTE),
        StandardCharsets.UTF_8);
  }

  /** Calls something with arguments. */
  Object reduce(Object callable, Object arguments) {
    if (!(callable instanceof Callable named) || !(arguments instanceof Tuple tuple)) {
      throw new RefusedException("a call of what cannot be called");
    }
    List<Object> items = tuple.items();
    return switch (named) {
      case RECONSTRUCT -> {
        expect(items.size() == 3 && items.get(0) == Callable.NDARRAY, "an array of another class");
        yield new PickleValue.Array();
      }
      case DTYPE -> {
        expect(!items.isEmpty(), "a type without a name");
        yield new PickleValue.Type(word(items.get(0)));
      }
      case SCALAR -> new PickleValue.Scalar();
      case ENCODE -> {
        boolean latin1 =
            items.size() == 2
                && items.get(0) instanceof Bytes bytes
                && bytes.form() == Bytes.Form.TEXT
                && word(items.get(1)).equals("latin1");
        expect(latin1, "an encoding that is not of bytes as latin1");
        Bytes bytes = (Bytes) items.get(0);
        yield new Bytes(bytes.offset(), bytes.length(), Bytes.Form.LATIN1);
      }
      case FROM_BUFFER -> fromBuffer(items);
      case NDARRAY -> throw new RefusedException("an array made by its class");
    };
  }

  /**
   * numpy's _frombuffer(buffer, type, shape, order, axes): order C, F, or K with transposed axes.
   */
  private PickleValue.Array fromBuffer(List<Object> items) {
    expect(items.size() == 4 || items.size() == 5, "a buffer with other arguments");
    String order = word(items.get(3));
    boolean axes = items.size() == 5 && items.get(4) instanceof Tuple;
    expect(order.equals("K") ? axes : "CF".contains(order), "a buffer in another order");
    PickleValue.Array array = new PickleValue.Array();
    fill(array, items.get(2), items.get(1), order.equals("F"), items.get(0));
    if (order.equals("K") && array.array != null) {
      int[] from =
          Arrays.stream(integers(items.get(4)))
              .mapToInt(axis -> Math.clamp(axis, -1, 99))
              .toArray();
      array.array = array.array.transposed(from);
    }
    return array;
  }

  private static long[] integers(Object tuple) {
    List<Object> items = ((Tuple) tuple).items();
    expect(items.stream().allMatch(Long.class::isInstance), "a size that is no integer");
    return items.stream().mapToLong(item -> (Long) item).toArray();
  }

  /** Gives an object its state. */
  void build(Object object, Object state) {
    if (!(state instanceof Tuple tuple)) {
      throw new RefusedException("a state that is no tuple");
    }
    List<Object> items = tuple.items();
    if (object instanceof PickleValue.Type type) {
      boolean plain =
          items.size() >= 5
              && items.subList(2, 5).stream().allMatch(PickleValue.None.class::isInstance);
      expect(plain, "a type with fields");
      type.order = word(items.get(1));
    } else if (object instanceof PickleValue.Array array) {
      expect(items.size() == 5 && items.get(3) instanceof Boolean, "an array of another format");
      fill(array, items.get(1), items.get(2), (Boolean) items.get(3), items.get(4));
    } else {
      throw new RefusedException("a state of what has none");
    }
  }

  private void fill(
      PickleValue.Array into, Object sizes, Object type, boolean fortran, Object data) {
    expect(into.array == null && into.items == null, "an array that is filled twice");
    expect(sizes instanceof Tuple && type instanceof PickleValue.Type, "an array without a form");
    long[] shape = integers(sizes);
    PickleValue.Type of = (PickleValue.Type) type;
    if (data instanceof List<?> items && of.name.startsWith("O")) {
      boolean fits = shape.length == 1 && shape[0] == items.size();
      expect(fits, "an array of objects with another shape");
      into.items = List.copyOf(items);
      return;
    }
    expect(data instanceof Bytes, "an array without bytes");
    into.array = NumpyArray.of(of.order + of.name, shape, fortran, data((Bytes) data));
  }

  /**
   * The bytes of a value of this file.
   *
   * @throws RefusedException if it is text
   */
  MemorySegment data(Bytes bytes) {
    MemorySegment raw = file.asSlice(bytes.offset(), bytes.length());
    return switch (bytes.form()) {
      case BYTES -> raw;
      case LATIN1 -> decoded(raw);
      case TEXT -> throw new RefusedException("text where bytes should be");
    };
  }

  /** Bytes of which each is a character in UTF-8. */
  private MemorySegment decoded(MemorySegment text) {
    left -= text.byteSize();
    expect(left >= 0, "the same bytes in many arrays");
    long size = 0;
    for (long i = 0; i < text.byteSize(); i++) {
      size += (text.get(ValueLayout.JAVA_BYTE, i) & 0xc0) == 0x80 ? 0 : 1;
    }
    MemorySegment out = arena.allocate(Math.max(1, size)).asSlice(0, size);
    long to = 0;
    for (long i = 0; i < text.byteSize(); i++) {
      int value = text.get(ValueLayout.JAVA_BYTE, i) & 0xff;
      if (value >= 0x80) {
        i++;
        int next = i < text.byteSize() ? text.get(ValueLayout.JAVA_BYTE, i) & 0xff : 0;
        expect((value == 0xc2 || value == 0xc3) && (next & 0xc0) == 0x80, "text beyond latin1");
        value = (value & 3) << 6 | next & 0x3f;
      }
      out.set(ValueLayout.JAVA_BYTE, to++, (byte) value);
    }
    return out;
  }

  private String word(Object value) {
    boolean good =
        value instanceof Bytes bytes && bytes.form() == Bytes.Form.TEXT && bytes.length() <= 64;
    expect(good, "no word where one should be");
    return text((Bytes) value);
  }

  private static void expect(boolean holds, String otherwise) {
    if (!holds) {
      throw new RefusedException(otherwise);
    }
  }
}
