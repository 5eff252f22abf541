package mote.stream;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import mote.engine.Untrusted;

/**
 * What became of a row's commands, as the JSON array of {@code mote.results}: one object a command.
 * Reused from row to row; only refusals allocate.
 */
final class Results {
  /** Refusals of a row that say why; the rest only say that they are one. */
  static final int REASONS = 32;

  private static final int REASON_BYTES = 512;
  private static final int ENTRY_BYTES = 48;
  private static final byte[] POINT = ascii("{\"point\":");
  private static final byte[] DONE = ascii("{}");
  private static final byte[] ERROR = ascii("{\"error\":\"");
  private static final byte[] REFUSED = ascii("{\"error\":\"refused as well\"}");

  private final ByteBuffer json;
  private final byte[] digits = new byte[20];
  private int count;
  private int refusals;

  /**
   * @param commands of a row at most
   */
  Results(int commands) {
    json = ByteBuffer.allocate(2 + ENTRY_BYTES * commands + REASON_BYTES * REASONS);
  }

  /** Bytes of JSON at most. */
  int capacity() {
    return json.capacity();
  }

  void clear() {
    json.clear();
    count = 0;
    refusals = 0;
  }

  boolean isEmpty() {
    return count == 0;
  }

  int refusals() {
    return refusals;
  }

  /** A command was carried out. */
  void done() {
    next();
    json.put(DONE);
  }

  /** An {@code add} was carried out. */
  void added(long point) {
    next();
    json.put(POINT);
    putDigits(json, point, digits);
    json.put((byte) '}');
  }

  /** A command was refused. */
  void refused(String reason) {
    next();
    if (refusals++ >= REASONS) {
      json.put(REFUSED);
      return;
    }
    json.put(ERROR);
    String text = Untrusted.visible(reason.substring(0, Math.min(200, reason.length())));
    StringBuilder escaped = new StringBuilder();
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') {
        escaped.append('\\');
      }
      escaped.append(c < 0x80 ? c : '?');
    }
    json.put(ascii(escaped.toString())).put((byte) '"').put((byte) '}');
  }

  /** The array, until the next {@link #clear}. */
  ByteBuffer json() {
    if (count == 0) {
      json.put((byte) '[');
    }
    json.put((byte) ']').flip();
    return json;
  }

  private void next() {
    json.put((byte) (count++ == 0 ? '[' : ','));
  }

  /**
   * Writes a number in decimal digits.
   *
   * @param scratch 20 bytes at least
   */
  static void putDigits(ByteBuffer into, long value, byte[] scratch) {
    int at = scratch.length;
    long rest = value;
    do { // the remainders of a negative number are negative
      scratch[--at] = (byte) ('0' + Math.abs(rest % 10));
      rest /= 10;
    } while (rest != 0);
    if (value < 0) {
      scratch[--at] = '-';
    }
    into.put(scratch, at, scratch.length - at);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
