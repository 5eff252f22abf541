package mote.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import mote.stream.Row.Command;
import org.junit.jupiter.api.Test;

/**
 * Streams with bytes changed, words replaced, parts left out, doubled or cut off. None may bring
 * down the server, reach the engine with a picture that is not its size, or be answered with
 * anything but a whole stream that ends in a reason.
 */
class MutatedStreamsTest extends StreamFixture {
  private static final int STREAMS = 6_000;
  private static final int[] WORDS = {
    0,
    1,
    -1,
    2,
    7,
    8,
    63,
    64,
    255,
    256,
    1 << 16,
    1 << 24,
    1 << 30,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    -8,
    -64
  };

  @Test
  void noneDoesHarm() {
    byte[] good =
        Row.stream(
            Row.picture(0, HEIGHT, WIDTH, Command.add(1, 1), Command.add(2, 2)),
            Row.picture(1, HEIGHT, WIDTH),
            Row.only(Command.of("freeze", 1), new Command("move", 0L, 1f, 2f, 1L)),
            Row.picture(2, 16, 16));
    Random random = new Random(6);
    FakeEngine.Shared engines = new FakeEngine.Shared(5);
    Set<String> reasons = new TreeSet<>();
    int unharmed = 0;
    try (StreamServer server = server(SMALL, engines)) {
      long slabs = server.slabBytes();
      for (int i = 0; i < STREAMS; i++) {
        byte[] mutated = mutate(good, random);
        Served served;
        try {
          served = serve(server, mutated);
        } catch (AssertionError e) {
          throw new AssertionError("stream " + i + ": " + Arrays.toString(mutated), e);
        }
        String error = served.report().error();
        if (error == null) {
          unharmed++;
          continue;
        }
        reasons.add(error.replaceAll(":.*", ""));
        assertEquals(error.length() > 333 ? error.substring(0, 333) : error, served.last().error());
      }
      assertEquals(slabs, server.slabBytes());
      assertEquals(0, engines.open.get());
      assertNull(serve(server, good).report().error());
    }
    for (String reason : reasons) {
      assertTrue(!reason.contains("failed"), reasons.toString());
    }
    assertTrue(reasons.size() > 12, reasons.toString()); // the mutations reach deep
    assertTrue(unharmed > STREAMS / 20 && unharmed < STREAMS, "unharmed: " + unharmed);
  }

  private static byte[] mutate(byte[] good, Random random) {
    byte[] bytes = good.clone();
    int times = 1 + random.nextInt(3);
    for (int i = 0; i < times; i++) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(8)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
        case 3 -> bytes = splice(bytes, at, random.nextInt(64), 0);
        case 4 -> bytes = splice(bytes, at, random.nextInt(64), 2);
        default -> {
          if (bytes.length >= 8) {
            int word = random.nextInt(bytes.length / 4) * 4;
            ByteBuffer.wrap(bytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(word, WORDS[random.nextInt(WORDS.length)]);
          }
        }
      }
    }
    return bytes;
  }

  /** A part left out (0 times) or doubled (2 times). */
  private static byte[] splice(byte[] bytes, int from, int length, int times) {
    int to = Math.min(bytes.length, from + length);
    List<byte[]> parts = new ArrayList<>();
    parts.add(Arrays.copyOf(bytes, from));
    for (int i = 0; i < times; i++) {
      parts.add(Arrays.copyOfRange(bytes, from, to));
    }
    parts.add(Arrays.copyOfRange(bytes, to, bytes.length));
    ByteBuffer joined = ByteBuffer.allocate(parts.stream().mapToInt(part -> part.length).sum());
    parts.forEach(joined::put);
    return joined.array();
  }
}
