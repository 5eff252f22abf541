package mote.flight;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorLoader;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.ipc.message.MessageSerializer;

/**
 * The stream server's answers, read back from its bytes with their custom metadata, which Arrow's
 * reader for Java leaves out. They are our own: no length is doubted.
 */
final class Answers implements AutoCloseable {
  private static final int PREFIX = 8;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ReadableByteChannel channel;
  private final BufferAllocator allocator;
  private final VectorSchemaRoot root;
  private final VectorLoader loader;
  private final Map<String, String> metadata = new LinkedHashMap<>();

  /** Reads the schema. */
  Answers(ReadableByteChannel channel, BufferAllocator allocator) throws IOException {
    this.channel = channel;
    this.allocator = allocator;
    Message schema = message();
    if (schema == null) {
      throw new EOFException("stream of answers has no schema");
    }
    root = VectorSchemaRoot.create(MessageSerializer.deserializeSchema(schema), allocator);
    loader = new VectorLoader(root);
  }

  /** Always the same. */
  VectorSchemaRoot root() {
    return root;
  }

  /** Loads the next answer; false at the end. */
  boolean next() throws IOException {
    Message message = message();
    if (message == null) {
      return false;
    }
    metadata.clear();
    for (int i = 0; i < message.customMetadataLength(); i++) {
      metadata.put(message.customMetadata(i).key(), message.customMetadata(i).value());
    }
    int bytes = Math.toIntExact(message.bodyLength());
    ArrowBuf body = allocator.buffer(bytes);
    try {
      read(body.nioBuffer(0, bytes));
      body.writerIndex(bytes);
    } catch (IOException | RuntimeException e) {
      body.close();
      throw e;
    }
    // The batch takes the body over.
    try (ArrowRecordBatch batch = MessageSerializer.deserializeRecordBatch(message, body)) {
      loader.load(batch);
    }
    return true;
  }

  /** The answer's custom metadata as a JSON object; the receiver closes it. */
  ArrowBuf metadata() throws IOException {
    byte[] json = JSON.writeValueAsString(metadata).getBytes(StandardCharsets.UTF_8);
    ArrowBuf buffer = allocator.buffer(json.length);
    buffer.writeBytes(json);
    return buffer;
  }

  private Message message() throws IOException {
    ByteBuffer prefix = ByteBuffer.allocate(PREFIX).order(ByteOrder.LITTLE_ENDIAN);
    if (!read(prefix) || prefix.getInt(4) == 0) {
      return null;
    }
    ByteBuffer bytes = ByteBuffer.allocate(prefix.getInt(4)).order(ByteOrder.LITTLE_ENDIAN);
    if (!read(bytes)) {
      throw new EOFException("stream of answers was cut off");
    }
    return Message.getRootAsMessage(bytes.flip());
  }

  private boolean read(ByteBuffer into) throws IOException {
    while (into.hasRemaining()) {
      if (channel.read(into) < 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() {
    root.close();
  }
}
