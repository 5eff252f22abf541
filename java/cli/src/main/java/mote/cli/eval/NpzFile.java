package mote.cli.eval;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * A video of TAP-Vid as {@code numpy.savez} or {@code savez_compressed} writes it: arrays {@code
 * video}, {@code points} and {@code occluded}.
 */
final class NpzFile {
  /** What deflate can make of a byte at most. */
  private static final long MOST_EXPANSION = 1032;

  private final Path file;

  NpzFile(Path file) {
    this.file = file;
  }

  TapVidVideo video() {
    NumpyArray points = array("points");
    NumpyArray occluded = array("occluded");
    NpyHeader header = header();
    int[] shape = new int[header.shape().length];
    for (int axis = 0; axis < shape.length; axis++) {
      shape[axis] = (int) Math.min(Integer.MAX_VALUE, header.shape()[axis]);
    }
    String type = header.descr().replaceFirst("^[<=>|]", "");
    if (!TapVidFile.isVideo(type, shape) || header.fortran()) {
      throw refused("video " + header.descr() + Arrays.toString(shape));
    }
    return TapVidFile.tracks(
        file.toString(), () -> TapVidPictures.of(array("video")), shape[0], points, occluded);
  }

  private interface Use<T> {
    T of(InputStream in, long bytes) throws IOException;
  }

  /** The form of the pictures, which are read later; they have as many bytes as that says. */
  private NpyHeader header() {
    return read(
        "video",
        (in, bytes) -> {
          NpyHeader header = NpyHeader.read(in);
          double expected =
              Arrays.stream(header.shape()).asDoubleStream().reduce(1, (a, b) -> a * b);
          if (expected != bytes - header.bytes()) {
            throw new IllegalArgumentException(
                "shape=%s, bytes=%d".formatted(Arrays.toString(header.shape()), bytes));
          }
          return header;
        });
  }

  /** A whole array; its bytes are as many as the zip's table says, which the file can make. */
  private NumpyArray array(String name) {
    return read(
        name,
        (in, bytes) -> {
          NpyHeader header = NpyHeader.read(in);
          byte[] data = in.readNBytes((int) (bytes - header.bytes()));
          if (in.read() >= 0) {
            throw new IllegalArgumentException("more bytes than the table says: " + name);
          }
          return NumpyArray.of(
              header.descr(), header.shape(), header.fortran(), MemorySegment.ofArray(data));
        });
  }

  private <T> T read(String name, Use<T> use) {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      ZipEntry entry = zip.getEntry(name + ".npy");
      if (entry == null) {
        throw refused("no array " + name);
      }
      long bytes = entry.getSize();
      long possible = Math.min(entry.getCompressedSize(), file.toFile().length()) * MOST_EXPANSION;
      if (bytes < 0 || bytes > Integer.MAX_VALUE - 16 || bytes > possible) {
        throw refused("array %s of %d bytes".formatted(name, bytes));
      }
      try (InputStream in = zip.getInputStream(entry)) {
        return use.of(in, bytes);
      }
    } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
      throw refused(name + ": " + e.getMessage());
    }
  }

  private RuntimeException refused(String found) {
    return TapVidFile.refused(file.toString(), found);
  }
}
