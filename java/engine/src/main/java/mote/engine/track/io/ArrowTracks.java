package mote.engine.track.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.Map;
import mote.engine.track.TrackRows;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Tracks as Arrow record batches of at most {@value #BATCH} rows: {@code frame int64, timestamp_ns
 * int64, point int64, x float32, y float32, visibility float32, confidence float32}, the confidence
 * null where the model has none. The schema's metadata holds {@code mote.tracks.version}, {@code
 * mote.model}, {@code mote.width} and {@code mote.height} (of the video's frames). On disk it is
 * the IPC file format.
 */
public final class ArrowTracks {
  /** Rows of a record batch, at most: 2.3 MB. */
  public static final int BATCH = 1 << 16;

  static final int VERSION = 1;

  private ArrowTracks() {}

  /**
   * Rows as record batches, built one at a time as they are asked for.
   *
   * @param rows read while the reader is used
   * @param allocator of the one batch that is held at a time
   */
  public static ArrowReader read(TrackRows rows, BufferAllocator allocator) {
    return new RowReader(rows, allocator);
  }

  static void write(TrackRows rows, OutputStream out) throws IOException {
    try (BufferAllocator allocator = new RootAllocator();
        ArrowReader reader = read(rows, allocator);
        ArrowFileWriter writer =
            new ArrowFileWriter(reader.getVectorSchemaRoot(), null, new StreamChannel(out))) {
      writer.start();
      while (reader.loadNextBatch()) {
        writer.writeBatch();
      }
      writer.end();
    }
  }

  static Schema schema(TrackRows rows) {
    ArrowType integer = new ArrowType.Int(64, true);
    ArrowType real = new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE);
    return new Schema(
        List.of(
            new Field("frame", FieldType.notNullable(integer), null),
            new Field("timestamp_ns", FieldType.notNullable(integer), null),
            new Field("point", FieldType.notNullable(integer), null),
            new Field("x", FieldType.notNullable(real), null),
            new Field("y", FieldType.notNullable(real), null),
            new Field("visibility", FieldType.notNullable(real), null),
            new Field("confidence", FieldType.nullable(real), null)),
        Map.of(
            "mote.tracks.version", Integer.toString(VERSION),
            "mote.model", rows.model(),
            "mote.width", Integer.toString(rows.width()),
            "mote.height", Integer.toString(rows.height())));
  }

  /**
   * A stream as a channel. The JDK's own ({@code Channels.newChannel}) breaks off when the thread
   * is interrupted, which is how a run is stopped whose tracks are to be kept.
   */
  private static final class StreamChannel implements WritableByteChannel {
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

  /** Walks over frames and points, filling the same vectors batch after batch. */
  private static final class RowReader extends ArrowReader {
    private final TrackRows rows;
    private final int points;
    private long frame;
    private int point;

    RowReader(TrackRows rows, BufferAllocator allocator) {
      super(allocator);
      this.rows = rows;
      points = rows.queries().size();
      frame = rows.firstFrame();
    }

    @Override
    public boolean loadNextBatch() throws IOException {
      prepareLoadNextBatch();
      VectorSchemaRoot root = getVectorSchemaRoot();
      root.getFieldVectors().forEach(vector -> vector.setInitialCapacity(BATCH));
      root.allocateNew();
      int row = 0;
      for (long end = rows.firstFrame() + rows.frames(); frame < end; frame++, point = 0) {
        for (; point < points; point++) {
          if (!rows.has(frame, point)) {
            continue;
          }
          if (row == BATCH) {
            root.setRowCount(row);
            return true;
          }
          set(root, row++);
        }
      }
      root.setRowCount(row);
      return row > 0;
    }

    private void set(VectorSchemaRoot root, int row) {
      ((BigIntVector) root.getVector(0)).set(row, frame);
      ((BigIntVector) root.getVector(1)).set(row, rows.timestampNanos(frame));
      ((BigIntVector) root.getVector(2)).set(row, point);
      ((Float4Vector) root.getVector(3)).set(row, rows.x(frame, point));
      ((Float4Vector) root.getVector(4)).set(row, rows.y(frame, point));
      ((Float4Vector) root.getVector(5)).set(row, rows.visibility(frame, point));
      Float4Vector confidence = (Float4Vector) root.getVector(6);
      float value = rows.confidence(frame, point);
      if (Float.isNaN(value)) {
        confidence.setNull(row);
      } else {
        confidence.set(row, value);
      }
    }

    @Override
    public long bytesRead() {
      return 0; // nothing is read from anywhere: the rows are in memory
    }

    @Override
    protected void closeReadSource() {}

    @Override
    protected Schema readSchema() {
      return schema(rows);
    }
  }
}
