package mote.engine.convert;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the pickle of a torch checkpoint (protocols 2 to 5) and executes nothing: names of classes
 * and functions are compared with the few that {@link TorchObjects} knows the meaning of,
 * everything else is refused. Values are null, Boolean, Long, Double, String, List, Map, {@link
 * Tuple}, {@link TensorReference} and what else TorchObjects makes. Iterative, so depth costs no
 * stack; the number of operations bounds time and memory.
 */
final class Unpickler {
  /** The published checkpoint takes about 40,000. */
  static final int MOST_OPERATIONS = 1_000_000;

  /** A tuple, told apart from a list. */
  record Tuple(List<Object> items) {}

  private static final Object MARK = new Object();

  private final PickleReader in;
  private final TorchObjects objects;
  private final List<Object> stack = new ArrayList<>();
  private final Map<Long, Object> memo = new HashMap<>();
  private boolean stopped;

  private Unpickler(PickleReader in) {
    this.in = in;
    objects = new TorchObjects(in);
  }

  /**
   * The one object of a pickle.
   *
   * @param path of the checkpoint, for messages
   */
  static Object read(Path path, byte[] pickle) {
    return new Unpickler(new PickleReader(path, pickle)).read();
  }

  private Object read() {
    for (int count = 0; !stopped; count++) {
      if (count == MOST_OPERATIONS) {
        throw in.malformed("more than " + MOST_OPERATIONS + " operations");
      }
      int operation = in.unsignedByte();
      if (!scalar(operation) && !container(operation) && !memory(operation)) {
        object(operation);
      }
    }
    Object result = pop();
    if (!stack.isEmpty()) {
      throw in.malformed("values that belong to nothing");
    }
    return result;
  }

  private boolean scalar(int operation) {
    switch (operation) {
      case 'N' -> stack.add(null); // NONE
      case 0x88 -> stack.add(true); // NEWTRUE
      case 0x89 -> stack.add(false); // NEWFALSE
      case 'J' -> stack.add((long) in.signedInt()); // BININT
      case 'K' -> stack.add((long) in.unsignedByte()); // BININT1
      case 'M' -> stack.add((long) in.unsignedShort()); // BININT2
      case 0x8a -> stack.add(in.integer(in.unsignedByte())); // LONG1
      case 0x8b -> stack.add(in.integer(in.unsignedInt())); // LONG4
      case 'G' -> stack.add(in.bigEndianDouble()); // BINFLOAT
      case 'X' -> stack.add(in.text(in.unsignedInt())); // BINUNICODE
      case 0x8c -> stack.add(in.text(in.unsignedByte())); // SHORT_BINUNICODE
      case 0x8d -> stack.add(in.text(in.signedLong())); // BINUNICODE8
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean container(int operation) {
    switch (operation) {
      case '(' -> stack.add(MARK); // MARK
      case ']' -> stack.add(new ArrayList<>()); // EMPTY_LIST
      case 'a' -> append(Collections.singletonList(pop())); // APPEND
      case 'e' -> append(popToMark()); // APPENDS
      case 'l' -> stack.add(popToMark()); // LIST
      case '}' -> stack.add(new LinkedHashMap<>()); // EMPTY_DICT
      case 's' -> setItems(popLast(2)); // SETITEM
      case 'u' -> setItems(popToMark()); // SETITEMS
      case 'd' -> { // DICT
        List<Object> items = popToMark();
        stack.add(new LinkedHashMap<>());
        setItems(items);
      }
      case ')' -> stack.add(new Tuple(List.of())); // EMPTY_TUPLE
      case 0x85 -> stack.add(new Tuple(popLast(1))); // TUPLE1
      case 0x86 -> stack.add(new Tuple(popLast(2))); // TUPLE2
      case 0x87 -> stack.add(new Tuple(popLast(3))); // TUPLE3
      case 't' -> stack.add(new Tuple(popToMark())); // TUPLE
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean memory(int operation) {
    switch (operation) {
      case 'q' -> memo.put((long) in.unsignedByte(), top()); // BINPUT
      case 'r' -> memo.put(in.unsignedInt(), top()); // LONG_BINPUT
      case 0x94 -> memo.put((long) memo.size(), top()); // MEMOIZE
      case 'h' -> stack.add(recall(in.unsignedByte())); // BINGET
      case 'j' -> stack.add(recall(in.unsignedInt())); // LONG_BINGET
      case '0' -> pop(); // POP
      case '1' -> popToMark(); // POP_MARK
      case '2' -> stack.add(top()); // DUP
      default -> {
        return false;
      }
    }
    return true;
  }

  private void object(int operation) {
    switch (operation) {
      case 0x80 -> { // PROTO
        int protocol = in.unsignedByte();
        if (protocol < 2 || protocol > 5) {
          throw in.malformed("protocol " + protocol);
        }
      }
      case 0x95 -> in.signedLong(); // FRAME: a length that only a buffering reader needs
      case '.' -> stopped = true; // STOP
      case 'c' -> stack.add(objects.global(in.line(), in.line())); // GLOBAL
      case 0x93 -> { // STACK_GLOBAL
        List<Object> names = popLast(2);
        stack.add(objects.global(text(names.get(0)), text(names.get(1))));
      }
      case 'R' -> { // REDUCE
        List<Object> call = popLast(2);
        stack.add(objects.call(call.get(0), tuple(call.get(1))));
      }
      case 'Q' -> stack.add(objects.persistent(tuple(pop()))); // BINPERSID
      case 'b' -> { // BUILD: attributes of an OrderedDict, such as _metadata, are not needed
        Object attributes = pop();
        if (!(top() instanceof Map) || !(attributes instanceof Map)) {
          throw in.refused("__setstate__");
        }
      }
      case 'i', 'o', 0x81, 0x92 -> throw in.refused(constructor(operation));
      case 0x82, 0x83, 0x84 -> throw in.refused("copyreg extension");
      default -> throw in.malformed("operation 0x%02x".formatted(operation));
    }
  }

  /** What INST, OBJ, NEWOBJ or NEWOBJ_EX would make an instance of. */
  private String constructor(int operation) {
    return switch (operation) {
      case 'i' -> in.line() + "." + in.line(); // INST
      case 'o' -> "class instance"; // OBJ
      default -> "class instance by __new__"; // NEWOBJ, NEWOBJ_EX
    };
  }

  private void append(List<Object> items) {
    if (!(top() instanceof ArrayList<?>)) {
      throw in.malformed("items of something that is no list");
    }
    @SuppressWarnings("unchecked") // every ArrayList on the stack was made here, of objects
    ArrayList<Object> list = (ArrayList<Object>) top();
    list.addAll(items);
  }

  private void setItems(List<Object> items) {
    if (!(top() instanceof LinkedHashMap<?, ?>) || items.size() % 2 != 0) {
      throw in.malformed("items of something that is no dictionary");
    }
    @SuppressWarnings("unchecked") // every LinkedHashMap on the stack was made here, of objects
    Map<Object, Object> map = (LinkedHashMap<Object, Object>) top();
    for (int i = 0; i < items.size(); i += 2) {
      Object key = items.get(i);
      if (!(key instanceof String || key instanceof Long || key instanceof Boolean)) {
        throw in.malformed("a key that is no text or number"); // others might not end to hash
      }
      map.put(key, items.get(i + 1));
    }
  }

  private Object recall(long index) {
    Object value = memo.get(index);
    if (value == null && !memo.containsKey(index)) {
      throw in.malformed("a memory that was never filled");
    }
    return value;
  }

  private Object top() {
    if (stack.isEmpty() || stack.getLast() == MARK) {
      throw in.malformed("an operation without its value");
    }
    return stack.getLast();
  }

  private Object pop() {
    Object value = top();
    stack.removeLast();
    return value;
  }

  /** The last values, in the order in which they were pushed. */
  private List<Object> popLast(int count) {
    Object[] values = new Object[count];
    for (int i = count - 1; i >= 0; i--) {
      values[i] = pop();
    }
    return new ArrayList<>(java.util.Arrays.asList(values));
  }

  private List<Object> popToMark() {
    int mark = stack.lastIndexOf(MARK);
    if (mark < 0) {
      throw in.malformed("an end without its beginning");
    }
    List<Object> tail = stack.subList(mark, stack.size());
    List<Object> values = new ArrayList<>(tail.subList(1, tail.size()));
    tail.clear();
    return values;
  }

  private Tuple tuple(Object value) {
    if (value instanceof Tuple tuple) {
      return tuple;
    }
    throw in.malformed("arguments that are no tuple");
  }

  private String text(Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw in.malformed("a name that is no text");
  }
}
