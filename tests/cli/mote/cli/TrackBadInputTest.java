package mote.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
    assertNothing(missing, "a video does not exist: file=" + missing + "; check the path");
    Path empty = Files.createFile(folder.resolve("empty.mp4"));
    assertNothing(empty, "a video is empty: file=" + empty + ", bytes=0; fetch or record it again");
    Path text = Files.writeString(folder.resolve("text.mp4"), "this is no video".repeat(99));
    assertNothing(text, "a file cannot be read as a video: file=" + text + ", cause=");
    Path bare = Files.createDirectory(folder.resolve("bare"));
    assertNothing(
        bare,
        "a folder holds no picture: folder="
            + bare
            + "; give one with png, jpg, webp or bmp files");
  }

  @Test
  void soundIsNoVideo() throws IOException {
    Path sound = folder.resolve("sound.wav");
    AudioFormat format = new AudioFormat(8000, 16, 1, true, false);
    try (AudioInputStream silence =
        new AudioInputStream(new ByteArrayInputStream(new byte[1600]), format, 800)) {
      AudioSystem.write(silence, AudioFileFormat.Type.WAVE, sound.toFile());
    }
    assertNothing(
        sound,
        "a file holds no video: file="
            + sound
            + ", streams=1 (audio only); give a file with a video stream, or fetch this one again"
            + " if it was cut");
  }

  @Test
  void aVideoThatIsCutInItsHeaderHasNothingToKeep() throws IOException {
    Path video = video("cut.mp4", 3);
    Files.write(video, Arrays.copyOf(Files.readAllBytes(video), 40));
    assertNothing(
        video,
        "a file holds no video: file="
            + video
            + ", streams=0; give a file with a video stream, or fetch this one again if it was"
            + " cut");
  }

  /** Nothing was tracked: that message, and no file more than before. */
  private void assertNothing(Path video, String message) throws IOException {
    List<String> before = names();
    Ran ran = track(video, "--grid", "1", "--overlay", folder.resolve("o.mp4")).expect(1);
    assertSaid(ran, message);
    assertEquals("", ran.out());
    assertEquals(before, names());
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

  @ParameterizedTest
  @ValueSource(strings = {"cut.webm", "cut.mp4"})
  void aCutOffVideoKeepsTheRest(String name) throws IOException {
    Path cut = video(name, 40);
    byte[] bytes = Files.readAllBytes(cut);
    Files.write(cut, Arrays.copyOf(bytes, bytes.length * 6 / 10));
    Ran ran = track(cut, "--grid", "1").expect(1);
    int rows = Files.readAllLines(out()).size() - 1;
    assertTrue(rows > 0 && rows < 40, rows + " rows");
    assertSaid(ran, "a video is damaged or ends early: file=" + cut + ", frame=" + rows + ",");
    assertContains(ran.err(), "; frames before it are good, repair or re-encode the file\n");
    assertEquals(List.of(name, "t.csv"), names());
  }

  @Test
  void aCutOffVideoKeepsThePastOfItsPointsToo() throws IOException {
    Path cut = video("cut.webm", 40);
    byte[] bytes = Files.readAllBytes(cut);
    Files.write(cut, Arrays.copyOf(bytes, bytes.length * 6 / 10));
    Ran ran = track(cut, "--points", "30,20@5", "--backward").expect(1);
    assertContains(ran.err(), "mote: a video is damaged or ends early: file=" + cut);
    List<String> lines = Files.readAllLines(out());
    assertTrue(lines.get(1).startsWith("0,0,0,"), lines.get(1));
    assertTrue(lines.size() > 1 + 5, lines.size() + " lines");
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
    Ran none = track(video, "--points", "10,10@7", "--json").expect(1);
    assertContains(none.err(), "point starts on a frame that is not there: point=0, frame=7");
    assertTrue(none.json().get("out").isNull());
    assertEquals(1 + 4, Files.readAllLines(out()).size(), "the file of the run before is kept");
    assertContains(
        track(video, "--grid", "99").expect(1).err(), "grid does not fit the picture: n=99");
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
  void outputsThatCannotBeWrittenAreRefusedFirst() throws IOException {
    Path nowhere = folder.resolve("none/t.csv");
    Ran ran = run("track", "v.mp4", "--grid", "1", "--out", nowhere).expect(1);
    assertSaid(
        ran,
        "output folder cannot be written: path="
            + nowhere
            + ", folder="
            + nowhere.getParent()
            + "; create it or choose another");
    // Below a file nobody can write, whatever rights root has.
    Path file = Files.writeString(folder.resolve("file"), "kept");
    Path below = file.resolve("t.csv");
    assertSaid(
        run("track", "v.mp4", "--grid", "1", "--out", below).expect(1),
        "output folder cannot be written: path="
            + below
            + ", folder="
            + file
            + "; create it or choose another");
    assertEquals(List.of("file"), names());
    assertEquals("kept", Files.readString(file));
    assertContains(
        track(folder, "--grid", "1", "--overlay", folder.resolve("none/o.mp4")).expect(1).err(),
        "a video's folder does not exist");
  }

  /** Before tracking: what the encoder refuses would cost the whole wait otherwise. */
  @Test
  void overlaysThatCannotBeEncodedAreRefusedFirst() throws IOException {
    assertRefusedFirst(
        blank("low", 15, 64),
        folder.resolve("low.mp4"),
        "a video's size cannot be written: file="
            + folder.resolve("low.mp4")
            + ", height=15, width=64; keep both at least 16 and their product under 170 million");
    assertRefusedFirst(
        blank("large", 2880, 5120),
        folder.resolve("large.mp4"),
        "an encoder cannot be opened: codec=libopenh264, height=2880, width=5120,");
  }

  private void assertRefusedFirst(Path video, Path overlay, String message) throws IOException {
    List<String> before = names();
    Ran ran = track(video, "--grid", "1", "--overlay", overlay).expect(1);
    assertSaid(ran, message);
    assertFalse(ran.err().contains("wrote"), ran.err());
    assertEquals(before, names());
  }

  private Path blank(String name, int height, int width) throws IOException {
    Path target = Files.createDirectory(folder.resolve(name));
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int frame = 0; frame < 2; frame++) {
      ImageIO.write(picture, "png", target.resolve(frame + ".png").toFile());
    }
    return target;
  }
}
