package mote.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mote.engine.track.TracksReader;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.VectorLoader;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ReadChannel;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.ipc.message.MessageChannelReader;
import org.apache.arrow.vector.ipc.message.MessageResult;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.pojo.Schema;

/** A batch of answers, as Arrow's own reader takes it. */
public record Answer(List<Position> rows, Map<String, String> metadata) {
  /** A row. */
  public record Position(
      long frame,
      long timestampNanos,
      long point,
      float x,
      float y,
      float visibility,
      Float confidence) {}

  public String error() {
    return metadata.get("mote.error");
  }

  public String results() {
    return metadata.get("mote.results");
  }

  public long frame() {
    return Long.parseLong(metadata.getOrDefault("mote.frame", "-1"));
  }

  public long dropped() {
    return Long.parseLong(metadata.getOrDefault("mote.dropped", "0"));
  }

  /** Reads a whole stream, which has the schema, and ends as one does. */
  public static List<Answer> all(byte[] stream) {
    List<Answer> answers = new ArrayList<>();
    try (Reader reader = new Reader(new ByteArrayInputStream(stream))) {
      for (Answer answer = reader.next(); answer != null; answer = reader.next()) {
        answers.add(answer);
      }
      assertEquals(stream.length, reader.bytes(), "the stream ends with its end");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    int end = stream.length - 8;
    assertEquals(-1L, java.nio.ByteBuffer.wrap(stream, end, 4).getInt(), "continuation");
    assertEquals(0L, java.nio.ByteBuffer.wrap(stream, end + 4, 4).getInt(), "end");
    return answers;
  }

  /** Reads answers one after another. */
  static final class Reader implements AutoCloseable {
    private final BufferAllocator allocator = new RootAllocator();
    private final ReadChannel channel;
    private final MessageChannelReader reader;
    private Schema schema;
    private VectorSchemaRoot root;

    Reader(InputStream in) {
      channel = new ReadChannel(java.nio.channels.Channels.newChannel(in));
      reader = new MessageChannelReader(channel, allocator);
    }

    long bytes() {
      return channel.bytesRead();
    }

    Schema schema() throws IOException {
      if (schema == null) {
        schema = MessageSerializer.deserializeSchema(reader.readNext().getMessage());
        assertEquals(TracksReader.COLUMNS, schema.getFields());
        root = VectorSchemaRoot.create(schema, allocator);
      }
      return schema;
    }

    /** The next answer, null at the end. */
    Answer next() throws IOException {
      schema();
      MessageResult result = reader.readNext();
      if (result == null) {
        return null;
      }
      Message message = result.getMessage();
      assertEquals(MessageHeader.RecordBatch, message.headerType());
      ArrowBuf body = result.getBodyBuffer();
      try (ArrowRecordBatch batch =
          MessageSerializer.deserializeRecordBatch(
              message, body == null ? allocator.getEmpty() : body)) {
        new VectorLoader(root).load(batch);
      }
      Map<String, String> metadata = new LinkedHashMap<>();
      for (int i = 0; i < message.customMetadataLength(); i++) {
        metadata.put(message.customMetadata(i).key(), message.customMetadata(i).value());
      }
      return new Answer(rows(), metadata);
    }

    private List<Position> rows() {
      List<Position> rows = new ArrayList<>();
      for (int i = 0; i < root.getRowCount(); i++) {
        rows.add(
            new Position(
                ((BigIntVector) root.getVector(0)).get(i),
                ((BigIntVector) root.getVector(1)).get(i),
                ((BigIntVector) root.getVector(2)).get(i),
                ((Float4Vector) root.getVector(3)).get(i),
                ((Float4Vector) root.getVector(4)).get(i),
                ((Float4Vector) root.getVector(5)).get(i),
                ((Float4Vector) root.getVector(6)).getObject(i)));
      }
      return rows;
    }

    @Override
    public void close() {
      if (root != null) {
        root.close();
      }
      allocator.close();
    }
  }
}
