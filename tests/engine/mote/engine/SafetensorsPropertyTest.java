package mote.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Mutated files, always the same ones: each is refused with a message for people or read within its
 * bounds; nothing else may happen.
 */
final class SafetensorsPropertyTest {
  private static final int CASES = 12_000;
  private static final String[] PIECES = {
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "null",
    "true",
    "-1",
    "0",
    "1",
    "1e9",
    "0.5",
    "18446744073709551616",
    "9223372036854775807",
    "4294967296",
    "\"F32\"",
    "\"F64\"",
    "\"U8\"",
    "\"dtype\"",
    "\"shape\"",
    "\"data_offsets\"",
    "\"__metadata__\"",
    "\\u0000",
    "\u0000",
    "é",
    "[0,8]",
    "[[[[[[[[",
    "{\"a\":{"
  };

  @TempDir Path folder;

  @Test
  @Timeout(120)
  void everyMutationIsRefusedCleanlyOrReadWithinBounds() throws IOException {
    byte[] original = original();
    Path path = folder.resolve("mutated.safetensors");
    SplittableRandom random = new SplittableRandom(20261122);
    int read = 0;
    for (int i = 0; i < CASES; i++) {
      byte[] mutated = mutate(original, random);
      Files.write(path, mutated);
      if (readsOrRefuses(path, i)) {
        read++;
      }
    }
    int good = read;
    assertTrue(good > CASES / 100, () -> "too few were read to mean anything: " + good);
    assertTrue(good < CASES * 9 / 10, () -> "too few were refused to mean anything: " + good);
    assertEquals(Map.of(), OpenResources.open());
  }

  private static boolean readsOrRefuses(Path path, int number) {
    try (Safetensors file = Safetensors.open(path)) {
      for (String name : file.names()) {
        Safetensors.Tensor tensor = file.tensor(name);
        MemorySegment data = tensor.data();
        long size = 1;
        for (long dimension : tensor.shape()) {
          size *= dimension;
        }
        assertEquals(size * tensor.type().bytes(), data.byteSize(), "case " + number);
        data.asByteBuffer().hashCode(); // reads every byte
      }
      return true;
    } catch (MoteException refused) {
      String message = refused.getMessage();
      assertTrue(
          message.contains(": ") && message.contains("=") && message.contains("; "),
          () -> "case " + number + ": " + message);
      return false;
    }
  }

  private byte[] original() throws IOException {
    Path path = folder.resolve("original.safetensors");
    Safetensors.write(
        path,
        Map.of("mote.arch", "{\"family\":\"mote\"}"),
        List.of(
            new Safetensors.Tensor(
                "a.weight",
                Safetensors.Type.F32,
                new long[] {2, 3},
                MemorySegment.ofArray(new float[6])),
            new Safetensors.Tensor(
                "b", Safetensors.Type.U8, new long[] {5}, MemorySegment.ofArray(new byte[5])),
            new Safetensors.Tensor(
                "c", Safetensors.Type.I64, new long[0], MemorySegment.ofArray(new long[1]))));
    return Files.readAllBytes(path);
  }

  /**
   * One to three mutations: mostly of the header's text, its length kept right half of the time.
   */
  private static byte[] mutate(byte[] original, SplittableRandom random) {
    byte[] bytes = original;
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      bytes =
          switch (random.nextInt(7)) {
            case 0 -> flipped(bytes, random);
            case 1 -> java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            case 2 -> lengthened(bytes, random);
            default -> edited(bytes, random);
          };
    }
    return bytes;
  }

  private static byte[] flipped(byte[] bytes, SplittableRandom random) {
    byte[] copy = bytes.clone();
    if (copy.length > 0) {
      copy[random.nextInt(copy.length)] = (byte) random.nextInt(256);
    }
    return copy;
  }

  private static byte[] lengthened(byte[] bytes, SplittableRandom random) {
    if (bytes.length < 8) {
      return bytes;
    }
    byte[] copy = bytes.clone();
    long length = random.nextBoolean() ? random.nextInt(2 * bytes.length) : random.nextLong();
    ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);
    return copy;
  }

  /** Replaces a stretch of the header by a piece of JSON, or a digit by another. */
  private static byte[] edited(byte[] bytes, SplittableRandom random) {
    long length =
        bytes.length < 10 ? 0 : ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    if (length < 1 || length > bytes.length - 8) {
      return bytes;
    }
    int end = 8 + (int) length;
    int from = 8 + random.nextInt((int) length);
    int to = Math.min(end, from + random.nextInt(4));
    boolean digit = random.nextInt(3) == 0;
    if (digit) {
      while (from < end - 1 && !Character.isDigit(bytes[from])) {
        from++;
      }
      to = from + 1;
    }
    String piece = digit ? "" + random.nextInt(50) : PIECES[random.nextInt(PIECES.length)];
    byte[] inserted = piece.getBytes(StandardCharsets.UTF_8);
    ByteBuffer out =
        ByteBuffer.allocate(bytes.length - (to - from) + inserted.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    out.put(bytes, 0, from).put(inserted).put(bytes, to, bytes.length - to);
    if (random.nextInt(4) > 0) {
      out.putLong(0, length - (to - from) + inserted.length);
    }
    return out.array();
  }
}
