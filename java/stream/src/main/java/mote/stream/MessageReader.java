package mote.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.MetadataVersion;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.flatbuf.Schema;

/**
 * Arrow's IPC stream, message by message ("Encapsulated message format" of the Arrow columnar
 * format). Arrow's own reader allocates whatever a message's head asks for; this one looks at every
 * length before it reads on, allocates nothing after it was made, and knows two kinds of message.
 */
final class MessageReader {
  private static final int CONTINUATION = -1;
  private static final int PREFIX = 8;

  private final ByteBuffer metadata =
      ByteBuffer.allocateDirect(StreamOptions.METADATA_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final Message message = new Message();
  private final RecordBatch batch = new RecordBatch();
  private final long mostBody;
  private ReadableByteChannel channel;
  private long bodyBytes;

  /**
   * @param mostBody bytes of a body at most
   */
  MessageReader(long mostBody) {
    this.mostBody = mostBody;
  }

  /** Begins with a stream. */
  void start(ReadableByteChannel from) {
    channel = from;
  }

  /** Reads what still comes, to its end, and forgets it. */
  void drain() throws IOException {
    do {
      metadata.clear();
    } while (channel.read(metadata) >= 0);
  }

  /** Reads the stream's first message: {@link InputSchema} says what is right. */
  void readSchema(String token) throws IOException {
    if (!readMetadata()) {
      throw new ProtocolException("stream ended before its schema: bytes=0; send one first");
    }
    try {
      kind(MessageHeader.Schema, "Schema");
      Schema schema = (Schema) message.header(new Schema());
      if (schema == null || message.bodyLength() != 0) {
        throw new ProtocolException(
            "schema's message is malformed: body_bytes=%d; give a schema without a body"
                .formatted(message.bodyLength()));
      }
      InputSchema.check(schema, token);
    } catch (RuntimeException e) {
      throw malformed(e);
    }
  }

  /**
   * Reads the head of the next record batch.
   *
   * @return valid until the next call; null at the stream's end
   */
  RecordBatch readHead() throws IOException {
    if (!readMetadata()) {
      return null;
    }
    try {
      return head();
    } catch (RuntimeException e) {
      throw malformed(e);
    }
  }

  private RecordBatch head() {
    kind(MessageHeader.RecordBatch, "RecordBatch");
    bodyBytes = message.bodyLength();
    if (bodyBytes < 0 || bodyBytes > mostBody) {
      throw new ProtocolException(
          "record batch is too large: body_bytes=%d, most=%d; send one frame a batch, or smaller frames"
              .formatted(bodyBytes, mostBody));
    }
    if (message.header(batch) == null) {
      throw new ProtocolException("message is malformed: header=none; send a record batch");
    }
    return batch;
  }

  /** Bytes of the body that follows the head. */
  long bodyBytes() {
    return bodyBytes;
  }

  /** Reads the body that follows the head into the front of a slab that is as large at least. */
  void readBody(ByteBuffer into) throws IOException {
    into.limit((int) bodyBytes).position(0);
    if (!fill(into)) {
      throw cutOff("body", into);
    }
  }

  /** Returns false at the stream's end. */
  private boolean readMetadata() throws IOException {
    metadata.limit(PREFIX).position(0);
    if (!fill(metadata)) {
      if (metadata.position() == 0) {
        return false; // Arrow's readers, too, take a stream that just stops for one that ended
      }
      throw cutOff("head", metadata);
    }
    int first = metadata.getInt(0);
    if (first != CONTINUATION) {
      throw new ProtocolException(
          "this is no Arrow IPC stream: first_bytes=0x%08x; send one as Arrow 0.15 and later do (0xffffffff first)"
              .formatted(Integer.reverseBytes(first)));
    }
    int bytes = metadata.getInt(4);
    if (bytes == 0) {
      return false;
    }
    if (bytes < 0 || bytes > metadata.capacity()) {
      throw new ProtocolException(
          "message's metadata is too large: bytes=%d, most=%d; send less metadata"
              .formatted(Integer.toUnsignedLong(bytes), metadata.capacity()));
    }
    metadata.limit(bytes).position(0);
    if (!fill(metadata)) {
      throw cutOff("metadata", metadata);
    }
    metadata.position(0);
    return true;
  }

  private boolean fill(ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        return false;
      }
    }
    return true;
  }

  private static ProtocolException cutOff(String part, ByteBuffer buffer) {
    return new ProtocolException(
        "stream was cut off: part=%s, bytes=%d, expected=%d; send whole messages"
            .formatted(part, buffer.position(), buffer.limit()));
  }

  private void kind(byte expected, String name) {
    Message.getRootAsMessage(metadata, message);
    if (message.version() != MetadataVersion.V5) {
      throw new ProtocolException(
          "Arrow's metadata version is not supported: version=%d; send V5 (%d), Arrow 1.0 and later"
              .formatted(message.version(), MetadataVersion.V5));
    }
    byte found = message.headerType();
    if (found != expected) {
      throw new ProtocolException(
          "message is of the wrong kind: found=%s, expected=%s; send one schema, then record batches without dictionaries"
              .formatted(
                  found >= 0 && found < MessageHeader.names.length
                      ? MessageHeader.name(found)
                      : found,
                  name));
    }
  }

  /**
   * What is thrown where metadata cannot be read: flatbuffers that point outside of themselves, or
   * to text that is none, end up in whatever exception the generated code runs into.
   */
  static ProtocolException malformed(RuntimeException e) {
    return e instanceof ProtocolException refused
        ? refused
        : new ProtocolException(
            "message's metadata is malformed: error=%s; send what an Arrow library writes"
                .formatted(e.getClass().getSimpleName()),
            e);
  }
}
