package mote.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Where FFmpeg and OpenCV have no build: what lacks them says so, the rest works. */
class OtherPlatformTest extends CliFixture {
  @Test
  void videosAreRefusedInWords() throws Exception {
    Path video = video("v.mp4", 2);
    String message =
        "mote: videos cannot be read or written here: platform=macosx-arm64, missing=FFmpeg; use Linux on x86-64";
    assertContains(
        elsewhere(1, "track", video, "--grid", "1", "--out", folder.resolve("t.csv")), message);
    assertContains(elsewhere(1, "pick", video, "--no-window"), message);
    assertContains(
        elsewhere(1, "demo", "--out", folder.resolve("demo")),
        "mote: Lucas-Kanade cannot be computed here: platform=macosx-arm64, missing=OpenCV; use Linux on x86-64");
    assertEquals("", elsewhere(0, "info", WeightsOption.SHIPPED));
  }

  /** What it says on standard error, in a process of its own: libraries are loaded once. */
  private String elsewhere(int code, Object... arguments) throws Exception {
    List<String> command = childCommand(arguments);
    command.add(1, "-Dorg.bytedeco.javacpp.platform=macosx-arm64");
    Path err = folder.resolve("err.txt");
    Process process =
        new ProcessBuilder(command)
            .redirectError(err.toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "did not end");
    String said = Files.readString(err);
    assertEquals(code, process.exitValue(), said);
    return said;
  }
}
