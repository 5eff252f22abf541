package mote.engine.track;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import mote.engine.MoteException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whatever points text or file comes in: valid queries, or one clean message. */
class QueriesPropertyTest {
  private static final int CASES = 10_000;
  private static final String TOKENS =
      "0123456789.,;@-+eE \"#\n\r\tx yframe\0\u00e9\ufeffNaNInfinity";
  private static final List<String> TEXTS =
      List.of("10,20;30.5,40@12;1e2,3.25@7", "0,0", "1.5,2.5@999999999;3,4;");
  private static final List<String> FILES =
      List.of(
          "x,y\n1,2\n3.5,4\n",
          "x,y,frame\r\n1,2,0\r\n# c\r\n\r\n3,4,5\r\n",
          "\ufeffx, y, frame\n\"1\",\"2\",\"3\"\n");

  private final FileSystem disk = Jimfs.newFileSystem(Configuration.unix());
  private final Path folder = disk.getPath("/work");
  private int accepted;

  @AfterEach
  void close() throws IOException {
    disk.close();
  }

  @Test
  void mutatedTextIsParsedOrRefused() {
    SplittableRandom random = new SplittableRandom(20260101);
    for (int i = 0; i < CASES; i++) {
      byte[] mutant = mutate(TEXTS.get(i % TEXTS.size()), random);
      String text = new String(mutant, StandardCharsets.UTF_8);
      outcome(() -> Queries.parse(text), text);
    }
    bothOutcomesWereSeen();
  }

  @Test
  void mutatedFilesAreReadOrRefused() throws IOException {
    SplittableRandom random = new SplittableRandom(20260102);
    Path file = folder.resolve("points.csv");
    for (int i = 0; i < CASES; i++) {
      byte[] mutant = mutate(FILES.get(i % FILES.size()), random);
      Files.write(file, mutant);
      outcome(() -> Queries.read(file), Arrays.toString(mutant));
    }
    bothOutcomesWereSeen();
  }

  private void bothOutcomesWereSeen() {
    assertTrue(accepted > CASES / 100 && accepted < CASES, "accepted=" + accepted);
  }

  private void outcome(Supplier<List<Query>> read, String input) {
    List<Query> queries;
    try {
      queries = read.get();
    } catch (MoteException e) {
      assertTrue(
          e.getMessage().matches("[a-zA-Z ]+: \\w+=.+; .+") && e.getMessage().length() < 400,
          () -> "message=" + e.getMessage() + ", input=" + input);
      return;
    }
    accepted++;
    assertFalse(queries.isEmpty(), input);
    Path again = folder.resolve("again.csv");
    if (accepted % 50 == 0) {
      Queries.write(again, queries);
      assertEquals(queries, Queries.read(again), input);
    }
  }

  /** One to four bytes or tokens changed, inserted, removed or doubled, or the end cut off. */
  private static byte[] mutate(String seed, SplittableRandom random) {
    byte[] bytes = seed.getBytes(StandardCharsets.UTF_8);
    for (int edits = random.nextInt(1, 5); edits > 0 && bytes.length > 0; edits--) {
      int at = random.nextInt(bytes.length);
      byte value =
          random.nextInt(4) == 0
              ? (byte) random.nextInt(256)
              : (byte) TOKENS.charAt(random.nextInt(TOKENS.length()));
      bytes =
          switch (random.nextInt(5)) {
            case 0 -> splice(bytes, at, at + 1, new byte[] {value});
            case 1 -> splice(bytes, at, at, new byte[] {value});
            case 2 -> splice(bytes, at, at + 1, new byte[0]);
            case 3 -> splice(bytes, at, at, Arrays.copyOfRange(bytes, 0, at));
            default -> Arrays.copyOf(bytes, at);
          };
    }
    return bytes;
  }

  private static byte[] splice(byte[] bytes, int from, int to, byte[] middle) {
    byte[] result = Arrays.copyOf(bytes, bytes.length - (to - from) + middle.length);
    System.arraycopy(middle, 0, result, from, middle.length);
    System.arraycopy(bytes, to, result, from + middle.length, bytes.length - to);
    return result;
  }
}
