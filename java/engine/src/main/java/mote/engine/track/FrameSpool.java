package mote.engine.track;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;
import mote.engine.FrameSource;
import mote.engine.Frames;
import mote.engine.MoteException;
import mote.engine.OpenResources;

/**
 * Frames of one size kept in a temporary file, so that a video that can only be decoded forwards is
 * read again, in particular backwards for tracking to the past, in memory that does not grow with
 * its length.
 *
 * <p>The file holds one record a frame: its index and timestamp (int64, little-endian) and height *
 * width RGB triples. It is read and written through positional file access and not mapped: pages of
 * a mapping would count as the process's memory, and a full disk would be a fault instead of an
 * error. Only its owner can read it; on POSIX systems it loses its name as soon as it is open, so
 * that nothing is left behind however the process ends.
 *
 * <p>One thread at a time.
 */
public final class FrameSpool implements AutoCloseable {
  private static final int HEADER_BYTES = 2 * Long.BYTES;

  private final Path folder;
  private final int height;
  private final int width;
  private final long pictureBytes;
  private final FileChannel file;
  private final ByteBuffer header =
      ByteBuffer.allocateDirect(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private long count;
  private boolean closed;

  /**
   * A spool in the system's folder for temporary files.
   *
   * @param height rows of a frame, at least 1
   * @param width columns of a frame, at least 1
   */
  public static FrameSpool create(int height, int width) {
    return create(Path.of(System.getProperty("java.io.tmpdir")), height, width);
  }

  /** As {@link #create(int, int)} in a folder of the caller's choice. */
  public static FrameSpool create(Path folder, int height, int width) {
    if (height < 1 || width < 1 || (long) height * width * 3 > Integer.MAX_VALUE) {
      throw new MoteException(
          "a frame has an impossible size: height=%d, width=%d; keep height * width * 3 between 3 and 2 GiB"
              .formatted(height, width));
    }
    Path path = folder.resolve("mote-spool-" + UUID.randomUUID() + ".rgb");
    FileChannel file;
    try {
      Set<StandardOpenOption> options =
          Set.of(
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
      boolean posix = Files.getFileStore(folder).supportsFileAttributeView("posix");
      file =
          posix
              ? FileChannel.open(
                  path,
                  options,
                  PosixFilePermissions.asFileAttribute(
                      PosixFilePermissions.fromString("rw-------")))
              : FileChannel.open(path, options.toArray(StandardOpenOption[]::new));
    } catch (IOException e) {
      throw new MoteException(
          "a temporary file for frames cannot be made: folder=%s, cause=%s; give a folder that can be written (-Djava.io.tmpdir=FOLDER)"
              .formatted(folder, e),
          e);
    }
    return new FrameSpool(folder, height, width, file);
  }

  /** Takes over a channel; the folder is where its room is asked for. */
  FrameSpool(Path folder, int height, int width, FileChannel file) {
    this.folder = folder;
    this.height = height;
    this.width = width;
    this.file = file;
    pictureBytes = (long) height * width * 3;
    OpenResources.opened("FrameSpool");
  }

  /**
   * Refuses what will not fit, before any of it is written.
   *
   * @param frames that will come, at least 0
   * @throws MoteException if the disk has not that much room
   */
  public void requireRoom(long frames) {
    ensureOpen();
    long record = HEADER_BYTES + pictureBytes;
    long needed = frames > Long.MAX_VALUE / record ? Long.MAX_VALUE : frames * record;
    long free = freeBytes();
    if (free < needed) {
      throw new MoteException(
          "the frames do not fit the disk: folder=%s, frames=%d, needed_bytes=%d, free_bytes=%d; free some space, put temporary files elsewhere (-Djava.io.tmpdir=FOLDER) or take fewer frames"
              .formatted(folder, frames, needed, free));
    }
  }

  /** Frames that have been written. */
  public long count() {
    return count;
  }

  /**
   * Writes one frame behind those that are there.
   *
   * @param picture height * width RGB triples
   * @throws MoteException if the disk is full: frames that were written before can still be read
   */
  public void append(long frame, long timestampNanos, MemorySegment picture) {
    ensureOpen();
    if (picture.byteSize() != pictureBytes) {
      throw new MoteException(
          "a frame has another size than the spool: bytes=%d, spool_bytes=%d; give height * width RGB triples"
              .formatted(picture.byteSize(), pictureBytes));
    }
    header.clear().putLong(frame).putLong(timestampNanos).flip();
    long at = count * (HEADER_BYTES + pictureBytes);
    try {
      writeFully(header, at);
      writeFully(picture.asByteBuffer(), at + HEADER_BYTES);
    } catch (ClosedByInterruptException e) {
      throw failure("keeping frames was interrupted", count, e);
    } catch (IOException e) {
      throw new MoteException(
          "a frame does not fit the disk: folder=%s, frame=%d, needed_bytes=%d, free_bytes=%d, cause=%s; free some space or put temporary files elsewhere (-Djava.io.tmpdir=FOLDER)"
              .formatted(folder, frame, HEADER_BYTES + pictureBytes, freeBytes(), e.getMessage()),
          e);
    }
    count++;
  }

  /** Adds the frame at a position (0 is the first that was written) to a batch. */
  private void load(long position, Frames into) {
    ensureOpen();
    requireSize(into);
    long at = position * (HEADER_BYTES + pictureBytes);
    try {
      readFully(header.clear(), at);
      readFully(into.picture(into.count()).asByteBuffer(), at + HEADER_BYTES);
    } catch (IOException e) {
      throw failure("a frame cannot be read back", position, e);
    }
    into.append(header.getLong(0), header.getLong(Long.BYTES));
  }

  /**
   * The frames in the order in which they were written, with the indices and timestamps that they
   * had. Closing the source leaves the spool open.
   */
  public FrameSource forward() {
    ensureOpen();
    return new Reader(0, 1);
  }

  /**
   * The frames from the last to the first: indices and timestamps are those of the video and
   * therefore fall, as an exception from {@link FrameSource#read}. Closing the source leaves the
   * spool open.
   */
  public FrameSource reversed() {
    ensureOpen();
    return new Reader(count - 1, -1);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    OpenResources.closed("FrameSpool");
    try {
      file.close();
    } catch (IOException e) {
      throw new MoteException(
          "the temporary file for frames cannot be closed: folder=%s, cause=%s; remove mote-spool-*.rgb there"
              .formatted(folder, e),
          e);
    }
  }

  private void writeFully(ByteBuffer from, long at) throws IOException {
    while (from.hasRemaining()) {
      at += file.write(from, at);
    }
  }

  private void readFully(ByteBuffer to, long at) throws IOException {
    while (to.hasRemaining()) {
      int read = file.read(to, at);
      if (read < 0) {
        throw new IOException("the file has become shorter");
      }
      at += read;
    }
  }

  private long freeBytes() {
    try {
      FileStore store = Files.getFileStore(folder);
      return store.getUsableSpace();
    } catch (IOException e) {
      throw new MoteException(
          "the room on a disk cannot be asked for: folder=%s, cause=%s; give a folder that exists"
              .formatted(folder, e),
          e);
    }
  }

  private MoteException failure(String reason, long position, IOException e) {
    return new MoteException(
        "%s: folder=%s, position=%d, cause=%s; run it again".formatted(reason, folder, position, e),
        e);
  }

  private void requireSize(Frames batch) {
    if (batch.height() != height || batch.width() != width) {
      throw new MoteException(
          "a batch has another size than the spool: height=%d, width=%d, spool_height=%d, spool_width=%d; use frames of one size"
              .formatted(batch.height(), batch.width(), height, width));
    }
  }

  private void ensureOpen() {
    if (closed) {
      throw new IllegalStateException(
          "FrameSpool is closed: frames=" + count + "; create a new one");
    }
  }

  private final class Reader implements FrameSource {
    private final int step;
    private long position;
    private boolean readerClosed;

    Reader(long position, int step) {
      this.position = position;
      this.step = step;
    }

    @Override
    public int height() {
      return height;
    }

    @Override
    public int width() {
      return width;
    }

    @Override
    public long expectedFrames() {
      return step > 0 ? count - position : position + 1;
    }

    @Override
    public int read(Frames into) {
      if (readerClosed) {
        throw new IllegalStateException(
            "FrameSpool's source is closed: position="
                + position
                + "; ask the spool for a new one");
      }
      into.clear();
      while (into.count() < into.capacity() && position >= 0 && position < count) {
        load(position, into);
        position += step;
      }
      return into.count();
    }

    @Override
    public void close() {
      readerClosed = true;
    }
  }
}
