package mote.engine;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * An Arrow record batch of frames of one size, reused from batch to batch: {@code frame int64,
 * timestamp_ns int64, picture fixed_size_list<uint8>[height * width * 3]} (the storage of the
 * canonical type {@code arrow.fixed_shape_tensor} with shape height, width, RGB). The engine reads
 * pictures where a decoder wrote them.
 */
public final class Frames implements AutoCloseable {
  private final int height;
  private final int width;
  private final int capacity;
  private final VectorSchemaRoot root;
  private final BigIntVector frame;
  private final BigIntVector timestamp;
  private final MemorySegment pictures;
  private int count;
  private boolean closed;

  /**
   * @param height rows of a frame, at least 1
   * @param width columns of a frame, at least 1
   * @param capacity frames of a batch, at least 1; all of them under 2 GiB
   */
  @SuppressWarnings("restricted") // reinterpret: the segment is exactly the vector's buffer
  public Frames(BufferAllocator allocator, int height, int width, int capacity) {
    double size = 3.0 * height * width * capacity; // integers would overflow
    if (height < 1 || width < 1 || capacity < 1 || size > Integer.MAX_VALUE) {
      throw new MoteException(
          "frames do not fit a batch: height=%d, width=%d, capacity=%d; keep height * width * 3 * capacity under 2 GiB"
              .formatted(height, width, capacity));
    }
    int bytes = (int) size;
    this.height = height;
    this.width = width;
    this.capacity = capacity;
    root = VectorSchemaRoot.create(schema(height, width), allocator);
    frame = (BigIntVector) root.getVector("frame");
    timestamp = (BigIntVector) root.getVector("timestamp_ns");
    frame.allocateNew(capacity);
    timestamp.allocateNew(capacity);
    FixedSizeListVector list = (FixedSizeListVector) root.getVector("picture");
    UInt1Vector values = (UInt1Vector) list.getDataVector();
    values.setInitialCapacity(bytes);
    list.setInitialCapacity(capacity);
    list.allocateNew();
    list.setValueCount(capacity);
    for (int i = 0; i < capacity; i++) {
      list.setNotNull(i);
    }
    values.setValueCount(bytes);
    values.getValidityBuffer().setOne(0, values.getValidityBuffer().capacity());
    pictures = MemorySegment.ofAddress(values.getDataBufferAddress()).reinterpret(bytes);
    root.setRowCount(0);
  }

  /** The schema of frames of that size, with the tensor's shape as metadata of the field. */
  public static Schema schema(int height, int width) {
    Field value = new Field("item", FieldType.notNullable(new ArrowType.Int(8, false)), List.of());
    FieldType picture =
        new FieldType(
            false,
            new ArrowType.FixedSizeList(height * width * 3),
            null,
            java.util.Map.of(
                "ARROW:extension:name",
                "arrow.fixed_shape_tensor",
                "ARROW:extension:metadata",
                "{\"shape\":[%d,%d,3]}".formatted(height, width)));
    return new Schema(
        List.of(
            new Field("frame", FieldType.notNullable(new ArrowType.Int(64, true)), List.of()),
            new Field(
                "timestamp_ns", FieldType.notNullable(new ArrowType.Int(64, true)), List.of()),
            new Field("picture", picture, List.of(value))));
  }

  public int height() {
    return height;
  }

  public int width() {
    return width;
  }

  public int capacity() {
    return capacity;
  }

  /** Frames that are good now. */
  public int count() {
    return count;
  }

  /** Where to write or read frame {@code i}: height * width RGB triples without padding. */
  public MemorySegment picture(int i) {
    ensureOpen();
    long size = (long) height * width * 3;
    return pictures.asSlice(java.util.Objects.checkIndex(i, capacity) * size, size);
  }

  /** The frame's index in its video. */
  public long frame(int i) {
    ensureOpen();
    return frame.get(java.util.Objects.checkIndex(i, count));
  }

  /** The frame's time in its video. */
  public long timestampNanos(int i) {
    ensureOpen();
    return timestamp.get(java.util.Objects.checkIndex(i, count));
  }

  /** Empties the batch before it is filled again. */
  public void clear() {
    ensureOpen();
    setCount(0);
  }

  /** Says that {@link #picture picture(count())} has been written: one frame more is good. */
  public void append(long frameIndex, long timestampNanos) {
    ensureOpen();
    java.util.Objects.checkIndex(count, capacity);
    frame.set(count, frameIndex);
    timestamp.set(count, timestampNanos);
    setCount(count + 1);
  }

  /** The record batch itself, with {@link #count} rows; owned by this object. */
  public VectorSchemaRoot root() {
    ensureOpen();
    return root;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      root.close();
    }
  }

  private void setCount(int frames) {
    count = frames;
    root.setRowCount(frames); // of every vector; nothing is allocated anew or moved
  }

  private void ensureOpen() {
    if (closed) {
      throw new IllegalStateException(
          "Frames is closed: height=" + height + ", width=" + width + "; open a new one");
    }
  }
}
