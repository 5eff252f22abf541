package mote.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a command reads it does not write over, under whatever name. */
class OwnFilesTest extends CliFixture {
  @Test
  void anOverlayIsNotTheVideoItself() throws IOException {
    Path video = video("v.mp4", 3);
    byte[] before = Files.readAllBytes(video);
    Path link = Files.createSymbolicLink(folder.resolve("link.mp4"), video);
    for (Path overlay : List.of(video, folder.resolve("../" + folder.getFileName() + "/v.mp4"))) {
      Ran ran =
          run("track", link, "--grid", "1", "--out", folder.resolve("t.csv"), "--overlay", overlay);
      assertEquals(
          "mote: output would replace an input: output=%s, input=%s; give it another name"
              .formatted(overlay, link),
          ran.expect(1).err().strip());
    }
    assertArrayEquals(before, Files.readAllBytes(video));
    assertEquals(List.of("link.mp4", "v.mp4"), names());
  }

  @Test
  void tracksAreNotWrittenOverTheirPoints() throws IOException {
    Path points = folder.resolve("p.csv");
    Files.writeString(points, "x,y\n30,20\n");
    Ran ran = run("track", video("v.mp4", 3), "--points-file", points, "--out", points);
    assertEquals(
        "mote: output would replace an input: output=%s, input=%s; give it another name"
            .formatted(points, points),
        ran.expect(1).err().strip());
    assertEquals("x,y\n30,20\n", Files.readString(points));
  }

  @Test
  void aGridSpoilsNeitherPictureNorFolder() throws IOException {
    Path pictures = pictures("frames", 2);
    Path one = Files.copy(pictures.resolve("00000.png"), folder.resolve("walk.png"));
    Ran replaced = run("pick", one, "--no-window", "--out", folder.resolve("walk.csv"));
    assertEquals(
        "mote: output would replace an input: output=%s, input=%s; give it another name"
            .formatted(one, one),
        replaced.expect(1).err().strip());
    Path inside = pictures.resolve("points.csv");
    Ran spoiled = run("pick", pictures, "--no-window", "--out", inside);
    assertEquals(
        "mote: picture with a grid would become a frame of the video: picture=%s, video=%s; give --out in another folder"
            .formatted(pictures.resolve("points.png"), pictures),
        spoiled.expect(1).err().strip());
    assertEquals(List.of("frames", "walk.png"), names());
    run("pick", pictures, "--no-window", "--out", folder.resolve("points.csv")).expect(0);
    assertTrue(Files.exists(folder.resolve("points.png")));
  }

  @Test
  void pointsAreNotWrittenOverAFolder() {
    for (String out : List.of("/", folder.toString())) {
      Ran ran = run("pick", video("v.mp4", 2), "--no-window", "--out", out);
      assertEquals(
          "mote: output is a folder: path=" + out + "; name a file in it",
          ran.expect(1).err().strip());
    }
  }
}
