package mote.stream;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.LongConsumer;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.RecordBatch;

/**
 * A peer that sends the last batch of a stream again and again, each time with the next frame's
 * number, and forgets what it is answered. Allocates nothing while it does.
 */
class Replay implements Link {
  private final ByteBuffer head;
  private final ByteBuffer batch;
  private final int frameAt;
  private final LongConsumer before;
  private long left;
  private long frame;
  private long answered;

  /**
   * @param stream a schema, any number of batches of which the last has one row, the end
   * @param batches how often the first of them is sent in all
   * @param before called before each of them, with its number
   */
  Replay(byte[] stream, long batches, LongConsumer before) {
    ByteBuffer all = ByteBuffer.wrap(stream).order(ByteOrder.LITTLE_ENDIAN);
    int last = 0;
    int next = 8 + all.getInt(4); // the schema has no body
    Message message = null;
    while (all.getInt(next + 4) != 0) {
      last = next;
      int metadata = all.getInt(last + 4);
      message = Message.getRootAsMessage(all.slice(last + 8, metadata));
      next = last + 8 + metadata + (int) message.bodyLength();
    }
    RecordBatch layout = (RecordBatch) message.header(new RecordBatch());
    int body = next - (int) message.bodyLength() - last;
    frameAt = body + (int) layout.buffers(1).offset();
    head = ByteBuffer.wrap(stream, 0, last);
    batch = all.slice(last, next - last).order(ByteOrder.LITTLE_ENDIAN);
    frame = batch.getLong(frameAt);
    left = batches;
    batch.position(batch.limit());
    this.before = before;
  }

  @Override
  public int read(ByteBuffer into) {
    if (head.hasRemaining()) {
      return move(head, into);
    }
    if (!batch.hasRemaining()) {
      if (left-- == 0) {
        return -1;
      }
      before.accept(frame);
      batch.putLong(frameAt, frame++).position(0);
    }
    return move(batch, into);
  }

  private static int move(ByteBuffer from, ByteBuffer into) {
    int count = Math.min(from.remaining(), into.remaining());
    into.put(into.position(), from, from.position(), count).position(into.position() + count);
    from.position(from.position() + count);
    return count;
  }

  long answered() {
    return answered;
  }

  @Override
  public int write(ByteBuffer from) {
    int count = from.remaining();
    answered += count;
    from.position(from.limit());
    return count;
  }

  @Override
  public void endOutput() {}

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public void close() {}
}
