package mote.cli.eval;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import mote.engine.MoteException;

/**
 * An array of floats from a {@code .npy} file (format 1 to 3, {@code <f4} or {@code <f8}, C order).
 *
 * @param shape sizes of the axes
 * @param values in C order
 */
record NumpyFile(int[] shape, float[] values) {
  static NumpyFile read(Path file) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new MoteException("array cannot be read: file=" + file + "; check the folder", e);
    }
    try {
      NpyHeader header = NpyHeader.read(new ByteArrayInputStream(bytes));
      if (header.fortran() || !header.descr().matches("<f[48]")) {
        throw new IllegalArgumentException(
            "fortran_order=" + header.fortran() + " descr=" + header.descr());
      }
      NumpyArray array =
          NumpyArray.of(
              header.descr(),
              header.shape(),
              false,
              MemorySegment.ofArray(bytes).asSlice(header.bytes()));
      return new NumpyFile(array.shape(), array.floats());
    } catch (IOException | IllegalArgumentException e) {
      throw new MoteException(
          "not an array of floats in C order: file=%s, found=%s; give a .npy file"
              .formatted(file, e.getMessage()),
          e);
    }
  }
}
