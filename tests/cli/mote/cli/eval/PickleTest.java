package mote.cli.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import mote.cli.Home;
import mote.engine.MoteException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pickles that are broken or mean harm. */
class PickleTest {
  private static final Path FILE = Path.of("x.pkl");

  @TempDir Path folder;

  private static Object read(byte[] bytes) {
    try (Arena arena = Arena.ofConfined()) {
      return Pickle.read(FILE, MemorySegment.ofArray(bytes), arena);
    }
  }

  /** {@code \xNN} and {@code \n} stand for bytes. */
  private static byte[] bytes(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < text.length(); i++) {
      if (text.startsWith("\\x", i)) {
        out.write(Integer.parseInt(text.substring(i + 2, i + 4), 16));
        i += 3;
      } else if (text.startsWith("\\n", i)) {
        out.write('\n');
        i++;
      } else {
        out.writeBytes(text.substring(i, i + 1).getBytes(StandardCharsets.ISO_8859_1));
      }
    }
    return out.toByteArray();
  }

  private static void refuses(byte[] pickle, int at, String found) {
    MoteException refused = assertThrows(MoteException.class, () -> read(pickle));
    assertEquals(
        "pickle is refused: file=x.pkl, at=%d, found=%s; give a file of dicts, lists and numpy arrays as TAP-Vid publishes them"
            .formatted(at, found),
        refused.getMessage());
  }

  @Test
  void plainValues() {
    assertEquals(
        List.of(1L, 300L, -2L, 70000L, true, false, 1.5, -1L, 0L),
        read(
            bytes(
                "\\x80\\x04](K\\x01M\\x2c\\x01J\\xfe\\xff\\xff\\xff\\x8a\\x03\\x70\\x11\\x01\\x88\\x89"
                    + "G\\x3f\\xf8\\x00\\x00\\x00\\x00\\x00\\x00\\x8a\\x01\\xff\\x8a\\x00e.")));
    // {'a': 1, 'b': the same}
    assertEquals(
        Map.of("a", 7L, "b", 7L),
        read(
            bytes(
                "\\x80\\x02}q\\x00(X\\x01\\x00\\x00\\x00aK\\x07q\\x01X\\x01\\x00\\x00\\x00bh\\x01u.")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        // what os.system('true') is in a pickle of Python 2, and of protocol 4
        "\\x80\\x02cposix\\nsystem\\nX\\x04\\x00\\x00\\x00true\\x85R.|2|a call of \"posix.system\"",
        "\\x80\\x04\\x8c\\x05posix\\x8c\\x06system\\x93\\x8c\\x04true\\x85R.|17|a call of \"posix.system\"",
        "\\x80\\x02cbuiltins\\neval\\n.|2|a call of \"builtins.eval\"",
        "\\x80\\x02cnumpy\\nload\\n.|2|a call of \"numpy.load\"",
        "\\x80\\x02cnumpy.core.multiarray\\n_reconstruct\\ncnumpy\\ndtype\\nK\\x00K\\x01\\x87R.|56|an array of another class",
        "\\x80\\x02cnumpy\\nndarray\\n)R.|18|an array made by its class",
        "\\x80\\x02K\\x01)R.|5|a call of what cannot be called",
        "\\x80\\x02]}b.|4|a state that is no tuple",
        "\\x80\\x02])b.|4|a state of what has none",
        "\\x80\\x02]Q.|3|instruction 0x51",
        "\\x80\\x02(i__main__\\nX\\n.|3|instruction 0x69",
        "\\x80\\x02\\x81.|2|instruction 0x81",
        "\\x80\\x05\\x97.|2|instruction 0x97",
        "\\x80\\x06].|0|no protocol of 2 to 5",
        "(dp0\\n.|0|no protocol of 2 to 5",
        "\\x80|0|no protocol of 2 to 5",
        "\\x80\\x04\\x8e\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x7f.|2|9223372036854775807 bytes where 1 are left",
        "\\x80\\x04\\x8e\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff.|2|18446744073709551615 bytes where 1 are left",
        "\\x80\\x02X\\xff\\xff\\xff\\xff.|2|4294967295 bytes where 1 are left",
        "\\x80\\x04\\x95\\xff\\x00\\x00\\x00\\x00\\x00\\x00\\x00.|2|255 bytes where 1 are left",
        "\\x80\\x02]|3|1 bytes where 0 are left",
        "\\x80\\x02.|2|fewer objects than an instruction needs",
        "\\x80\\x02](a.|4|fewer objects than an instruction needs",
        "\\x80\\x02]u.|3|an instruction without its mark",
        "\\x80\\x02h\\x05.|2|nothing remembered as 5",
        "\\x80\\x02}(K\\x01K\\x02u.|8|a name or key that is no text of at most 4096",
        "\\x80\\x02}(K\\x01u.|6|entries of what is no dict",
        "\\x80\\x02](K\\x01K\\x02u.|8|entries of what is no dict",
        "\\x80\\x02}K\\x01a.|5|items of what is no list",
        "\\x80\\x02\\x8a\\x09\\x01.|2|an integer of 9 bytes",
        "\\x80\\x02c_codecs\\nencode\\nX\\x01\\x00\\x00\\x00aX\\x05\\x00\\x00\\x00utf-8\\x86R.|35|an encoding that is not of bytes as latin1",
      })
  void refuses(String pickle, int at, String found) {
    refuses(bytes(pickle), at, found);
  }

  /** An array as protocol 4 writes it, of that shape (a tuple in the pickle's words). */
  private static byte[] array(String type, String shape, int length) {
    return bytes(
        "\\x80\\x04cnumpy.core.multiarray\\n_reconstruct\\ncnumpy\\nndarray\\nK\\x00\\x85C\\x01b\\x87R(K\\x01"
            + shape
            + "cnumpy\\ndtype\\n\\x8c\\x02"
            + type
            + "\\x89\\x88\\x87R(K\\x03\\x8c\\x01<NNNtb\\x89C"
            + "\\x%02x".formatted(length)
            + "a".repeat(length)
            + "tb.");
  }

  @Test
  void sizesOfArraysAreChecked() {
    String square = "K\\x02K\\x02\\x86";
    PickleValue.Array good = (PickleValue.Array) read(array("u1", square, 4));
    assertEquals("u1[2, 2]", good.array.form());
    for (int[] axes : new int[][] {{0, 0}, {1}, {0, 1, 2}, {-1, 0}}) {
      assertThrows(IllegalArgumentException.class, () -> good.array.transposed(axes));
    }
    String huge = "\\x8a\\x05\\xff\\xff\\xff\\xff\\x00\\x85";
    for (byte[] pickle :
        List.of(
            array("u1", square, 5),
            array("f8", square, 4),
            array("u1", huge, 4),
            array("O8", square, 4),
            array("V4", "K\\x01\\x85", 4),
            array("u1", "J\\xff\\xff\\xff\\xffJ\\xfc\\xff\\xff\\xff\\x86", 4),
            array("u1", "K\\x04N\\x86", 4),
            array("u1", "(" + "K\\x01".repeat(9) + "t", 1),
            // 2^32 * 2^32 elements: no product may overflow to 0
            array("u1", "\\x8a\\x04\\xff\\xff\\xff\\x7f".repeat(3) + "\\x87", 0))) {
      String message = assertThrows(MoteException.class, () -> read(pickle)).getMessage();
      assertTrue(message.startsWith("pickle is refused: file=x.pkl, at="), message);
    }
  }

  @Test
  void deepNestingIsReadAndRefusedByWhoUsesIt() throws IOException {
    int depth = 100_000;
    byte[] pickle = new byte[2 + depth + depth - 1 + 1];
    pickle[0] = (byte) 0x80;
    pickle[1] = 4;
    Arrays.fill(pickle, 2, 2 + depth, (byte) ']');
    Arrays.fill(pickle, 2 + depth, pickle.length - 1, (byte) 'a');
    pickle[pickle.length - 1] = '.';
    Path file = folder.resolve("deep.pkl");
    Files.write(file, pickle);
    String message = assertThrows(MoteException.class, () -> TapVidFile.open(file)).getMessage();
    assertTrue(
        message.startsWith("not a video of TAP-Vid: video=" + file + ":0, found=no dict; "),
        message);
  }

  @Test
  void aListThatHoldsItselfIsNoVideo() throws IOException {
    Path file = folder.resolve("self.pkl");
    Files.write(file, bytes("\\x80\\x04]\\x94h\\x00a."));
    String message = assertThrows(MoteException.class, () -> TapVidFile.open(file)).getMessage();
    assertTrue(message.contains("found=no dict"), message);
  }

  @Test
  void instructionsAreCounted() {
    byte[] pickle = new byte[1_000_010];
    Arrays.fill(pickle, (byte) ']');
    pickle[0] = (byte) 0x80;
    pickle[1] = 4;
    refuses(pickle, 1_000_001, "more than 1000000 instructions");
  }

  /** Cut off anywhere, every fixture is refused in words: no other exception, no partial result. */
  @Test
  void truncatedFilesAreRefused() throws IOException {
    for (int protocol = 2; protocol <= 5; protocol++) {
      byte[] whole = Files.readAllBytes(Home.file("tests/cli/tapvid/davis-" + protocol + ".pkl"));
      for (int length = 0; length < whole.length; length += length < 400 ? 1 : 97) {
        byte[] part = Arrays.copyOf(whole, length);
        String message = assertThrows(MoteException.class, () -> read(part)).getMessage();
        assertTrue(message.startsWith("pickle is refused: file=x.pkl"), message);
      }
    }
  }

  /** Whatever bytes are changed, the outcome is a video or a refusal in words. */
  @Test
  void changedFilesAreReadOrRefused() throws IOException {
    java.util.Random random = new java.util.Random(11);
    Path file = folder.resolve("changed.pkl");
    int refused = 0;
    for (int round = 0; round < 600; round++) {
      String name = round % 3 == 0 ? "kinetics.pkl" : "davis-" + (2 + round % 4) + ".pkl";
      byte[] whole = Files.readAllBytes(Home.file("tests/cli/tapvid/" + name));
      for (int k = 0; k < 3; k++) {
        whole[random.nextInt(k < 2 ? 400 : whole.length)] = (byte) random.nextInt();
      }
      Files.write(file, whole);
      try (TapVidFile opened = TapVidFile.open(file)) {
        assertTrue(!opened.videos().isEmpty());
      } catch (MoteException e) {
        refused++;
      }
    }
    assertTrue(refused > 100, "refused=" + refused);
  }
}
