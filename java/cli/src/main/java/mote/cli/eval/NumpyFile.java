package mote.cli.eval;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mote.engine.MoteException;

/**
 * An array of floats from a {@code .npy} file (format 1 to 3, {@code <f4} or {@code <f8}, C order).
 *
 * @param shape sizes of the axes
 * @param values in C order
 */
record NumpyFile(int[] shape, float[] values) {
  private static final String MAGIC = "\u0093NUMPY";
  private static final Pattern HEADER =
      Pattern.compile(
          "'descr':\\s*'(<f[48])'.*'fortran_order':\\s*False.*'shape':\\s*\\(([0-9, ]*)\\)");

  static NumpyFile read(Path file) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new MoteException("array cannot be read: file=" + file + "; check the folder", e);
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.length < 12 || !new String(bytes, 0, 6, StandardCharsets.ISO_8859_1).equals(MAGIC)) {
      throw refused(file, "magic");
    }
    int start = buffer.get(6) == 1 ? 10 : 12;
    long length = start == 10 ? buffer.getShort(8) & 0xffff : buffer.getInt(8) & 0xffffffffL;
    if (length > bytes.length - start) {
      throw refused(file, "header length");
    }
    String header = new String(bytes, start, (int) length, StandardCharsets.ISO_8859_1);
    Matcher matcher = HEADER.matcher(header);
    if (!matcher.find()) {
      throw refused(file, header.strip());
    }
    int[] shape = shape(matcher.group(2), file);
    int width = matcher.group(1).charAt(2) - '0';
    BigInteger bytesOfData =
        Arrays.stream(shape)
            .mapToObj(BigInteger::valueOf)
            .reduce(BigInteger.valueOf(width), BigInteger::multiply);
    buffer.position(start + (int) length);
    if (!bytesOfData.equals(BigInteger.valueOf(buffer.remaining()))) {
      throw refused(file, "data length");
    }
    float[] values = new float[buffer.remaining() / width];
    for (int i = 0; i < values.length; i++) {
      values[i] = width == 4 ? buffer.getFloat() : (float) buffer.getDouble();
    }
    return new NumpyFile(shape, values);
  }

  private static int[] shape(String sizes, Path file) {
    try {
      return Arrays.stream(sizes.split(","))
          .map(String::strip)
          .filter(size -> !size.isEmpty())
          .mapToInt(Integer::parseInt)
          .toArray();
    } catch (NumberFormatException e) {
      throw refused(file, "shape " + sizes);
    }
  }

  private static MoteException refused(Path file, String what) {
    return new MoteException(
        "not an array of floats in C order: file="
            + file
            + ", found="
            + what
            + "; give a .npy file");
  }
}
