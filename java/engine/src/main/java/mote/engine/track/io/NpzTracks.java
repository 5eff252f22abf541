package mote.engine.track.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import mote.engine.MoteException;
import mote.engine.track.Query;
import mote.engine.track.TrackRows;

/**
 * Tracks as {@code numpy.load} reads them: a zip of arrays over T frames, the first of which is
 * {@code first_frame} of the video, and N points.
 *
 * <ul>
 *   <li>{@code tracks} [T, N, 2] float32: x, y, NaN where a point was not tracked
 *   <li>{@code visibility} [T, N] float32, NaN likewise
 *   <li>{@code confidence} [T, N] float32, NaN likewise and where the model has none
 *   <li>{@code queries} [N, 3] float64: frame, x, y
 *   <li>{@code timestamps_ns} [T] int64
 *   <li>{@code first_frame} [] int64
 * </ul>
 */
final class NpzTracks {
  /** Beyond it a zip needs another form (zip64) that not every reader knows. */
  private static final long MOST_BYTES = 0xffff_0000L;

  private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0); // same in, same out

  private final TrackRows rows;
  private final int points;
  private final ZipOutputStream zip;
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);

  private NpzTracks(TrackRows rows, ZipOutputStream zip) {
    this.rows = rows;
    this.zip = zip;
    points = rows.queries().size();
  }

  static void write(TrackRows rows, OutputStream out) throws IOException {
    long cells = Math.multiplyExact(rows.frames(), Math.max(1L, rows.queries().size()));
    if (cells > MOST_BYTES / (4 * Float.BYTES)) { // tracks, visibility and confidence together
      throw new MoteException(
          "tracks are too many for npz: frames=%d, points=%d; write .arrow instead"
              .formatted(rows.frames(), rows.queries().size()));
    }
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.setLevel(Deflater.BEST_SPEED);
      new NpzTracks(rows, zip).write();
    }
  }

  private void write() throws IOException {
    long frames = rows.frames();
    begin("tracks", "<f4", frames, points, 2);
    everyCell(
        (frame, point, has) -> {
          put(has ? rows.x(frame, point) : Float.NaN);
          put(has ? rows.y(frame, point) : Float.NaN);
        });
    begin("visibility", "<f4", frames, points);
    everyCell((frame, point, has) -> put(has ? rows.visibility(frame, point) : Float.NaN));
    begin("confidence", "<f4", frames, points);
    everyCell((frame, point, has) -> put(has ? rows.confidence(frame, point) : Float.NaN));
    begin("queries", "<f8", points, 3);
    for (Query query : rows.queries()) {
      room(3 * Double.BYTES).putDouble(query.frame()).putDouble(query.x()).putDouble(query.y());
    }
    end();
    begin("timestamps_ns", "<i8", frames);
    for (long frame = rows.firstFrame(); frame < rows.firstFrame() + frames; frame++) {
      room(Long.BYTES).putLong(rows.timestampNanos(frame));
    }
    end();
    begin("first_frame", "<i8");
    room(Long.BYTES).putLong(rows.firstFrame());
    end();
  }

  /** Writes what an array has for a frame and a point. */
  @FunctionalInterface
  private interface Cell {
    void put(long frame, int point, boolean has) throws IOException;
  }

  private void everyCell(Cell cell) throws IOException {
    long end = rows.firstFrame() + rows.frames();
    for (long frame = rows.firstFrame(); frame < end; frame++) {
      for (int point = 0; point < points; point++) {
        cell.put(frame, point, rows.has(frame, point));
      }
    }
    end();
  }

  /** Opens an entry with the npy header, version 1.0: its length is a multiple of 64. */
  private void begin(String name, String type, long... shape) throws IOException {
    ZipEntry entry = new ZipEntry(name + ".npy");
    entry.setTimeLocal(TIME);
    zip.putNextEntry(entry);
    StringBuilder sizes = new StringBuilder();
    for (long size : shape) {
      sizes.append(size).append(", ");
    }
    StringBuilder header =
        new StringBuilder(
            "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }"
                .formatted(type, sizes.toString().stripTrailing()));
    int preamble = 6 + 2 + Short.BYTES;
    while ((preamble + header.length() + 1) % 64 != 0) {
      header.append(' ');
    }
    header.append('\n');
    buffer.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
    buffer.put((byte) 1).put((byte) 0).putShort((short) header.length());
    buffer.put(header.toString().getBytes(StandardCharsets.US_ASCII));
  }

  private void put(float value) throws IOException {
    room(Float.BYTES).putFloat(value);
  }

  private ByteBuffer room(int bytes) throws IOException {
    if (buffer.remaining() < bytes) {
      flush();
    }
    return buffer;
  }

  private void end() throws IOException {
    flush();
    zip.closeEntry();
  }

  private void flush() throws IOException {
    zip.write(buffer.array(), 0, buffer.position());
    buffer.clear();
  }
}
