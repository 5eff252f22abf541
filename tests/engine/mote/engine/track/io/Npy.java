package mote.engine.track.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** An array of an npz file, read by the format's description (numpy.lib.format, version 1.0). */
record Npy(String type, List<Integer> shape, ByteBuffer data) {
  private static final Pattern HEADER =
      Pattern.compile(
          "\\{'descr': '(<[fi][48])', 'fortran_order': False, 'shape': \\(([0-9, ]*)\\), \\} *\n");

  /** The arrays by name, in the file's order. */
  static Map<String, Npy> load(Path npz) throws IOException {
    Map<String, Npy> arrays = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(npz.toFile())) {
      for (ZipEntry entry : (Iterable<ZipEntry>) zip.stream().map(e -> (ZipEntry) e)::iterator) {
        assertTrue(entry.getName().endsWith(".npy"), entry.getName());
        String name = entry.getName().substring(0, entry.getName().length() - 4);
        arrays.put(name, parse(zip.getInputStream(entry).readAllBytes()));
      }
    }
    return arrays;
  }

  private static Npy parse(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals("\u0093NUMPY\1\0", new String(bytes, 0, 8, StandardCharsets.ISO_8859_1));
    int length = buffer.getShort(8);
    assertEquals(0, (10 + length) % 64);
    Matcher header = HEADER.matcher(new String(bytes, 10, length, StandardCharsets.US_ASCII));
    assertTrue(header.matches());
    List<Integer> shape =
        Arrays.stream(header.group(2).split(", ?"))
            .filter(size -> !size.isEmpty())
            .map(Integer::valueOf)
            .toList();
    int size = header.group(1).charAt(2) - '0';
    int cells = shape.stream().reduce(1, (a, b) -> a * b);
    assertEquals(10 + length + cells * size, bytes.length);
    ByteBuffer data = buffer.slice(10 + length, cells * size).order(ByteOrder.LITTLE_ENDIAN);
    return new Npy(header.group(1), shape, data);
  }
}
