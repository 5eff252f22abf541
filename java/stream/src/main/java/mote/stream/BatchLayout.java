package mote.stream;

import org.apache.arrow.flatbuf.BodyCompression;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.FieldNode;
import org.apache.arrow.flatbuf.RecordBatch;

/**
 * Where a record batch's columns lie in its body: what its head claims, checked against the body's
 * size. Columns and buffers are numbered in the order of the schema, depth first. Nothing is
 * allocated after it was made.
 */
final class BatchLayout {
  static final int FRAME = 0;
  static final int TIMESTAMP = 1;
  static final int HEIGHT = 2;
  static final int WIDTH = 3;
  static final int IMAGE = 4;
  static final int COMMANDS = 5;
  static final int COMMAND = 6;
  static final int OP = 7;
  static final int POINT = 8;
  static final int X = 9;
  static final int Y = 10;
  static final int OF_FRAME = 11;

  private static final String[] NAMES = {
    "frame",
    "timestamp_ns",
    "height",
    "width",
    "image",
    "commands",
    "commands[]",
    "commands[].op",
    "commands[].point",
    "commands[].x",
    "commands[].y",
    "commands[].frame"
  };

  /** First buffer of each column: its validity. */
  private static final int[] FIRST = {0, 2, 4, 6, 8, 11, 13, 14, 17, 19, 21, 23};

  private static final int BUFFERS = 25;

  /** Bytes of a value, 0 for the struct, and of an offset of the columns that have some. */
  private static final int[] BYTES = {8, 8, 4, 4, 8, 4, 0, 4, 8, 4, 4, 8};

  private final int mostCommands;
  private final FieldNode node = new FieldNode();
  private final Buffer buffer = new Buffer();
  private final BodyCompression compression = new BodyCompression();
  private final long[] offsets = new long[BUFFERS];
  private final long[] lengths = new long[BUFFERS];
  private final long[] nulls = new long[NAMES.length];
  private int rows;
  private int commands;

  BatchLayout(int mostCommands) {
    this.mostCommands = mostCommands;
  }

  /** Takes over what a head says, or refuses it. */
  void read(RecordBatch head, long bodyBytes) {
    if (head.compression(compression) != null) {
      throw new ProtocolException(
          "record batch is compressed: codec=%d; send it as it is".formatted(compression.codec()));
    }
    if (head.nodesLength() != NAMES.length
        || head.buffersLength() != BUFFERS
        || head.variadicBufferCountsLength() != 0) {
      throw new ProtocolException(
          "record batch does not fit the schema: nodes=%d, buffers=%d; send %d and %d"
              .formatted(head.nodesLength(), head.buffersLength(), NAMES.length, BUFFERS));
    }
    rows = count("rows", head.length(), StreamOptions.MOST_ROWS);
    commands = count("commands", head.nodes(node, COMMAND).length(), mostCommands);
    for (int i = 0; i < BUFFERS; i++) {
      readBuffer(head, i, bodyBytes);
    }
    for (int column = 0; column < NAMES.length; column++) {
      readNode(head, column);
    }
  }

  private static int count(String name, long value, int most) {
    if (value < 0 || value > most) {
      throw new ProtocolException(
          "record batch is too long: %s=%d, most=%d; send smaller ones"
              .formatted(name, value, most));
    }
    return (int) value;
  }

  private void readBuffer(RecordBatch head, int i, long bodyBytes) {
    head.buffers(buffer, i);
    long offset = buffer.offset();
    long length = buffer.length();
    if (offset < 0 || length < 0 || offset > bodyBytes || length > bodyBytes - offset) {
      throw new ProtocolException(
          "buffer lies outside of its body: buffer=%d, offset=%d, bytes=%d, body_bytes=%d; keep it inside"
              .formatted(i, offset, length, bodyBytes));
    }
    offsets[i] = offset;
    lengths[i] = length;
  }

  private void readNode(RecordBatch head, int column) {
    head.nodes(node, column);
    int expected = length(column);
    if (node.length() != expected || node.nullCount() < 0 || node.nullCount() > expected) {
      throw new ProtocolException(
          "column has the wrong length: column=%s, length=%d, nulls=%d; send %d"
              .formatted(NAMES[column], node.length(), node.nullCount(), expected));
    }
    nulls[column] = node.nullCount();
    int validity = FIRST[column];
    if (nulls[column] > 0) {
      atLeast(column, validity, (expected + 7L) / 8);
    }
    if (BYTES[column] > 0 && expected > 0) {
      boolean offsetsToo = column == IMAGE || column == COMMANDS || column == OP;
      atLeast(column, validity + 1, (long) BYTES[column] * (expected + (offsetsToo ? 1 : 0)));
    }
  }

  private void atLeast(int column, int i, long bytes) {
    if (lengths[i] < bytes) {
      throw new ProtocolException(
          "column's buffer is too short: column=%s, bytes=%d; send %d"
              .formatted(NAMES[column], lengths[i], bytes));
    }
  }

  int rows() {
    return rows;
  }

  /** Commands of all rows. */
  int commands() {
    return commands;
  }

  /** Values in a column. */
  int length(int column) {
    return column <= COMMANDS ? rows : commands;
  }

  boolean hasNulls(int column) {
    return nulls[column] > 0;
  }

  /** Where in the body the bits of a column begin; of a column that has nulls. */
  long validity(int column) {
    return offsets[FIRST[column]];
  }

  /** Where in the body the values, or the offsets, of a column begin. */
  long values(int column) {
    return offsets[FIRST[column] + 1];
  }

  /** Where in the body the bytes begin that a column's offsets point into. */
  long data(int column) {
    return offsets[FIRST[column] + 2];
  }

  /** How many those are. */
  long dataBytes(int column) {
    return lengths[FIRST[column] + 2];
  }
}
