package mote.cli.eval;

import java.util.List;

/** What a pickle can hold here beside lists, dicts, numbers and booleans. */
sealed interface PickleValue {
  /** None. */
  record None() implements PickleValue {
    static final None NONE = new None();
  }

  /**
   * Bytes or text, where they lie in the file.
   *
   * @param offset in the file
   * @param length in bytes
   * @param form what they are
   */
  record Bytes(long offset, long length, Form form) implements PickleValue {
    enum Form {
      BYTES,
      TEXT,
      /** Bytes as protocol 2 writes them: each a character of a text. */
      LATIN1
    }
  }

  /** A tuple. */
  record Tuple(List<Object> items) implements PickleValue {}

  /** numpy.dtype; its byte order comes later. */
  final class Type implements PickleValue {
    final String name;
    String order = "";

    Type(String name) {
      this.name = name;
    }
  }

  /** numpy.ndarray; its contents come later: an array, or the items of one of objects. */
  final class Array implements PickleValue {
    NumpyArray array;
    List<Object> items;
  }

  /** A number of numpy's; nothing here needs its value. */
  record Scalar() implements PickleValue {}

  /** What may be called, by name. */
  enum Callable implements PickleValue {
    RECONSTRUCT,
    FROM_BUFFER,
    SCALAR,
    NDARRAY,
    DTYPE,
    ENCODE;

    /** Null for everything else. */
    static Callable named(String name) {
      return switch (name) {
        case "numpy.core.multiarray _reconstruct", "numpy._core.multiarray _reconstruct" ->
            RECONSTRUCT;
        case "numpy.core.numeric _frombuffer", "numpy._core.numeric _frombuffer" -> FROM_BUFFER;
        case "numpy.core.multiarray scalar", "numpy._core.multiarray scalar" -> SCALAR;
        case "numpy ndarray" -> NDARRAY;
        case "numpy dtype" -> DTYPE;
        case "_codecs encode" -> ENCODE;
        default -> null;
      };
    }
  }
}
