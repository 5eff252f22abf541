package mote.flight;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import mote.stream.InputSchema;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;

/**
 * Flight's messages as the IPC stream that the stream server reads, which looks at every length in
 * them. Only what is lost on the way is looked at here: how long a body was that Flight brought.
 */
final class IpcInput {
  private static final int CONTINUATION = -1;
  private static final int PREFIX = 8;

  /** Bytes a write: of more on the heap, the JDK keeps a copy as large outside of it. */
  private static final int CHUNK = 1 << 16;

  /** A record batch without rows. */
  private static final byte[] SIGN_OF_LIFE = emptyBatch();

  private final WritableByteChannel channel;
  private boolean begun;

  IpcInput(WritableByteChannel channel) {
    this.channel = channel;
  }

  /** Waits until the server has taken it, but for what a pipe holds. */
  void write(FlightMessage message) throws IOException, FlightMessage.MalformedException {
    message.check();
    ByteString header = message.header();
    if (header.isEmpty()) {
      if (begun) {
        write(ByteBuffer.wrap(SIGN_OF_LIFE));
      }
      return; // Flight's descriptor comes like this before the schema
    }
    begun = true;
    write(
        ByteBuffer.allocate(PREFIX)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(CONTINUATION)
            .putInt(header.size())
            .flip());
    write(header.asReadOnlyByteBuffer());
    write(message.body().asReadOnlyByteBuffer());
  }

  private void write(ByteBuffer bytes) throws IOException {
    int end = bytes.limit();
    while (bytes.position() < end) {
      bytes.limit(Math.min(end, bytes.position() + CHUNK));
      channel.write(bytes);
    }
  }

  private static byte[] emptyBatch() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (RootAllocator allocator = new RootAllocator();
        VectorSchemaRoot root = VectorSchemaRoot.create(InputSchema.of(null), allocator);
        ArrowStreamWriter writer = new ArrowStreamWriter(root, null, Channels.newChannel(bytes))) {
      writer.start();
      int start = bytes.size();
      writer.writeBatch();
      return Arrays.copyOfRange(bytes.toByteArray(), start, bytes.size());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
