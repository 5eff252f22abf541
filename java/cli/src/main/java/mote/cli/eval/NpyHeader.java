package mote.cli.eval;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The header of a {@code .npy} file (format 1 to 3).
 *
 * @param descr numpy's name of the type
 * @param fortran whether the first axis varies fastest
 * @param shape sizes of the axes
 * @param bytes of the header
 */
record NpyHeader(String descr, boolean fortran, long[] shape, int bytes) {
  private static final String MAGIC = "\u0093NUMPY";
  private static final int MOST_BYTES = 1 << 16;
  private static final Pattern HEADER =
      Pattern.compile(
          "'descr':\\s*'([^']*)'.*'fortran_order':\\s*(False|True).*'shape':\\s*\\(([0-9, ]*)\\)");

  /**
   * Reads the header from the start of an array.
   *
   * @throws IllegalArgumentException saying what is no header
   */
  static NpyHeader read(InputStream in) throws IOException {
    byte[] start = in.readNBytes(10);
    if (start.length < 10
        || !new String(start, 0, 6, StandardCharsets.ISO_8859_1).equals(MAGIC)
        || start[6] < 1
        || start[6] > 3) {
      throw new IllegalArgumentException("magic");
    }
    long length = (start[8] & 0xff) | (start[9] & 0xff) << 8;
    int before = 10;
    if (start[6] > 1) {
      byte[] more = in.readNBytes(2);
      before += 2;
      length |=
          more.length < 2 ? MOST_BYTES + 1L : (more[0] & 0xffL) << 16 | (more[1] & 0xffL) << 24;
    }
    byte[] text = in.readNBytes((int) Math.min(length, MOST_BYTES));
    if (text.length != length) {
      throw new IllegalArgumentException("header length");
    }
    String header = new String(text, StandardCharsets.ISO_8859_1);
    Matcher matcher = HEADER.matcher(header);
    if (!matcher.find()) {
      throw new IllegalArgumentException(header.strip());
    }
    return new NpyHeader(
        matcher.group(1),
        matcher.group(2).equals("True"),
        shape(matcher.group(3)),
        before + text.length);
  }

  private static long[] shape(String sizes) {
    try {
      return Arrays.stream(sizes.split(","))
          .map(String::strip)
          .filter(size -> !size.isEmpty())
          .mapToLong(Long::parseLong)
          .toArray();
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("shape " + sizes, e);
    }
  }
}
