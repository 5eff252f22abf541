package mote.cli.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import mote.engine.MoteException;

/** The published PIPs on PyTorch, in a process of its own that waits between windows. */
final class Peer implements AutoCloseable {
  /** Largest distance from the pack: what PyTorch itself loses in bf16, twice. */
  private static final double TOLERANCE_PX = 0.7;

  private final String variant;
  private final Path log;
  private final Process process;
  private final BufferedReader from;
  private final Writer to;
  private final double readySeconds;
  private boolean closed;

  /**
   * Starts a variant and waits until it has run, compiling included.
   *
   * @param python with torch and einops
   * @param checkout of github.com/aharley/pips
   * @param weights safetensors of the published structure
   * @param variant eager, bf16, compiled or compiled-bf16
   * @param folder for the driver
   */
  Peer(String python, Path checkout, Path weights, Path pack, String variant, Path folder) {
    this.variant = variant;
    log = folder.resolve("peer-" + variant + ".log");
    try {
      process =
          new ProcessBuilder(
                  List.of(
                      python,
                      driver(folder).toString(),
                      checkout.toString(),
                      weights.toString(),
                      pack.toString(),
                      variant))
              .redirectError(log.toFile())
              .start();
    } catch (IOException e) {
      throw new MoteException(
          "peer cannot be started: python=" + python + "; give --python one that has torch", e);
    }
    from = process.inputReader();
    to = process.outputWriter();
    try {
      readySeconds = Double.parseDouble(answer("ready")[1]);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  String variant() {
    return variant;
  }

  /** Seconds from the load of the model to the end of its second window. */
  double readySeconds() {
    return readySeconds;
  }

  /** Seconds of one window; the output is compared with the pack. */
  double window() {
    try {
      to.write("\n");
      to.flush();
    } catch (IOException e) {
      throw died(e);
    }
    String[] words = answer("window");
    double worst = Double.parseDouble(words[2]);
    if (!(worst <= TOLERANCE_PX)) {
      throw new MoteException(
          "peer's output is wrong: variant=%s, worst=%s px; check the checkout"
              .formatted(variant, words[2]));
    }
    return Double.parseDouble(words[1]);
  }

  private String[] answer(String word) {
    try {
      String line = from.readLine();
      if (line == null || !line.startsWith(word + " ")) {
        throw died(null);
      }
      return line.split(" ");
    } catch (IOException e) {
      throw died(e);
    }
  }

  private MoteException died(IOException cause) {
    return new MoteException(
        "peer stopped: variant=%s, last_words=%s; give --peer a checkout of aharley/pips and --python one with torch, einops and numpy"
            .formatted(variant, lastWords()),
        cause);
  }

  /** Python's traceback ends with what went wrong. */
  private String lastWords() {
    try (Stream<String> lines = Files.lines(log)) {
      return lines.filter(line -> !line.isBlank()).reduce("", (before, line) -> line).strip();
    } catch (IOException | UncheckedIOException e) {
      return "unreadable log: " + e;
    }
  }

  private static Path driver(Path folder) throws IOException {
    Path file = folder.resolve("peer.py");
    try (InputStream in = Peer.class.getResourceAsStream("peer.py")) {
      Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
    }
    return file;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      to.close();
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      process.destroyForcibly();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
