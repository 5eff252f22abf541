package mote.stream;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a command asks for, {@code op} of the input schema. */
enum Operation {
  ADD,
  REMOVE,
  MOVE,
  FREEZE,
  THAW,
  CUT;

  /** For messages. */
  static final String ALL =
      Arrays.stream(values()).map(Operation::id).collect(Collectors.joining(", "));

  private static final Operation[] VALUES = values();

  private final byte[] ascii = id().getBytes(StandardCharsets.US_ASCII);

  String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The operation that is written there in ASCII, null where there is none of that name. */
  static Operation at(MemorySegment text, long offset, long length) {
    for (Operation operation : VALUES) {
      if (operation.ascii.length == length && operation.equalsAt(text, offset)) {
        return operation;
      }
    }
    return null;
  }

  private boolean equalsAt(MemorySegment text, long offset) {
    for (int i = 0; i < ascii.length; i++) {
      if (text.get(ValueLayout.JAVA_BYTE, offset + i) != ascii[i]) {
        return false;
      }
    }
    return true;
  }
}
