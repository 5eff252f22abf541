package mote.flight;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flight.impl.Flight.FlightData;

/**
 * The stream server's messages, read back from its bytes as Flight carries them. They are our own:
 * no length is doubted.
 */
final class Answers {
  private static final int PREFIX = 8;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final InputStream in;

  Answers(ReadableByteChannel channel) {
    in = Channels.newInputStream(channel);
  }

  /** The schema, then an answer each; null at the end. */
  FlightData next() throws IOException {
    byte[] prefix = in.readNBytes(PREFIX);
    int length = prefix.length < PREFIX ? 0 : littleEndian(prefix).getInt(4);
    if (length == 0) {
      return null;
    }
    byte[] header = read(length);
    Message message = Message.getRootAsMessage(littleEndian(header));
    FlightData.Builder data =
        FlightData.newBuilder()
            .setDataHeader(UnsafeByteOperations.unsafeWrap(header))
            .setDataBody(
                UnsafeByteOperations.unsafeWrap(read(Math.toIntExact(message.bodyLength()))));
    if (message.headerType() != MessageHeader.Schema) {
      data.setAppMetadata(ByteString.copyFromUtf8(JSON.writeValueAsString(metadata(message))));
    }
    return data.build();
  }

  private static Map<String, String> metadata(Message message) {
    Map<String, String> metadata = new LinkedHashMap<>();
    for (int i = 0; i < message.customMetadataLength(); i++) {
      metadata.put(message.customMetadata(i).key(), message.customMetadata(i).value());
    }
    return metadata;
  }

  private byte[] read(int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("stream of answers was cut off");
    }
    return bytes;
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
