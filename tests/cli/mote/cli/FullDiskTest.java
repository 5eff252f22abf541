package mote.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * mote track where the disk is full. A file system of some kilobytes cannot be mounted without
 * root, and /dev/full cannot be renamed; a limit on the size of files (setrlimit's RLIMIT_FSIZE,
 * the shell's {@code ulimit -f}) does to the process what a full disk does: the kernel takes what
 * fits, and then refuses every write to that file with an error. That error is EFBIG instead of
 * ENOSPC, which shows in the message's cause alone; the JVM ignores the signal that comes with it.
 */
class FullDiskTest extends CliFixture {
  private static final int FRAMES = 20;

  private Path video;
  private Path out;

  @BeforeEach
  void trackOnce() throws Exception {
    video = video("v.mp4", FRAMES);
    out = folder.resolve("t.csv");
    // Also unpacks the native libraries, which would not fit the limit.
    run("track", video, "--grid", 1, "--iterations", 1, "--out", out).expect(0);
  }

  @Test
  void tracksThatDoNotFitLeaveTheEarlierFile() throws Exception {
    byte[] before = Files.readAllBytes(out);
    Ran ran = full(100, "--grid", 20).expect(1);
    assertSaid(
        ran,
        "file cannot be written: path="
            + out
            + ", cause=File too large; check that the folder exists, may be written and has"
            + " space");
    assertArrayEquals(before, Files.readAllBytes(out));
    assertEquals(List.of("err.txt", "out.txt", "t.csv", "v.mp4"), names());
  }

  @Test
  void anOverlayThatDoesNotFitLeavesTheTracks() throws Exception {
    Path overlay = folder.resolve("o.mp4");
    Ran ran = full(2, "--grid", 1, "--overlay", overlay).expect(1);
    assertSaid(ran, "a video cannot be written: file=" + overlay + ", free_bytes=");
    assertContains(ran.err(), ", cause=File too large");
    assertContains(ran.err(), "; free some space or write elsewhere\n");
    assertEquals(1 + FRAMES, Files.readAllLines(out).size());
    assertEquals(List.of("err.txt", "out.txt", "t.csv", "v.mp4"), names());
  }

  @Test
  void framesThatDoNotFitForThePastLeaveWhatWasTracked() throws Exception {
    Files.delete(out);
    Ran ran = full(100, "--points", "30,20;30,20@19", "--backward").expect(1);
    int rows = Files.readAllLines(out).size() - 1;
    assertTrue(rows > 0 && rows < FRAMES, rows + " rows");
    assertContains(ran.err(), "mote: a frame does not fit the disk: folder=");
    assertContains(
        ran.err(),
        ", cause=File too large; free some space or put temporary files elsewhere"
            + " (-Djava.io.tmpdir=FOLDER)\n");
    assertEquals(List.of("err.txt", "out.txt", "t.csv", "v.mp4"), names());
  }

  /** Tracks in a process that can write no file beyond so many KiB. */
  private Ran full(int kibibytes, Object... more) throws Exception {
    List<Object> arguments = new ArrayList<>(List.of("track", video, "--out", out));
    arguments.addAll(List.of("--iterations", 1));
    arguments.addAll(List.of(more));
    List<String> command = new ArrayList<>(List.of("/bin/bash", "-c"));
    command.add("ulimit -f " + kibibytes + " && exec \"$0\" -XX:-UsePerfData \"$@\"");
    command.addAll(childCommand(arguments.toArray()));
    Path err = folder.resolve("err.txt");
    Path printed = folder.resolve("out.txt");
    Process process =
        new ProcessBuilder(command)
            .redirectError(err.toFile())
            .redirectOutput(printed.toFile())
            .start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "did not end");
    return new Ran(process.exitValue(), Files.readString(printed), Files.readString(err));
  }
}
