package mote.engine;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A safetensors file, mapped: an 8-byte little-endian header length, a JSON header, and the
 * tensors' bytes, which cover the rest of the file without holes. The file is taken for hostile:
 * everything that the header says is checked against the file before a tensor can be reached.
 */
public final class Safetensors implements AutoCloseable {
  /** Element types of the format, with their size in bytes. */
  public enum Type {
    BOOL(1),
    U8(1),
    I8(1),
    U16(2),
    I16(2),
    F16(2),
    BF16(2),
    U32(4),
    I32(4),
    F32(4),
    U64(8),
    I64(8),
    F64(8);

    private final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }

    public int bytes() {
      return bytes;
    }
  }

  /**
   * A named array.
   *
   * @param shape row-major; empty for a scalar
   * @param data {@code type.bytes() * product(shape)} bytes, little-endian, not necessarily aligned
   */
  public record Tensor(String name, Type type, long[] shape, MemorySegment data) {
    public Tensor {
      shape = shape.clone();
      if (data.byteSize() != byteSize(name, type, shape)) {
        throw new MoteException(
            "tensor's bytes do not fit its shape: tensor=%s, type=%s, shape=%s, bytes=%d; give %d"
                .formatted(name, type, text(shape), data.byteSize(), byteSize(name, type, shape)));
      }
    }

    @Override
    public long[] shape() {
      return shape.clone();
    }

    /** Elements in all. */
    public long size() {
      return data.byteSize() / type.bytes();
    }
  }

  private static final int LENGTH_BYTES = 8;

  private final Path path;
  private final Arena arena;
  private final SafetensorsHeader header;
  private final Map<String, Tensor> tensors = new java.util.LinkedHashMap<>();
  private boolean closed;

  private Safetensors(Path path, Arena arena, MemorySegment file) {
    this.path = path;
    this.arena = arena;
    long length = headerLength(path, file);
    header = SafetensorsHeader.parse(path, file.asSlice(LENGTH_BYTES, length));
    MemorySegment data = file.asSlice(LENGTH_BYTES + length);
    header.check(data.byteSize());
    for (SafetensorsHeader.Entry entry : header.entries()) {
      MemorySegment bytes = data.asSlice(entry.begin(), entry.end() - entry.begin());
      tensors.put(
          entry.name(), new Tensor(entry.name(), entry.type(), entry.shape(), bytes.asReadOnly()));
    }
  }

  /**
   * Maps a file and checks its header.
   *
   * @throws MoteException if the file cannot be read or is not a sound safetensors file
   */
  public static Safetensors open(Path path) {
    Arena arena = Arena.ofShared();
    try {
      Safetensors file = new Safetensors(path, arena, map(path, arena));
      OpenResources.opened("Safetensors");
      return file;
    } catch (RuntimeException error) {
      arena.close();
      throw error;
    }
  }

  private static MemorySegment map(Path path, Arena arena) {
    try {
      if (Files.isDirectory(path)) {
        throw new MoteException("path is a folder: path=" + path + "; name a safetensors file");
      }
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
        return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      }
    } catch (IOException error) {
      throw new MoteException(
          "file cannot be read: path="
              + path
              + ", cause="
              + AtomicFile.cause(error)
              + "; check the path and its permissions",
          error);
    }
  }

  private static long headerLength(Path path, MemorySegment file) {
    if (file.byteSize() < LENGTH_BYTES) {
      throw new MoteException(
          "file is too short for safetensors: path=%s, bytes=%d; fetch it again"
              .formatted(path, file.byteSize()));
    }
    long length = file.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
    if (length < 2 || length > file.byteSize() - LENGTH_BYTES) {
      throw new MoteException(
          "header's length lies beyond the file: path=%s, header_bytes=%s, file_bytes=%d; fetch it again"
              .formatted(path, Long.toUnsignedString(length), file.byteSize()));
    }
    if (length > SafetensorsHeader.MOST_BYTES) {
      throw new MoteException(
          "header is too long: path=%s, header_bytes=%d; at most %d are read"
              .formatted(path, length, SafetensorsHeader.MOST_BYTES));
    }
    return length;
  }

  public Path path() {
    return path;
  }

  /** The texts under {@code __metadata__}; empty where there are none. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /** Names of the tensors in the order of the header. */
  public Set<String> names() {
    return Collections.unmodifiableSet(tensors.keySet());
  }

  /**
   * A tensor; its data is valid until {@link #close}.
   *
   * @throws MoteException if the file has no tensor of that name
   */
  public Tensor tensor(String name) {
    if (closed) {
      throw new IllegalStateException("Safetensors is closed: path=" + path + "; open it again");
    }
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new MoteException(
          "tensor is missing: path=" + path + ", tensor=" + name + "; give a file that has it");
    }
    return tensor;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      arena.close();
      OpenResources.closed("Safetensors");
    }
  }

  /**
   * Writes a file, whole or not at all (see {@link AtomicFile}).
   *
   * @param metadata texts under {@code __metadata__}; may be empty
   * @param tensors in the order in which they are to stand in the file; names differ
   * @throws MoteException if it cannot be written
   */
  public static void write(Path path, Map<String, String> metadata, List<Tensor> tensors) {
    byte[] header = SafetensorsHeader.encode(metadata, tensors);
    AtomicFile.write(
        path,
        temporary -> {
          try (FileChannel channel =
              FileChannel.open(
                  temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            write(channel, length.putLong(0, header.length));
            write(channel, ByteBuffer.wrap(header));
            for (Tensor tensor : tensors) {
              write(channel, tensor.data());
            }
            channel.force(true);
          }
        });
  }

  private static void write(FileChannel channel, MemorySegment data) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocateDirect(1 << 20);
    MemorySegment chunkBytes = MemorySegment.ofBuffer(chunk);
    for (long at = 0; at < data.byteSize(); at += chunk.capacity()) {
      int count = (int) Math.min(chunk.capacity(), data.byteSize() - at);
      MemorySegment.copy(data, at, chunkBytes, 0, count);
      write(channel, chunk.clear().limit(count));
    }
  }

  private static void write(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Bytes of a tensor of that type and shape; refuses what overflows. */
  static long byteSize(String name, Type type, long[] shape) {
    long bytes = type.bytes();
    for (long size : shape) {
      if (size < 0 || Math.multiplyHigh(bytes, size) != 0 || bytes * size < 0) {
        throw new MoteException(
            "tensor's shape is out of range: tensor=%s, shape=%s; fetch the file again"
                .formatted(Untrusted.printable(name), text(shape)));
      }
      bytes *= size;
    }
    return bytes;
  }

  /** A shape as people write it, {@code [64, 3, 7, 7]}. */
  static String text(long[] shape) {
    return java.util.Arrays.toString(shape);
  }
}
