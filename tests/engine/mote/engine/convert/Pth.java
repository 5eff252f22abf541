package mote.engine.convert;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import mote.engine.Architecture;

/** The fixtures of tests/convert/make_pth.py, and zips with entries of them exchanged. */
final class Pth {
  /** The widths that make_pth.py gives its fixtures. */
  static final Architecture TINY =
      new Architecture(
          Architecture.Family.PIPS,
          "pips-tiny",
          8,
          4,
          8,
          List.of(8, 8, 8, 8),
          8,
          1,
          1,
          0,
          0,
          1 / Math.sqrt(8),
          1,
          8,
          1,
          1,
          1,
          Double.NaN,
          6,
          0,
          null);

  private Pth() {}

  static Path fixture(String name) {
    return Path.of("tests/convert/fixtures").resolve(name);
  }

  /** Element i of tensor k, as make_pth.py fills them. */
  static float value(int k, int i) {
    return ((7 * i + 13 * k) % 64 - 32) / 32f;
  }

  /** All entries of a zip by their full names. */
  static Map<String, byte[]> entries(Path zip) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipFile file = new ZipFile(zip.toFile())) {
      for (ZipEntry entry : (Iterable<ZipEntry>) file.stream().map(e -> (ZipEntry) e)::iterator) {
        entries.put(entry.getName(), file.getInputStream(entry).readAllBytes());
      }
    }
    return entries;
  }

  /** Entries of pips-tiny.pth. */
  static Map<String, byte[]> tiny() throws IOException {
    return entries(fixture("pips-tiny.pth"));
  }

  /** A zip of stored entries, as torch writes it. */
  static byte[] zip(Map<String, byte[]> entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> content : entries.entrySet()) {
        ZipEntry entry = new ZipEntry(content.getKey());
        CRC32 checksum = new CRC32();
        checksum.update(content.getValue());
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.getValue().length);
        entry.setCrc(checksum.getValue());
        zip.putNextEntry(entry);
        zip.write(content.getValue());
      }
    }
    return bytes.toByteArray();
  }

  /** A small zip of the same entries, compressed. */
  static byte[] deflated(Map<String, byte[]> entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> content : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(content.getKey()));
        zip.write(content.getValue());
      }
    }
    return bytes.toByteArray();
  }

  static Path write(Path path, Map<String, byte[]> entries) throws IOException {
    return Files.write(path, zip(entries));
  }
}
