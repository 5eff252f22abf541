package mote.stream;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import mote.engine.Plan;
import mote.engine.Untrusted;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.memory.BufferAllocator;

/**
 * A record batch of frames and commands in a slab of its own, where the channel put it. First its
 * head is read ({@link #readHead}), then its body is received ({@link #body}), then the rows are
 * checked ({@link #checkRows}): from then on every accessor is safe. Nothing is allocated after it
 * was made.
 */
final class InputBatch implements AutoCloseable {
  private static final ValueLayout.OfInt INT32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong INT64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Slab slab;
  private final MemorySegment body;
  private final BatchLayout layout;
  private final long mostPicture;
  private MemorySegment picture;
  private int pictures;

  InputBatch(BufferAllocator allocator, StreamOptions options) {
    slab = new Slab(allocator, options.bodyBytes());
    body = slab.memory();
    layout = new BatchLayout(options.commands());
    mostPicture = options.frameBytes();
    picture = body.asSlice(0, 0);
  }

  /** Refuses a head that does not fit the schema or its body. */
  void readHead(RecordBatch head, long bodyBytes) {
    try {
      layout.read(head, bodyBytes);
    } catch (RuntimeException e) {
      throw MessageReader.malformed(e);
    }
  }

  /** The slab: what pictures lie in. */
  MemorySegment memory() {
    return slab.memory();
  }

  /** Where the body is received. */
  ByteBuffer body() {
    return slab.bytes();
  }

  /** Refuses offsets that leave the body, missing values, and pictures that are not their size. */
  void checkRows() {
    pictures = 0;
    for (int row = 0; row < layout.rows(); row++) {
      checkRow(row);
    }
    for (int i = 0; i < layout.commands(); i++) {
      if (isNull(BatchLayout.COMMAND, i)) {
        throw new ProtocolException("command is null: command=" + i + "; leave it out");
      }
      int from = offset32(BatchLayout.OP, i);
      checkSpan("op", i, from, offset32(BatchLayout.OP, i + 1), layout.dataBytes(BatchLayout.OP));
    }
  }

  private void checkRow(int row) {
    if (isNull(BatchLayout.FRAME, row) || isNull(BatchLayout.TIMESTAMP, row)) {
      throw new ProtocolException(
          "row has no frame or no timestamp_ns: row=" + row + "; give both");
    }
    checkSpan(
        "commands",
        row,
        offset32(BatchLayout.COMMANDS, row),
        offset32(BatchLayout.COMMANDS, row + 1),
        layout.commands());
    if (!hasPicture(row)) {
      return;
    }
    pictures++;
    long from = offset64(row);
    long to = offset64(row + 1);
    checkSpan("image", row, from, to, layout.dataBytes(BatchLayout.IMAGE));
    if (frame(row) < 0) {
      throw new ProtocolException("frame is negative: frame=" + frame(row) + "; count from 0");
    }
    int height = isNull(BatchLayout.HEIGHT, row) ? 0 : height(row);
    int width = isNull(BatchLayout.WIDTH, row) ? 0 : width(row);
    if (height < 1 || height > Plan.LARGEST || width < 1 || width > Plan.LARGEST) {
      throw new ProtocolException(
          "picture's size is out of range: frame=%d, height=%d, width=%d; give 1 to %d for both"
              .formatted(frame(row), height, width, Plan.LARGEST));
    }
    long bytes = 3L * height * width;
    if (bytes > mostPicture) {
      throw new ProtocolException(
          "picture is too large: frame=%d, height=%d, width=%d, bytes=%d, most=%d; send a smaller one, or let the server allow more"
              .formatted(frame(row), height, width, bytes, mostPicture));
    }
    if (to - from != bytes) {
      throw new ProtocolException(
          "picture has not its size: frame=%d, height=%d, width=%d, bytes=%d; send %d, RGB rows without padding"
              .formatted(frame(row), height, width, to - from, bytes));
    }
  }

  private static void checkSpan(String column, int row, long from, long to, long end) {
    if (from < 0 || to < from || to > end) {
      throw new ProtocolException(
          "offsets leave their data: column=%s, row=%d, from=%d, to=%d, end=%d; keep them inside"
              .formatted(column, row, from, to, end));
    }
  }

  int rows() {
    return layout.rows();
  }

  /** Rows that have a picture. */
  int pictures() {
    return pictures;
  }

  /** Whether any row has a command. */
  boolean hasCommands() {
    for (int row = 0; row < rows(); row++) {
      if (firstCommand(row) < endCommand(row)) {
        return true;
      }
    }
    return false;
  }

  long frame(int row) {
    return int64(BatchLayout.FRAME, row);
  }

  long timestampNanos(int row) {
    return int64(BatchLayout.TIMESTAMP, row);
  }

  /** Defined where the row has a picture. */
  int height(int row) {
    return body.get(INT32, layout.values(BatchLayout.HEIGHT) + 4L * row);
  }

  /** Defined where the row has a picture. */
  int width(int row) {
    return body.get(INT32, layout.values(BatchLayout.WIDTH) + 4L * row);
  }

  boolean hasPicture(int row) {
    return !isNull(BatchLayout.IMAGE, row);
  }

  /** The row's picture, valid until the next call or the next batch. */
  MemorySegment picture(int row) {
    long from = layout.data(BatchLayout.IMAGE) + offset64(row);
    long bytes = offset64(row + 1) - offset64(row);
    if (picture.byteSize() != bytes || picture.address() != body.address() + from) {
      picture = body.asSlice(from, bytes); // frames of one size lie where the last one lay
    }
    return picture;
  }

  /** First of the row's commands. */
  int firstCommand(int row) {
    return isNull(BatchLayout.COMMANDS, row) ? 0 : offset32(BatchLayout.COMMANDS, row);
  }

  /** The command after the row's last. */
  int endCommand(int row) {
    return isNull(BatchLayout.COMMANDS, row) ? 0 : offset32(BatchLayout.COMMANDS, row + 1);
  }

  /** What a command asks for; null if it is unknown ({@link #operationText}). */
  Operation operation(int command) {
    if (isNull(BatchLayout.OP, command)) {
      return null;
    }
    int from = offset32(BatchLayout.OP, command);
    return Operation.at(
        body,
        layout.data(BatchLayout.OP) + from,
        offset32(BatchLayout.OP, command + 1) - (long) from);
  }

  /** As it came, short, for a message. */
  String operationText(int command) {
    if (isNull(BatchLayout.OP, command)) {
      return "null";
    }
    int from = offset32(BatchLayout.OP, command);
    int length = Math.min(100, offset32(BatchLayout.OP, command + 1) - from);
    byte[] text = new byte[length];
    MemorySegment.copy(
        body, ValueLayout.JAVA_BYTE, layout.data(BatchLayout.OP) + from, text, 0, length);
    return Untrusted.quote(new String(text, StandardCharsets.UTF_8));
  }

  /** A command's point, -1 where there is none. */
  long point(int command) {
    return isNull(BatchLayout.POINT, command) ? -1 : int64(BatchLayout.POINT, command);
  }

  /** A command's position, NaN where there is none. */
  float x(int command) {
    return isNull(BatchLayout.X, command) ? Float.NaN : float32(BatchLayout.X, command);
  }

  /** A command's position, NaN where there is none. */
  float y(int command) {
    return isNull(BatchLayout.Y, command) ? Float.NaN : float32(BatchLayout.Y, command);
  }

  /** A command's frame, {@code otherwise} where there is none. */
  long ofFrame(int command, long otherwise) {
    return isNull(BatchLayout.OF_FRAME, command) ? otherwise : int64(BatchLayout.OF_FRAME, command);
  }

  @Override
  public void close() {
    slab.close();
  }

  private boolean isNull(int column, int i) {
    return layout.hasNulls(column)
        && (body.get(ValueLayout.JAVA_BYTE, layout.validity(column) + (i >> 3)) >> (i & 7) & 1)
            == 0;
  }

  private long int64(int column, int i) {
    return body.get(INT64, layout.values(column) + 8L * i);
  }

  private float float32(int column, int i) {
    return body.get(FLOAT32, layout.values(column) + 4L * i);
  }

  private int offset32(int column, int i) {
    return body.get(INT32, layout.values(column) + 4L * i);
  }

  private long offset64(int i) {
    return body.get(INT64, layout.values(BatchLayout.IMAGE) + 8L * i);
  }
}
