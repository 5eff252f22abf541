package mote.engine.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import mote.engine.MoteException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever bytes a checkpoint has: all parameters, or one clean message. */
class CheckpointPropertyTest {
  private static final int CASES = 10_000;

  /** The fixture itself takes a fiftieth of it. */
  private static final long MOST_BYTES = 64 << 20;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final String OPERATIONS =
      "N\u0088\u0089JKMGX()]}aeustd0012qrhjcRQbio.\u0093\u0081";

  @TempDir Path folder;
  private int accepted;

  @Test
  void mutatedPicklesAreReadOrRefused() throws IOException {
    SplittableRandom random = new SplittableRandom(20260103);
    byte[] seed = Pth.tiny().get("pips-tiny/data.pkl");
    byte[] other =
        Pth.entries(Pth.fixture("pips-tiny-protocol4.pth")).get("pips-tiny-protocol4/data.pkl");
    for (int i = 0; i < CASES; i++) {
      byte[] mutant = mutate(i % 2 == 0 ? seed : other, random);
      outcome(i, () -> Unpickler.read(Path.of("in.pth"), mutant));
    }
    bothOutcomesWereSeen();
  }

  @Test
  void mutatedZipsAreReadOrRefused() throws IOException {
    SplittableRandom random = new SplittableRandom(20260104);
    byte[] torch = Files.readAllBytes(Pth.fixture("pips-tiny.pth"));
    byte[] wrapped = Pth.deflated(Pth.entries(Pth.fixture("pips-tiny-wrapped.pth")));
    Path in = folder.resolve("in.pth");
    for (int i = 0; i < CASES; i++) {
      Files.write(in, mutate(i % 4 == 0 ? torch : wrapped, random));
      outcome(
          i,
          () -> {
            Map<String, float[]> values = CheckpointConverter.read(in, Pth.TINY);
            assertEquals(Pth.TINY.shapes().keySet(), values.keySet());
          });
    }
    bothOutcomesWereSeen();
  }

  private void bothOutcomesWereSeen() {
    assertTrue(accepted > CASES / 100 && accepted < CASES, "accepted=" + accepted);
  }

  private void outcome(int i, Runnable read) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      read.run();
      accepted++;
    } catch (MoteException e) {
      assertTrue(
          e.getMessage().matches("[a-zA-Z0-9'. ]+: \\w+=.+; .+") && e.getMessage().length() < 4000,
          () -> "case=" + i + ", message=" + e.getMessage());
    }
    long bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
    assertTrue(bytes < MOST_BYTES, () -> "case=" + i + ", bytes=" + bytes);
  }

  /** One to four edits: a byte or an operation changed or inserted, a piece removed or doubled. */
  private static byte[] mutate(byte[] seed, SplittableRandom random) {
    byte[] bytes = seed.clone();
    for (int edits = random.nextInt(1, 5); edits > 0 && bytes.length > 1; edits--) {
      int at = random.nextInt(bytes.length);
      int to = Math.min(bytes.length, at + random.nextInt(1, 40));
      byte any = (byte) random.nextInt(256);
      byte operation = (byte) OPERATIONS.charAt(random.nextInt(OPERATIONS.length()));
      switch (random.nextInt(8)) {
        case 0, 1 -> bytes[at] = any;
        case 2, 3 -> bytes[at] = operation;
        case 4 ->
            bytes = splice(bytes, at, at, new byte[] {random.nextBoolean() ? any : operation});
        case 5 -> bytes = splice(bytes, at, to, new byte[0]);
        case 6 -> bytes = splice(bytes, at, at, Arrays.copyOfRange(bytes, at, to));
        default -> bytes = random.nextInt(4) == 0 ? Arrays.copyOf(bytes, at) : bytes;
      }
    }
    return bytes;
  }

  private static byte[] splice(byte[] bytes, int from, int to, byte[] middle) {
    byte[] result = Arrays.copyOf(bytes, from + middle.length + bytes.length - to);
    System.arraycopy(middle, 0, result, from, middle.length);
    System.arraycopy(bytes, to, result, from + middle.length, bytes.length - to);
    return result;
  }
}
