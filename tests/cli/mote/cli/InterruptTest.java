package mote.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mote.engine.FrameSource;
import mote.media.Videos;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ctrl-C in the middle: what was tracked is there, whole, and nothing else is. */
class InterruptTest extends CliFixture {
  private static final int FRAMES = 2000;
  private static final int POINTS = 16;
  private static final Pattern DONE = Pattern.compile("(\\d+)/" + FRAMES);

  /** A signal may come twice, to the process and to its group, and still is one. */
  @ParameterizedTest
  @ValueSource(strings = {"INT", "HUP"})
  void whatWasTrackedIsKept(String signal) throws Exception {
    Path video = video("long.mp4", FRAMES);
    Path out = folder.resolve("t.csv");
    Path overlay = folder.resolve("o.mp4");
    Process process = start(video, out, overlay);
    waitForWork(process);
    String pid = Long.toString(process.pid());
    new ProcessBuilder("sh", "-c", "kill -%1$s %2$s; kill -%1$s %2$s".formatted(signal, pid))
        .start()
        .waitFor();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "did not end");
    assertEquals(Main.INTERRUPTED, process.exitValue());
    int rows = Files.readAllLines(out).size() - 1;
    assertTrue(rows > 0 && rows < FRAMES * POINTS, rows + " rows");
    try (FrameSource drawn = Videos.open(overlay)) {
      assertEquals(WIDTH, drawn.width());
    }
    assertEquals(List.of("err.txt", "long.mp4", "o.mp4", "t.csv"), names());
    assertContains(
        Files.readString(folder.resolve("err.txt")),
        "interrupted: what was tracked is being written");
  }

  private Process start(Path video, Path out, Path overlay) throws Exception {
    // Many refinements a window: slow enough to be caught in the middle.
    List<String> command =
        childCommand(
            "track", video, "--grid", 4, "--out", out, "--overlay", overlay, "--iterations", 64);
    command.add(1, "-Dmote.terminal=true");
    // Tests that run in the background of a shell inherit that signals are ignored, and so would
    // it.
    command.addAll(0, List.of("env", "--default-signal=INT,HUP"));
    return new ProcessBuilder(command)
        .redirectError(folder.resolve("err.txt").toFile())
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /** Waits until the progress bar says that two windows are through. */
  private void waitForWork(Process process) throws Exception {
    Path err = folder.resolve("err.txt");
    String said = "";
    for (int i = 0; i < 1200 && process.isAlive(); i++) {
      said = Files.exists(err) ? Files.readString(err) : "";
      Matcher matcher = DONE.matcher(said);
      if (matcher.results().anyMatch(result -> Integer.parseInt(result.group(1)) >= 20)) {
        return;
      }
      Thread.sleep(25);
    }
    throw new AssertionError("never got on: " + said);
  }
}
