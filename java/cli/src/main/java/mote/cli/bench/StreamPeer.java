package mote.cli.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import mote.engine.MoteException;
import mote.stream.InputSchema;
import mote.stream.ListenAddress;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.LargeVarBinaryVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;

/**
 * A client of a stream that measures it: one message, written by Arrow beforehand, is sent with
 * frame after frame. A thread of this process.
 */
final class StreamPeer implements AutoCloseable {
  private static final int LARGEST_ANSWER = 1 << 20;
  private static final String FRAME = "mote.frame";

  private final SocketChannel socket;
  private final ByteBuffer message;
  private final int frameAt;
  private final int pictureAt;
  private final ByteBuffer answer =
      ByteBuffer.allocateDirect(LARGEST_ANSWER).order(ByteOrder.LITTLE_ENDIAN);
  private final Message head = new Message();
  private final RecordBatch batch = new RecordBatch();
  private long frame;

  /** Connects and sends the schema. */
  StreamPeer(ListenAddress address, int height, int width) throws IOException {
    ByteBuffer all = encode(height, width);
    int first = 8 + all.getInt(4);
    int metadata = all.getInt(first + 4);
    Message.getRootAsMessage(all.slice(first + 8, metadata), head);
    head.header(batch);
    int body = 8 + metadata;
    frameAt = body + (int) batch.buffers(1).offset();
    pictureAt = body + (int) batch.buffers(10).offset();
    message =
        ByteBuffer.allocateDirect(body + (int) head.bodyLength()).order(ByteOrder.LITTLE_ENDIAN);
    message.put(all.slice(first, message.capacity()));
    socket = connect(address);
    send(all.slice(0, first));
    readMessage(); // the schema of the answers
  }

  private static SocketChannel connect(ListenAddress address) throws IOException {
    if (address.path() != null) {
      return SocketChannel.open(UnixDomainSocketAddress.of(address.path()));
    }
    SocketChannel channel =
        SocketChannel.open(new InetSocketAddress(address.host(), address.port()));
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    return channel;
  }

  /** A schema and one batch, a row with a picture. */
  private static ByteBuffer encode(int height, int width) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] picture = new byte[3 * height * width];
    for (int i = 0; i < picture.length; i++) {
      picture[i] = (byte) (i * 31);
    }
    try (RootAllocator allocator = new RootAllocator();
        VectorSchemaRoot root = VectorSchemaRoot.create(InputSchema.of(null), allocator);
        ArrowStreamWriter writer = new ArrowStreamWriter(root, null, Channels.newChannel(bytes))) {
      root.allocateNew();
      ((BigIntVector) root.getVector("frame")).setSafe(0, 0);
      ((BigIntVector) root.getVector("timestamp_ns")).setSafe(0, 0);
      ((IntVector) root.getVector("height")).setSafe(0, height);
      ((IntVector) root.getVector("width")).setSafe(0, width);
      ((LargeVarBinaryVector) root.getVector("image")).setSafe(0, picture);
      root.setRowCount(1);
      writer.start();
      writer.writeBatch();
      writer.end();
    }
    return ByteBuffer.wrap(bytes.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Sends the next frame and reads its answer to the end. */
  void push() throws IOException {
    message.putLong(frameAt, frame).put(pictureAt, (byte) frame);
    frame++;
    send(message);
    readMessage();
  }

  /** Bytes of a frame's message. */
  int requestBytes() {
    return message.capacity();
  }

  /** Bytes of the last answer. */
  int answerBytes() {
    return answer.limit();
  }

  private void send(ByteBuffer bytes) throws IOException {
    bytes.rewind();
    while (bytes.hasRemaining()) {
      socket.write(bytes);
    }
  }

  private void readMessage() throws IOException {
    answer.clear();
    fill(8);
    int metadata = answer.getInt(4);
    fill(8 + metadata);
    answer.position(8);
    Message.getRootAsMessage(answer, head);
    answer.position(8 + metadata);
    fill(8 + metadata + (int) head.bodyLength());
  }

  private void fill(int end) throws IOException {
    answer.limit(end);
    while (answer.hasRemaining()) {
      if (socket.read(answer) < 0) {
        throw new MoteException("server ended the stream: frame=" + frame + "; report this");
      }
    }
  }

  /** Refuses an answer that is not that of the last frame and of so many points. */
  void verify(int points) {
    head.header(batch);
    int last = head.customMetadataLength() == 1 ? 0 : -1;
    boolean right =
        last == 0
            && FRAME.equals(head.customMetadata(0).key())
            && Long.toString(frame - 1).equals(head.customMetadata(0).value())
            && batch.length() == points;
    int body = answer.limit() - (int) head.bodyLength();
    for (int row = 0; right && row < points; row++) {
      right =
          answer.getLong(body + (int) batch.buffers(1).offset() + 8 * row) == frame - 1
              && answer.getLong(body + (int) batch.buffers(5).offset() + 8 * row) == row
              && answer.getFloat(body + (int) batch.buffers(7).offset() + 4 * row)
                  == NullEngine.x(row, message.get(pictureAt));
    }
    if (!right) {
      throw new MoteException(
          "answer is not right: frame=%d, rows=%d; report this"
              .formatted(frame - 1, batch.length()));
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
