package mote.flight;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.grpc.MethodDescriptor.Marshaller;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flight.impl.Flight.FlightData;

/**
 * What a peer's {@code FlightData} has for us: an Arrow message. Of the rest nothing is kept, so
 * that a message takes no more memory than it has bytes on the wire.
 *
 * @param header flatbuffer of {@code Message.fbs}; empty in a message that is nothing but metadata
 * @param error why it could not be read, null where it could
 */
record FlightMessage(ByteString header, ByteString body, String error) {
  /** For what peers send. Whatever they do is said in {@link #error}: gRPC would not tell them. */
  static final Marshaller<FlightMessage> MARSHALLER =
      new Marshaller<>() {
        @Override
        public InputStream stream(FlightMessage message) {
          return new ByteArrayInputStream(
              FlightData.newBuilder()
                  .setDataHeader(message.header)
                  .setDataBody(message.body)
                  .build()
                  .toByteArray());
        }

        @Override
        public FlightMessage parse(InputStream stream) {
          try {
            return read(CodedInputStream.newInstance(stream));
          } catch (IOException e) {
            return new FlightMessage(ByteString.EMPTY, ByteString.EMPTY, e.getMessage());
          }
        }
      };

  /** The last of each field counts, as everywhere in protocol buffers. */
  private static FlightMessage read(CodedInputStream in) throws IOException {
    ByteString header = ByteString.EMPTY;
    ByteString body = ByteString.EMPTY;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == bytes(FlightData.DATA_HEADER_FIELD_NUMBER)) {
        header = in.readBytes();
      } else if (tag == bytes(FlightData.DATA_BODY_FIELD_NUMBER)) {
        body = in.readBytes();
      } else if (!in.skipField(tag)) {
        break;
      }
    }
    return new FlightMessage(header, body, null);
  }

  /**
   * Refuses what could not be read, and a body that is not as long as the header says: the next
   * message would be taken for its end. What else is wrong with a header, the stream server says.
   */
  void check() throws MalformedException {
    if (error != null) {
      throw new MalformedException(error);
    }
    if (header.isEmpty()) {
      return;
    }
    long expected;
    try {
      expected = Message.getRootAsMessage(header.asReadOnlyByteBuffer()).bodyLength();
    } catch (RuntimeException e) { // a flatbuffer that points outside of itself
      throw new MalformedException("header is malformed");
    }
    if (body.size() != expected) {
      throw new MalformedException("body_bytes=%d, expected=%d".formatted(body.size(), expected));
    }
  }

  /** Says what is wrong with a message. */
  static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1;

    MalformedException(String message) {
      super(message);
    }
  }

  private static int bytes(int field) {
    return field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  }
}
