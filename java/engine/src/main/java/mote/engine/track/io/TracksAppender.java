package mote.engine.track.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import mote.engine.AtomicFile;
import mote.engine.MoteException;
import mote.engine.OpenResources;
import mote.engine.track.TracksReader;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowFileWriter;

/**
 * A file of tracks that grows row by row, {@code .arrow} or {@code .csv} as {@link TracksFile}
 * writes them, for tracks whose end is not known. Memory does not grow with the rows (an Arrow
 * file's footer does, by 24 bytes for {@value #BATCH} rows). The file has a temporary, hidden name
 * in the same folder until {@link #finish}.
 */
public final class TracksAppender implements AutoCloseable {
  private static final int BATCH = 4096;
  private static final int BUFFER = 1 << 16;

  private final Path file;
  private final Path temporary;
  private final OutputStream out;
  private final Form form;
  private long rows;
  private boolean closed;

  private interface Form {
    void append(
        long frame,
        long timestampNanos,
        long point,
        float x,
        float y,
        float visibility,
        float confidence)
        throws IOException;

    void end() throws IOException;

    void close();
  }

  /**
   * @param file ends in .arrow or .csv
   * @param model name of the model, for the metadata of an Arrow file
   * @param width columns of the first frame, likewise
   * @param height rows of the first frame, likewise
   * @throws MoteException if the suffix is another or the file cannot be written
   */
  public TracksAppender(Path file, String model, int width, int height) {
    requireSuffix(file);
    TracksFile.check(file);
    this.file = file;
    temporary = AtomicFile.temporary(file);
    try {
      out =
          new BufferedOutputStream(
              Files.newOutputStream(
                  temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              BUFFER);
      form = isArrow(file) ? new Arrow(out, model, width, height) : new Csv(out);
    } catch (IOException e) {
      AtomicFile.delete(temporary);
      throw AtomicFile.failure(file, e);
    }
    OpenResources.opened("TracksAppender");
  }

  /**
   * Refuses a name whose form cannot grow.
   *
   * @throws MoteException if the suffix is neither .arrow nor .csv
   */
  public static void requireSuffix(Path file) {
    if (!isArrow(file) && !name(file).endsWith(".csv")) {
      throw new MoteException(
          "tracks without an end cannot be written in this form: path=%s; end it in .arrow or .csv"
              .formatted(file));
    }
  }

  private static boolean isArrow(Path file) {
    return name(file).endsWith(".arrow");
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
  }

  /**
   * Writes a row.
   *
   * @param x pixels of the frame as it came
   * @param y likewise
   * @param visibility probability
   * @param confidence probability, NaN where the model has none
   * @throws MoteException if the disk is full; nothing is left of the file then
   */
  public void append(
      long frame,
      long timestampNanos,
      long point,
      float x,
      float y,
      float visibility,
      float confidence) {
    if (closed) {
      throw new IllegalStateException("TracksAppender is closed: file=" + file + "; open it again");
    }
    try {
      form.append(frame, timestampNanos, point, x, y, visibility, confidence);
      rows++;
    } catch (IOException e) {
      close();
      throw AtomicFile.failure(file, e);
    }
  }

  /** Rows until now. */
  public long rows() {
    return rows;
  }

  /**
   * Ends the file, gives it its name and closes this.
   *
   * @return rows in the file
   * @throws MoteException if the disk is full; nothing is left of the file then
   */
  public long finish() {
    if (closed) {
      return rows;
    }
    try {
      form.end();
      out.close();
      AtomicFile.rename(temporary, file);
    } catch (IOException e) {
      throw AtomicFile.failure(file, e);
    } finally {
      close();
    }
    return rows;
  }

  /** Removes a file that was not finished. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    form.close();
    try {
      out.close();
    } catch (IOException e) {
      // What was not written is removed anyway.
    }
    AtomicFile.delete(temporary);
    OpenResources.closed("TracksAppender");
  }

  private static final class Csv implements Form {
    private final OutputStream out;
    private final StringBuilder text = new StringBuilder(CsvTracks.HEADER);

    Csv(OutputStream out) {
      this.out = out;
    }

    @Override
    public void append(
        long frame,
        long timestampNanos,
        long point,
        float x,
        float y,
        float visibility,
        float confidence)
        throws IOException {
      CsvTracks.line(text, frame, timestampNanos, point, x, y, visibility, confidence);
      if (text.length() > CsvTracks.LINES) {
        end();
      }
    }

    @Override
    public void end() throws IOException {
      CsvTracks.flush(text, out);
    }

    @Override
    public void close() {} // the stream is the appender's
  }

  private static final class Arrow implements Form {
    private final BufferAllocator allocator = new RootAllocator();
    private final VectorSchemaRoot root;
    private final ArrowFileWriter writer;
    private int count;

    Arrow(OutputStream out, String model, int width, int height) throws IOException {
      root = VectorSchemaRoot.create(TracksReader.schema(model, width, height), allocator);
      writer = new ArrowFileWriter(root, null, new ArrowTracks.StreamChannel(out));
      root.getFieldVectors().forEach(vector -> vector.setInitialCapacity(BATCH));
      root.allocateNew();
      writer.start();
    }

    @Override
    public void append(
        long frame,
        long timestampNanos,
        long point,
        float x,
        float y,
        float visibility,
        float confidence)
        throws IOException {
      TracksReader.put(root, count++, frame, timestampNanos, point, x, y, visibility, confidence);
      if (count == BATCH) {
        flush();
      }
    }

    private void flush() throws IOException {
      root.setRowCount(count);
      writer.writeBatch();
      count = 0;
    }

    @Override
    public void end() throws IOException {
      if (count > 0) {
        flush();
      }
      writer.end();
    }

    @Override
    public void close() {
      root.close();
      allocator.close();
    }
  }
}
