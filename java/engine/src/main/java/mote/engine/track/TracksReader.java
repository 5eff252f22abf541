package mote.engine.track;

import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Tracks as Arrow record batches, one row per frame and point that has a position. The schema's
 * metadata holds {@code mote.tracks.version}, {@code mote.model}, {@code mote.width} and {@code
 * mote.height} (of the video's frames).
 */
public final class TracksReader extends ArrowReader {
  private static final ArrowType INT64 = new ArrowType.Int(64, true);
  private static final ArrowType FLOAT32 =
      new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE);

  /** Of the files' layout: arrow's columns and metadata, json's fields. */
  public static final int VERSION = 1;

  /** The columns of tracks, everywhere. */
  public static final List<Field> COLUMNS =
      List.of(
          required("frame", INT64),
          required("timestamp_ns", INT64),
          required("point", INT64),
          required("x", FLOAT32),
          required("y", FLOAT32),
          required("visibility", FLOAT32),
          new Field("confidence", FieldType.nullable(FLOAT32), List.of()));

  private final TrackRows tracks;
  private final int rowsPerBatch;
  private long frame;
  private int point;
  private long bytesRead;

  /**
   * @param rowsPerBatch rows of a batch at most, at least 1
   */
  public TracksReader(TrackRows tracks, BufferAllocator allocator, int rowsPerBatch) {
    super(allocator);
    if (rowsPerBatch < 1) {
      throw new IllegalArgumentException(
          "batch would hold no row: rowsPerBatch=" + rowsPerBatch + "; give 1 or more");
    }
    this.tracks = tracks;
    this.rowsPerBatch = rowsPerBatch;
    this.frame = tracks.firstFrame();
  }

  @Override
  public boolean loadNextBatch() throws java.io.IOException {
    VectorSchemaRoot root = getVectorSchemaRoot();
    root.allocateNew();
    int rows = 0;
    long end = tracks.firstFrame() + tracks.frames();
    while (rows < rowsPerBatch && frame < end) {
      if (point == tracks.queries().size()) {
        point = 0;
        frame++;
        continue;
      }
      if (tracks.has(frame, point)) {
        put(
            root,
            rows++,
            frame,
            tracks.timestampNanos(frame),
            point,
            tracks.x(frame, point),
            tracks.y(frame, point),
            tracks.visibility(frame, point),
            tracks.confidence(frame, point));
      }
      point++;
    }
    root.setRowCount(rows);
    bytesRead += rows * 40L;
    return rows > 0;
  }

  /**
   * Writes one row of {@link #COLUMNS} into a root of that schema.
   *
   * @param x pixels of the frame as it came
   * @param y likewise
   * @param visibility probability
   * @param confidence probability, NaN where the model has none
   */
  public static void put(
      VectorSchemaRoot root,
      int row,
      long frame,
      long timestampNanos,
      long point,
      float x,
      float y,
      float visibility,
      float confidence) {
    ((BigIntVector) root.getVector(0)).setSafe(row, frame);
    ((BigIntVector) root.getVector(1)).setSafe(row, timestampNanos);
    ((BigIntVector) root.getVector(2)).setSafe(row, point);
    ((Float4Vector) root.getVector(3)).setSafe(row, x);
    ((Float4Vector) root.getVector(4)).setSafe(row, y);
    ((Float4Vector) root.getVector(5)).setSafe(row, visibility);
    Float4Vector confidences = (Float4Vector) root.getVector(6);
    if (Float.isNaN(confidence)) {
      confidences.setNull(row);
    } else {
      confidences.setSafe(row, confidence);
    }
  }

  @Override
  public long bytesRead() {
    return bytesRead;
  }

  @Override
  protected void closeReadSource() {
    // The tracks live on the heap and outlive their readers.
  }

  @Override
  protected Schema readSchema() {
    return schema(tracks.model(), tracks.width(), tracks.height());
  }

  /** The schema of a model's tracks in frames of that size. */
  public static Schema schema(String model, int width, int height) {
    return new Schema(
        COLUMNS,
        Map.of(
            "mote.tracks.version", Integer.toString(VERSION),
            "mote.model", model,
            "mote.width", Integer.toString(width),
            "mote.height", Integer.toString(height)));
  }

  private static Field required(String name, ArrowType type) {
    return new Field(name, FieldType.notNullable(type), List.of());
  }
}
