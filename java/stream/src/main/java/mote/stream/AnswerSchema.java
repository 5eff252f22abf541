package mote.stream;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.util.LinkedHashMap;
import java.util.Map;
import mote.engine.track.TracksReader;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.WriteChannel;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.pojo.Schema;

/** What is the same in all streams of answers of a server, encoded once. */
final class AnswerSchema {
  /** Of java/stream/PROTOCOL.md. */
  private static final String VERSION = "1";

  private AnswerSchema() {}

  /** The message that every stream begins with: columns, and what is served. */
  static byte[] message(StreamOptions options, String model) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("mote.tracks.version", Integer.toString(TracksReader.VERSION));
    metadata.put("mote.stream.version", VERSION);
    metadata.put("mote.model", model);
    metadata.put("mote.policy", options.policy().id());
    metadata.put("mote.points", Integer.toString(options.points()));
    metadata.put("mote.frame_bytes", Integer.toString(options.frameBytes()));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      MessageSerializer.serialize(
          new WriteChannel(Channels.newChannel(bytes)), new Schema(TracksReader.COLUMNS, metadata));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** A whole stream that is nothing but an error. */
  static byte[] refusal(BufferAllocator allocator, byte[] schema, String reason) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (AnswerWriter writer = new AnswerWriter(allocator, 1, 0)) {
      writer.start(Channels.newChannel(bytes), schema);
      writer.error(reason, 0);
      writer.end();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
