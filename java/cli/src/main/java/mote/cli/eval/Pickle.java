package mote.cli.eval;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mote.engine.MoteException;
import mote.engine.Untrusted;

/**
 * Reads pickles (protocols 2 to 5) that nobody vouches for: dicts, lists, tuples, text, bytes,
 * numbers and numpy's arrays. Nothing is called but what {@link PickleValue.Callable} names, and
 * that is imitated here; everything else is refused. Bytes stay where they are in the mapped file;
 * a length is checked against the file before anything is made of it.
 */
final class Pickle {
  /** Instructions of a pickle; each makes one object at most. */
  private static final int MOST_STEPS = 1_000_000;

  /** Bytes of a key or a name. */
  private static final int LONGEST_NAME = 4096;

  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt I32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong I64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble BIG_F64 =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final Path file;
  private final MemorySegment bytes;
  private final PickleCalls calls;
  private final Map<Integer, Object> memo = new HashMap<>();
  private final ArrayList<Object> stack = new ArrayList<>();
  private final ArrayList<Integer> marks = new ArrayList<>();
  private long at;
  private long started;

  /** What a pickle says that this does not do. */
  static final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    RefusedException(String found) {
      super(found);
    }
  }

  private Pickle(Path file, MemorySegment bytes, Arena arena) {
    this.file = file;
    this.bytes = bytes;
    calls = new PickleCalls(bytes, arena);
  }

  /**
   * The object of a pickle.
   *
   * @param file for messages
   * @param bytes the whole file
   * @param arena owns what cannot stay in the file (bytes of protocol 2)
   * @return List, {@code Map<String, Object>}, Long, Double, Boolean or {@link PickleValue}
   * @throws MoteException if the pickle is broken or holds anything else
   */
  static Object read(Path file, MemorySegment bytes, Arena arena) {
    return new Pickle(file, bytes, arena).run();
  }

  private Object run() {
    try {
      if (bytes.byteSize() < 2 || u8() != 0x80 || u8() < 2 || get(at - 1) > 5) {
        throw new RefusedException("no protocol of 2 to 5");
      }
      for (int step = 0; step < MOST_STEPS; step++) {
        started = at;
        int code = u8();
        if (code == '.') {
          return pop();
        }
        step(code);
      }
      throw new RefusedException("more than " + MOST_STEPS + " instructions");
    } catch (RefusedException | IllegalArgumentException e) {
      throw new MoteException(
          "pickle is refused: file=%s, at=%d, found=%s; give a file of dicts, lists and numpy arrays as TAP-Vid publishes them"
              .formatted(file, started, e.getMessage()),
          e);
    }
  }

  private void step(int code) {
    switch (code) {
      case 0x95 -> need(u64()); // FRAME
      case '(' -> marks.add(stack.size());
      case 'N' -> stack.add(PickleValue.None.NONE);
      case 0x88 -> stack.add(true);
      case 0x89 -> stack.add(false);
      case 'J' -> stack.add((long) bytes.get(I32, take(4)));
      case 'K' -> stack.add((long) u8());
      case 'M' -> stack.add((long) u16());
      case 0x8a -> stack.add(integer(u8()));
      case 'G' -> stack.add(bytes.get(BIG_F64, take(8)));
      case 'X' -> text(u32());
      case 0x8c -> text(u8());
      case 0x8d -> text(u64());
      case 'B' -> raw(u32());
      case 'C' -> raw(u8());
      case 0x8e, 0x96 -> raw(u64()); // BINBYTES8, BYTEARRAY8
      case ')' -> stack.add(new PickleValue.Tuple(List.of()));
      case 't' -> stack.add(new PickleValue.Tuple(toMark()));
      case 0x85, 0x86, 0x87 -> stack.add(new PickleValue.Tuple(popAll(code - 0x84)));
      case ']' -> stack.add(new ArrayList<>());
      case 'a' -> append(popAll(1));
      case 'e' -> append(toMark());
      case '}' -> stack.add(new LinkedHashMap<String, Object>());
      case 's' -> put(popAll(2));
      case 'u' -> put(toMark());
      case 'q' -> memo.put(u8(), peek());
      case 'r' -> memo.put((int) u32(), peek());
      case 0x94 -> memo.put(memo.size(), peek());
      case 'h' -> recall(u8());
      case 'j' -> recall((int) u32());
      case 'c' -> stack.add(callable(line() + " " + line()));
      case 0x93 -> {
        List<Object> names = popAll(2);
        stack.add(callable(name(names.get(0)) + " " + name(names.get(1))));
      }
      case 'R' -> {
        List<Object> call = popAll(2);
        stack.add(calls.reduce(call.get(0), call.get(1)));
      }
      case 'b' -> {
        Object state = pop();
        calls.build(peek(), state);
      }
      default -> throw new RefusedException("instruction 0x%02x".formatted(code));
    }
  }

  private static PickleValue.Callable callable(String name) {
    PickleValue.Callable callable = PickleValue.Callable.named(name);
    if (callable == null) {
      throw new RefusedException("a call of " + Untrusted.quote(name.replace(' ', '.')));
    }
    return callable;
  }

  private long integer(int length) {
    if (length > 8) {
      throw new RefusedException("an integer of " + length + " bytes");
    }
    long value = 0;
    long from = take(length);
    for (int i = 0; i < length; i++) {
      value |= (long) get(from + i) << 8 * i;
    }
    return length == 0 || length == 8 ? value : value << 64 - 8 * length >> 64 - 8 * length;
  }

  private void text(long length) {
    stack.add(new PickleValue.Bytes(take(length), length, PickleValue.Bytes.Form.TEXT));
  }

  private void raw(long length) {
    stack.add(new PickleValue.Bytes(take(length), length, PickleValue.Bytes.Form.BYTES));
  }

  private void append(List<Object> items) {
    if (!(peek() instanceof ArrayList<?>)) {
      throw new RefusedException("items of what is no list");
    }
    @SuppressWarnings("unchecked") // the only lists on the stack are those of ']'
    List<Object> list = (List<Object>) peek();
    list.addAll(items);
  }

  private void put(List<Object> entries) {
    if (!(peek() instanceof LinkedHashMap<?, ?>) || entries.size() % 2 != 0) {
      throw new RefusedException("entries of what is no dict");
    }
    @SuppressWarnings("unchecked") // the only maps on the stack are those of '}'
    Map<String, Object> dict = (Map<String, Object>) peek();
    for (int i = 0; i < entries.size(); i += 2) {
      dict.put(name(entries.get(i)), entries.get(i + 1));
    }
  }

  private String name(Object value) {
    if (!(value instanceof PickleValue.Bytes text)
        || text.form() != PickleValue.Bytes.Form.TEXT
        || text.length() > LONGEST_NAME) {
      throw new RefusedException("a name or key that is no text of at most " + LONGEST_NAME);
    }
    return calls.text(text);
  }

  private void recall(int index) {
    if (!memo.containsKey(index)) {
      throw new RefusedException("nothing remembered as " + Integer.toUnsignedString(index));
    }
    stack.add(memo.get(index));
  }

  private String line() {
    long from = at;
    while (u8() != '\n') {
      if (at - from > LONGEST_NAME) {
        throw new RefusedException("a name of more than " + LONGEST_NAME);
      }
    }
    return new String(
        bytes.asSlice(from, at - 1 - from).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }

  private Object peek() {
    requireItems(1);
    return stack.getLast();
  }

  private Object pop() {
    requireItems(1);
    return stack.removeLast();
  }

  /** Only what was put since the last mark can be taken. */
  private void requireItems(int count) {
    int floor = marks.isEmpty() ? 0 : marks.getLast();
    if (stack.size() - floor < count) {
      throw new RefusedException("fewer objects than an instruction needs");
    }
  }

  private List<Object> popAll(int count) {
    requireItems(count);
    return cut(stack.size() - count);
  }

  private List<Object> toMark() {
    if (marks.isEmpty()) {
      throw new RefusedException("an instruction without its mark");
    }
    return cut(marks.removeLast());
  }

  private List<Object> cut(int from) {
    List<Object> tail = stack.subList(from, stack.size());
    List<Object> items = List.copyOf(tail);
    tail.clear();
    return items;
  }

  private void need(long length) {
    if (length < 0 || length > bytes.byteSize() - at) {
      throw new RefusedException(
          "%s bytes where %d are left"
              .formatted(Long.toUnsignedString(length), bytes.byteSize() - at));
    }
  }

  private long take(long length) {
    need(length);
    long from = at;
    at += length;
    return from;
  }

  private int get(long offset) {
    return bytes.get(ValueLayout.JAVA_BYTE, offset) & 0xff;
  }

  private int u8() {
    return get(take(1));
  }

  private int u16() {
    return bytes.get(U16, take(2)) & 0xffff;
  }

  private long u32() {
    return bytes.get(I32, take(4)) & 0xffffffffL;
  }

  private long u64() {
    return bytes.get(I64, take(8));
  }
}
