package mote.engine.track.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import mote.engine.track.TrackRows;
import mote.engine.track.TracksReader;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowFileWriter;

/** Tracks as an Arrow IPC file of the record batches that {@link TracksReader} makes. */
final class ArrowTracks {
  /** Rows of a record batch, at most: 2.6 MB. */
  static final int BATCH = 1 << 16;

  private ArrowTracks() {}

  static void write(TrackRows rows, OutputStream out) throws IOException {
    try (BufferAllocator allocator = new RootAllocator();
        TracksReader reader = new TracksReader(rows, allocator, BATCH);
        ArrowFileWriter writer =
            new ArrowFileWriter(reader.getVectorSchemaRoot(), null, new StreamChannel(out))) {
      writer.start();
      while (reader.loadNextBatch()) {
        writer.writeBatch();
      }
      writer.end();
    }
  }

  /**
   * A stream as a channel. The JDK's own ({@code Channels.newChannel}) breaks off when the thread
   * is interrupted, which is how a run is stopped whose tracks are to be kept.
   */
  static final class StreamChannel implements WritableByteChannel {
    private final OutputStream out;
    private final byte[] chunk = new byte[1 << 16];

    StreamChannel(OutputStream out) {
      this.out = out;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
      int size = source.remaining();
      while (source.hasRemaining()) {
        int count = Math.min(chunk.length, source.remaining());
        source.get(chunk, 0, count);
        out.write(chunk, 0, count);
      }
      return size;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {} // the stream belongs to the caller
  }
}
