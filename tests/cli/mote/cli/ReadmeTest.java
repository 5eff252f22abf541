package mote.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's Java program runs as it stands there. */
class ReadmeTest {
  private static final int FRAMES = 10;
  private static final Path HOME = Path.of("").toAbsolutePath();

  @TempDir Path folder;

  @Test
  void theLibraryExampleTracksAVideo() throws Exception {
    Path program = folder.resolve("Example.java");
    Files.writeString(program, imports() + example());
    List<String> lines = run(program, pictures());
    List<String> rows = lines.stream().filter(line -> line.matches("\\d+\t.*")).toList();
    assertEquals(FRAMES * 8 * 8, rows.size(), () -> String.join("\n", lines));
    assertTrue(lines.stream().anyMatch(line -> line.startsWith("frame\ttimestamp_ns\tpoint\tx")));
    assertTrue(lines.stream().anyMatch(line -> line.startsWith("backend: ")));
  }

  private static String example() throws IOException {
    Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(readme());
    assertTrue(block.find(), "README.md has no Java example");
    String code = block.group(1);
    assertTrue(code.lines().count() <= 16, "ten lines and their brackets");
    return code;
  }

  private static String readme() throws IOException {
    return Files.readString(HOME.resolve("README.md"));
  }

  /** What the example's text leaves to the reader. */
  private static String imports() throws IOException {
    Matcher list = Pattern.compile("imports in front of it: ([^)]*)\\)").matcher(readme());
    assertTrue(list.find(), "README.md names no imports");
    return Pattern.compile("`([^`]+)`")
        .matcher(list.group(1))
        .results()
        .map(name -> "import " + name.group(1) + ";\n")
        .collect(Collectors.joining());
  }

  /** The JVM's flags as the README gives them. */
  private static List<String> flags() throws IOException {
    Matcher line = Pattern.compile("`java (--.*) -cp ").matcher(readme());
    assertTrue(line.find(), "README.md does not say how to run the example");
    return List.of(line.group(1).split(" "));
  }

  private Path pictures() throws IOException {
    Path video = Files.createDirectory(folder.resolve("frames"));
    for (int f = 0; f < FRAMES; f++) {
      BufferedImage picture = new BufferedImage(96, 64, BufferedImage.TYPE_INT_RGB);
      for (int y = 0; y < 64; y++) {
        for (int x = 0; x < 96; x++) {
          picture.setRGB(x, y, ((x - f) * 2654435 ^ y * 40503) & 0xffffff);
        }
      }
      ImageIO.write(picture, "png", video.resolve("frame" + f + ".png").toFile());
    }
    return video;
  }

  private List<String> run(Path program, Path video) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags());
    command.addAll(
        List.of(
            "-cp", System.getProperty("java.class.path"), program.toString(), video.toString()));
    Path output = folder.resolve("output.txt");
    Process process =
        new ProcessBuilder(command)
            .directory(HOME.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertTrue(process.waitFor(120, TimeUnit.SECONDS), "the example does not end");
    List<String> lines = Files.readAllLines(output);
    assertEquals(0, process.exitValue(), () -> String.join("\n", lines));
    return lines;
  }
}
