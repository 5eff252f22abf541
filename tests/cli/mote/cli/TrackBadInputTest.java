package mote.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** What mote track says to bad input, that it exits with 1, and that nothing tracked is lost. */
class TrackBadInputTest extends CliFixture {
  private Path out() {
    return folder.resolve("t.csv");
  }

  private Ran track(Path video, Object... more) {
    Object[] arguments = new Object[5 + more.length];
    arguments[0] = "track";
    arguments[1] = video;
    arguments[2] = "--out";
    arguments[3] = out();
    arguments[4] = "--iterations=1";
    System.arraycopy(more, 0, arguments, 5, more.length);
    return run(arguments);
  }

  @Test
  void videosThatAreNone() throws IOException {
    Path missing = folder.resolve("none.mp4");
    assertContains(track(missing, "--grid", "1").expect(1).err(), "file=" + missing);
    Path empty = Files.createFile(folder.resolve("empty.mp4"));
    assertContains(track(empty, "--grid", "1").expect(1).err(), "a video is empty: file=" + empty);
    Path text = Files.writeString(folder.resolve("text.mp4"), "this is no video".repeat(99));
    assertContains(track(text, "--grid", "1").expect(1).err(), "file=" + text);
    Path bare = Files.createDirectory(folder.resolve("bare"));
    assertContains(track(bare, "--grid", "1").expect(1).err(), bare.toString());
    assertFalse(Files.exists(out()));
  }

  @Test
  void framesThatChangeSizeKeepTheRest() throws IOException {
    Path video = pictures("frames", 9);
    ImageIO.write(
        new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB),
        "png",
        video.resolve("00005.png").toFile());
    Path overlay = folder.resolve("o.gif");
    Ran ran = track(video, "--grid", "1", "--overlay", overlay).expect(1);
    assertContains(ran.err(), "00005.png");
    assertContains(ran.err(), "1 points, 5 frames");
    assertEquals(1 + 5, Files.readAllLines(out()).size());
    assertTrue(Files.size(overlay) > 0);
  }

  @Test
  void aCutOffVideoKeepsTheRest() throws IOException {
    Path whole = video("whole.webm", 40);
    byte[] bytes = Files.readAllBytes(whole);
    Path cut = folder.resolve("cut.webm");
    Files.write(cut, java.util.Arrays.copyOf(bytes, bytes.length / 2));
    Ran ran = track(cut, "--grid", "1").expect(1);
    assertContains(ran.err(), "file=" + cut);
    int rows = Files.readAllLines(out()).size() - 1;
    assertTrue(rows > 0 && rows < 40, rows + " rows");
  }

  @Test
  void pointsOutsideOfTheVideo() throws IOException {
    Path video = pictures("frames", 4);
    assertContains(
        track(video, "--points", "900,10").expect(1).err(),
        "point lies outside the picture: point=0, x=900.0, y=10.0, width=64, height=48; give 0 <= x"
            + " <= 63 and 0 <= y <= 47");
    assertFalse(Files.exists(out()));
    Ran late = track(video, "--points", "10,10;10,10@7").expect(1);
    assertContains(late.err(), "point starts on a frame that is not there: point=1, frame=7");
    assertEquals(1 + 4, Files.readAllLines(out()).size(), "the other point is kept");
    assertContains(
        track(video, "--grid", "99").expect(1).err(), "grid does not fit the picture: n=99");
    assertContains(
        track(video, "--points", "1;2").expect(1).err(), "point is malformed: point=0, text=\"1\"");
  }

  @Test
  void pointsFilesSayTheLine() throws IOException {
    Path video = pictures("frames", 3);
    Path points = folder.resolve("p.csv");
    Files.writeString(points, "x,y\n1,2\n3,oops\n");
    Ran ran = track(video, "--points-file", points).expect(1);
    assertContains(ran.err(), "line=3");
    assertContains(ran.err(), points.toString());
  }

  @Test
  void outputsThatCannotBeWrittenAreRefusedFirst() {
    Path nowhere = folder.resolve("none/t.csv");
    Ran ran = run("track", "v.mp4", "--grid", "1", "--out", nowhere).expect(1);
    assertContains(ran.err(), "output folder cannot be written: path=" + nowhere);
    assertContains(
        run("track", "v.mp4", "--grid", "1", "--out", folder.resolve("t.xls")).expect(1).err(),
        "t.xls");
    assertContains(
        track(folder, "--grid", "1", "--overlay", folder.resolve("none/o.mp4")).expect(1).err(),
        "a video's folder does not exist");
    assertContains(
        track(folder, "--grid", "1", "--overlay", folder.resolve("o.avi")).expect(1).err(),
        "o.avi");
  }

  @Test
  void weightsThatAreNone() throws IOException {
    Path video = pictures("frames", 3);
    Path weights = folder.resolve("w.safetensors");
    for (byte[] content :
        List.of(
            new byte[0],
            new byte[] {-1, -1, -1, -1, -1, -1, -1, 127, '{'},
            "\2\0\0\0\0\0\0\0{}".getBytes(StandardCharsets.ISO_8859_1))) {
      Files.write(weights, content);
      Ran ran = track(video, "--grid", "1", "--weights", weights).expect(1);
      assertContains(ran.err(), weights.toString());
    }
    byte[] shipped = Files.readAllBytes(Home.file(WeightsOption.SHIPPED));
    Files.write(weights, java.util.Arrays.copyOf(shipped, shipped.length - 4));
    assertContains(
        track(video, "--grid", "1", "--weights", weights).expect(1).err(), weights.toString());
    assertFalse(Files.exists(out()));
  }

  @Test
  void numbersOutOfRange() throws IOException {
    Path video = pictures("frames", 3);
    assertContains(
        run("track", video, "--grid", "1", "--iterations", "0", "--out", out()).expect(1).err(),
        "iterations are out of range: iterations=0; give 1 to 64");
    assertContains(
        track(video, "--grid", "1", "--trail", "-1").expect(1).err(),
        "trail is negative: trail=-1");
    assertContains(
        track(video, "--grid", "1", "--backend", "gpu").expect(1).err(),
        "backend is not part of this build: backend=gpu");
    assertContains(
        track(video, "--grid", "1", "--size", "16x16").expect(1).err(), "size is out of range");
  }
}
