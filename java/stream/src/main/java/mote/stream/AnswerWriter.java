package mote.stream;

import com.google.flatbuffers.FlatBufferBuilder;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import mote.engine.Untrusted;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.FieldNode;
import org.apache.arrow.flatbuf.KeyValue;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.MetadataVersion;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Answers as Arrow's IPC stream: record batches with the columns of {@link
 * mote.engine.track.TracksReader#COLUMNS}, and what is not a position in the messages' custom
 * metadata (java/stream/PROTOCOL.md). One slab holds a whole message, so that it leaves in one
 * write; nothing is allocated after it was made.
 */
final class AnswerWriter implements AutoCloseable {
  static final String FRAME = "mote.frame";
  static final String DROPPED = "mote.dropped";
  static final String RESULTS = "mote.results";
  static final String ERROR = "mote.error";

  private static final ValueLayout.OfLong INT64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int ALIGNMENT = 64;
  private static final int LONGEST_ERROR = 1000;

  /** Bytes of the flatbuffer around its strings: 7 columns, 14 buffers, 4 keys. */
  private static final int FRAMEWORK = 1 << 11;

  /** Bytes a row in every column but the last; in all of them. */
  private static final int[] WIDTHS = {8, 8, 8, 4, 4, 4, 4};

  private static final int CONFIDENCE = 6;
  private static final ByteBuffer END =
      ByteBuffer.allocateDirect(8).putInt(-1).putInt(0).flip().asReadOnlyBuffer();

  private final Slab slab;
  private final MemorySegment memory;
  private final int bodyStart;
  private final FlatBufferBuilder builder;
  private final ByteBuffer number = ByteBuffer.allocate(20);
  private final byte[] digits = new byte[20];
  private final ByteBuffer end = END.duplicate();
  private final ByteBuffer frameKey = ascii(FRAME);
  private final ByteBuffer droppedKey = ascii(DROPPED);
  private final ByteBuffer resultsKey = ascii(RESULTS);
  private final ByteBuffer errorKey = ascii(ERROR);
  private final int[] entries = new int[4];
  private final int[] starts = new int[WIDTHS.length];
  private int validityStart;
  private WritableByteChannel channel;

  /**
   * @param resultBytes of {@link Results} at most
   */
  AnswerWriter(BufferAllocator allocator, int points, int resultBytes) {
    int metadata = align(FRAMEWORK + LONGEST_ERROR + resultBytes);
    int body = align((points + 7) / 8);
    for (int width : WIDTHS) {
      body += align(width * points);
    }
    bodyStart = metadata;
    slab = new Slab(allocator, metadata + body);
    memory = slab.memory();
    builder = new FlatBufferBuilder(ByteBuffer.allocate(metadata));
  }

  /** Begins a stream: every answer goes there from now on. */
  void start(WritableByteChannel to, byte[] schema) throws IOException {
    channel = to;
    write(ByteBuffer.wrap(schema));
  }

  /**
   * Writes the engine's rows.
   *
   * @param engine null for no rows
   * @param frame that the rows are of, -1 before the first
   * @param dropped frames since the last answer
   * @param results of the row's commands
   */
  void answer(PointEngine engine, long frame, long timestampNanos, long dropped, Results results)
      throws IOException {
    int rows = engine == null ? 0 : engine.count();
    int unsure = unsure(engine, rows);
    int bodyBytes = place(rows, unsure > 0);
    put(engine, rows, frame, timestampNanos, unsure > 0);
    builder.clear();
    int count = 0;
    if (frame >= 0) {
      entries[count++] = entry(frameKey, number(frame));
    }
    if (dropped > 0) {
      entries[count++] = entry(droppedKey, number(dropped));
    }
    if (!results.isEmpty()) {
      entries[count++] = entry(resultsKey, results.json());
    }
    send(rows, unsure, bodyBytes, count);
  }

  /**
   * Writes a batch without rows that says why the stream ends.
   *
   * @param dropped frames since the last answer
   */
  void error(String reason, long dropped) throws IOException {
    String text = Untrusted.visible(reason);
    ByteBuffer bytes =
        StandardCharsets.UTF_8.encode(
            text.substring(0, Math.min(LONGEST_ERROR / 3, text.length())));
    place(0, false);
    builder.clear();
    entries[0] = entry(errorKey, bytes);
    int count = 1;
    if (dropped > 0) {
      entries[count++] = entry(droppedKey, number(dropped));
    }
    send(0, 0, 0, count);
  }

  /** Ends the stream. */
  void end() throws IOException {
    end.rewind();
    write(end);
  }

  @Override
  public void close() {
    slab.close();
  }

  /** Rows without confidence. */
  private static int unsure(PointEngine engine, int rows) {
    int count = 0;
    for (int row = 0; row < rows; row++) {
      count += Float.isNaN(engine.confidence(row)) ? 1 : 0;
    }
    return count;
  }

  /** Lays the columns out from the body's start, returns the body's bytes. */
  private int place(int rows, boolean unsure) {
    int at = 0;
    for (int column = 0; column < WIDTHS.length; column++) {
      if (column == CONFIDENCE) {
        validityStart = at;
        at += unsure ? align((rows + 7) / 8) : 0;
      }
      starts[column] = at;
      at += align(WIDTHS[column] * rows);
    }
    return at;
  }

  private void put(PointEngine engine, int rows, long frame, long timestampNanos, boolean unsure) {
    for (int i = 0; unsure && i < (rows + 7) / 8; i++) { // a slice to fill would be garbage
      memory.set(ValueLayout.JAVA_BYTE, (long) bodyStart + validityStart + i, (byte) 0);
    }
    for (int row = 0; row < rows; row++) {
      int64(0, row, frame);
      int64(1, row, timestampNanos);
      int64(2, row, engine.point(row));
      float32(3, row, engine.x(row));
      float32(4, row, engine.y(row));
      float32(5, row, engine.visibility(row));
      float confidence = engine.confidence(row);
      float32(CONFIDENCE, row, Float.isNaN(confidence) ? 0 : confidence);
      if (unsure && !Float.isNaN(confidence)) {
        long at = bodyStart + validityStart + (row >> 3);
        byte bits = memory.get(ValueLayout.JAVA_BYTE, at);
        memory.set(ValueLayout.JAVA_BYTE, at, (byte) (bits | 1 << (row & 7)));
      }
    }
  }

  /** Completes the metadata around the entries and writes the message. */
  private void send(int rows, int unsure, int bodyBytes, int count) throws IOException {
    Message.startCustomMetadataVector(builder, count);
    for (int i = count - 1; i >= 0; i--) {
      builder.addOffset(entries[i]);
    }
    int custom = builder.endVector();
    RecordBatch.startBuffersVector(
        builder, 2 * WIDTHS.length); // written from the last to the first
    for (int column = WIDTHS.length - 1; column >= 0; column--) {
      boolean validity = column == CONFIDENCE && unsure > 0;
      Buffer.createBuffer(builder, starts[column], (long) WIDTHS[column] * rows);
      Buffer.createBuffer(
          builder, validity ? validityStart : starts[column], validity ? (rows + 7) / 8 : 0);
    }
    int buffers = builder.endVector();
    RecordBatch.startNodesVector(builder, WIDTHS.length);
    for (int column = WIDTHS.length - 1; column >= 0; column--) {
      FieldNode.createFieldNode(builder, rows, column == CONFIDENCE ? unsure : 0);
    }
    int nodes = builder.endVector();
    RecordBatch.startRecordBatch(builder);
    RecordBatch.addLength(builder, rows);
    RecordBatch.addNodes(builder, nodes);
    RecordBatch.addBuffers(builder, buffers);
    int batch = RecordBatch.endRecordBatch(builder);
    Message.startMessage(builder);
    Message.addVersion(builder, MetadataVersion.V5);
    Message.addHeaderType(builder, MessageHeader.RecordBatch);
    Message.addHeader(builder, batch);
    Message.addBodyLength(builder, bodyBytes);
    Message.addCustomMetadata(builder, custom);
    builder.finish(Message.endMessage(builder));
    writeMessage(bodyBytes);
  }

  /** Puts the metadata in front of the body, so that both are one piece. */
  private void writeMessage(int bodyBytes) throws IOException {
    ByteBuffer metadata = builder.dataBuffer();
    int bytes = metadata.remaining();
    int padded = (bytes + 7) & ~7;
    int start = bodyStart - padded - 8;
    ByteBuffer all = slab.bytes();
    all.clear();
    all.putInt(start, -1).putInt(start + 4, padded);
    all.put(start + 8, metadata, metadata.position(), bytes);
    for (int i = start + 8 + bytes; i < bodyStart; i++) {
      all.put(i, (byte) 0);
    }
    all.limit(bodyStart + bodyBytes).position(start);
    write(all);
  }

  private void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private int entry(ByteBuffer key, ByteBuffer value) {
    key.rewind();
    int keyAt = builder.createString(key);
    int valueAt = builder.createString(value);
    return KeyValue.createKeyValue(builder, keyAt, valueAt);
  }

  private ByteBuffer number(long value) {
    number.clear();
    Results.putDigits(number, value, digits);
    return number.flip();
  }

  private void int64(int column, int row, long value) {
    memory.set(INT64, bodyStart + starts[column] + 8L * row, value);
  }

  private void float32(int column, int row, float value) {
    memory.set(FLOAT32, bodyStart + starts[column] + 4L * row, value);
  }

  private static int align(int bytes) {
    return (bytes + ALIGNMENT - 1) & -ALIGNMENT;
  }

  private static ByteBuffer ascii(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
  }
}
