package mote.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import mote.cli.demo.DemoScene;
import mote.cpu.Awake;
import mote.engine.Frames;
import mote.engine.OpenResources;
import mote.media.VideoWriter;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Runs commands in this process and makes tiny videos for them. */
abstract class CliFixture {
  static final int HEIGHT = 48;
  static final int WIDTH = 64;

  /** Pixels by which the pattern moves to the left from frame to frame. */
  static final int SPEED = 1;

  private static final int GROUND = 256;

  @TempDir Path folder;

  /** What a command did. */
  record Ran(int code, String out, String err) {
    Ran expect(int expected) {
      assertEquals(expected, code, () -> "out: " + out + "\nerr: " + err);
      return this;
    }

    JsonNode json() throws IOException {
      return new ObjectMapper().readTree(out);
    }
  }

  @AfterEach
  void nothingLeaks() {
    assertEquals(Map.of(), OpenResources.open(), "open resources");
  }

  static Ran run(Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] texts = new String[arguments.length];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = arguments[i].toString();
    }
    int code = Main.run(new PrintWriter(out), new PrintWriter(err), texts);
    return new Ran(code, out.toString(), err.toString());
  }

  /** A pattern that moves {@link #SPEED} pixels a frame to the left. */
  static List<byte[]> moving(int frames) {
    byte[] ground = DemoScene.ground(GROUND);
    List<byte[]> pictures = new ArrayList<>();
    for (int frame = 0; frame < frames; frame++) {
      byte[] picture = new byte[HEIGHT * WIDTH * 3];
      for (int y = 0; y < HEIGHT; y++) {
        int from = ((y + 90) * GROUND + 80 + frame * SPEED) * 3;
        System.arraycopy(ground, from, picture, y * WIDTH * 3, WIDTH * 3);
      }
      pictures.add(picture);
    }
    return pictures;
  }

  Path video(String name, int frames) {
    Path file = folder.resolve(name);
    try (MemorySource source = new MemorySource(moving(frames), HEIGHT, WIDTH, 25);
        RootAllocator allocator = new RootAllocator();
        Frames batch = new Frames(allocator, HEIGHT, WIDTH, 1);
        VideoWriter writer = VideoWriter.create(file, HEIGHT, WIDTH)) {
      while (source.read(batch) > 0) {
        writer.write(batch.picture(0), batch.timestampNanos(0));
      }
      writer.finish();
    }
    return file;
  }

  /** The same as pictures {@code 00000.png} and on. */
  Path pictures(String name, int frames) throws IOException {
    Path target = Files.createDirectories(folder.resolve(name));
    List<byte[]> pictures = moving(frames);
    for (int frame = 0; frame < frames; frame++) {
      BufferedImage picture = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
      byte[] rgb = pictures.get(frame);
      for (int i = 0; i < HEIGHT * WIDTH; i++) {
        int value =
            (rgb[3 * i] & 0xff) << 16 | (rgb[3 * i + 1] & 0xff) << 8 | rgb[3 * i + 2] & 0xff;
        picture.setRGB(i % WIDTH, i / WIDTH, value);
      }
      ImageIO.write(picture, "png", target.resolve("%05d.png".formatted(frame)).toFile());
    }
    return target;
  }

  /** The command line in a JVM of its own. */
  static List<String> childCommand(Object... arguments) {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "--add-opens=java.base/java.nio=ALL-UNNAMED"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    return command;
  }

  /**
   * Asserts that one line of standard error is this message, or begins like it.
   *
   * @param message {@code reason: name=value; remedy}, or its beginning up to a comma
   */
  static void assertSaid(Ran ran, String message) {
    String expected = "mote: " + message;
    boolean whole = !message.endsWith(",") && !message.endsWith("=");
    boolean found =
        ran.err()
            .lines()
            .anyMatch(line -> whole ? line.equals(expected) : line.startsWith(expected));
    assertTrue(found, () -> "expected: " + expected + "\nin: " + ran.err());
  }

  /** Skips a test where processors are not to be kept awake; where that fails, so does the test. */
  static void requireAwake() {
    String refusal = Awake.unavailable();
    assumeTrue(refusal == null, refusal);
  }

  static void assertContains(String text, String part) {
    if (!text.contains(part)) {
      throw new AssertionError("expected: " + part + "\nin: " + text);
    }
  }

  /** Names in the folder, hidden ones included. */
  List<String> names() throws IOException {
    try (var entries = Files.list(folder)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }
}
