package mote.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipFile;
import mote.engine.FrameSource;
import mote.engine.Frames;
import mote.media.Videos;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.junit.jupiter.api.Test;

/** mote track from video to files. */
class TrackCommandTest extends CliFixture {
  private static final String COLUMNS = "frame,timestamp_ns,point,x,y,visibility,confidence";

  @Test
  void followsThePatternAndSaysWhatItDid() throws IOException {
    Path out = folder.resolve("t.csv");
    Ran ran =
        run("track", video("v.mp4", 12), "--points", "40,24;30,20@4", "--out", out, "--json")
            .expect(0);
    JsonNode summary = ran.json();
    assertEquals(12, summary.get("frames").asInt());
    assertEquals(2, summary.get("points").asInt());
    assertTrue(summary.get("complete").asBoolean());
    assertContains(ran.err(), "working size 64x48 for video of 64x48");
    assertContains(ran.err(), "mote: backend: ");
    List<String> lines = Files.readAllLines(out);
    assertEquals(COLUMNS, lines.get(0));
    assertEquals(1 + 12 + 8, lines.size());
    String[] last = lines.get(lines.size() - 2).split(",");
    assertEquals("11", last[0]);
    assertEquals("0", last[2]);
    assertEquals(40 - 11 * SPEED, Double.parseDouble(last[3]), 2);
    assertEquals(24, Double.parseDouble(last[4]), 2);
  }

  @Test
  void standardOutputIsEmptyUnlessAsked() {
    Ran ran = run("track", video("v.mp4", 3), "--grid", "1", "--out", folder.resolve("t.csv"));
    assertEquals("", ran.expect(0).out());
  }

  @Test
  void writesEveryForm() throws IOException {
    Path video = video("v.mp4", 5);
    for (String form : List.of("arrow", "npz", "json")) {
      run("track", video, "--grid", "2", "--iterations", "1", "--out", folder.resolve("t." + form))
          .expect(0);
    }
    try (RootAllocator allocator = new RootAllocator();
        var file = Files.newByteChannel(folder.resolve("t.arrow"));
        ArrowFileReader reader = new ArrowFileReader(file, allocator)) {
      long rows = 0;
      while (reader.loadNextBatch()) {
        rows += reader.getVectorSchemaRoot().getRowCount();
      }
      assertEquals(20, rows);
    }
    try (ZipFile npz = new ZipFile(folder.resolve("t.npz").toFile())) {
      assertTrue(npz.stream().anyMatch(entry -> entry.getName().equals("tracks.npy")));
    }
    assertFalse(new ObjectMapper().readTree(folder.resolve("t.json").toFile()).isEmpty());
  }

  @Test
  void pointsFileAndBackward() throws IOException {
    Path points = folder.resolve("p.csv");
    Files.writeString(points, "x,y,frame\n30,20,4\n");
    Path out = folder.resolve("t.csv");
    Path video = pictures("frames", 8);
    run("track", video, "--points-file", points, "--backward", "--out", out).expect(0);
    assertEquals(1 + 8, Files.readAllLines(out).size());
    run("track", video, "--points-file", points, "--out", out).expect(0);
    assertEquals(1 + 4, Files.readAllLines(out).size());
  }

  @Test
  void startAndEndAreTimesOrFrames() throws IOException {
    Path out = folder.resolve("t.csv");
    Path video = video("v.mp4", 12); // 25 frames a second
    run("track", video, "--grid", "1", "--start", "0.16", "--end", "8f", "--out", out).expect(0);
    List<String> lines = Files.readAllLines(out);
    assertEquals(1 + 4, lines.size());
    assertTrue(lines.get(1).startsWith("4,160000000,0,"), lines.get(1));
    assertTrue(lines.get(4).startsWith("7,"), lines.get(4));
    Ran late = run("track", video, "--grid", "1", "--start", "99", "--out", out).expect(1);
    assertContains(late.err(), "video ends before the start: frames=12; give an earlier --start");
    Ran empty = run("track", video, "--grid", "1", "--start", "5f", "--end", "0.2", "--out", out);
    assertContains(empty.expect(1).err(), "no frame lies between start and end: frame=5");
  }

  @Test
  void onlyPointsWithoutAFrameStartWhereTrackingDoes() throws IOException {
    Path out = folder.resolve("t.csv");
    Path video = video("v.mp4", 6);
    Path plain = folder.resolve("plain.csv");
    Files.writeString(plain, "x,y\n30,20\n");
    Path framed = folder.resolve("framed.csv");
    Files.writeString(framed, "x,y,frame\n30,20,0\n");
    for (List<Object> points :
        List.<List<Object>>of(
            List.of("--points", "30,20"),
            List.of("--points-file", plain),
            List.of("--grid", "1"))) {
      run("track", video, points.get(0), points.get(1), "--start", "2f", "--out", out).expect(0);
      assertTrue(Files.readAllLines(out).get(1).startsWith("2,"), points.toString());
      Files.delete(out);
    }
    for (List<Object> points :
        List.<List<Object>>of(
            List.of("--points", "30,20@0"),
            List.of("--points-file", framed),
            List.of("--grid", "1@0"))) {
      Ran ran =
          run(
              "track",
              video,
              points.get(0),
              points.get(1),
              "--start",
              "2f",
              "--out",
              out,
              "--json");
      assertContains(
          ran.expect(1).err(),
          "point starts before the first frame: point=0, frame=0, first_frame=2; give a frame from there on or begin earlier");
      assertTrue(ran.json().get("out").isNull(), "nothing was written");
      assertFalse(Files.exists(out));
    }
  }

  @Test
  void overlayHasEveryFrame() {
    Path overlay = folder.resolve("o.mp4");
    run(
            "track",
            video("v.mp4", 6),
            "--grid",
            "2",
            "--iterations",
            "1",
            "--out",
            folder.resolve("t.csv"),
            "--overlay",
            overlay,
            "--trail",
            "3")
        .expect(0);
    int frames = 0;
    try (FrameSource source = Videos.open(overlay);
        RootAllocator allocator = new RootAllocator();
        Frames batch = new Frames(allocator, HEIGHT, WIDTH, 1)) {
      assertEquals(WIDTH, source.width());
      while (source.read(batch) > 0) {
        frames++;
      }
    }
    assertEquals(6, frames);
  }

  @Test
  void workingSizeIsChosenOrGiven() throws IOException {
    Path out = folder.resolve("t.csv");
    Ran given =
        run(
            "track",
            video("v.mp4", 3),
            "--grid",
            "1",
            "--size",
            "48x32",
            "--iterations",
            "1",
            "--out",
            out,
            "--json");
    assertEquals(48, given.expect(0).json().get("working_width").asInt());
    assertEquals(32, given.json().get("working_height").asInt());
    assertFalse(given.err().contains("working size"));
  }

  @Test
  void aSizeOfNothingIsNoSize() {
    for (String size : List.of("0x0", "0x32", "64x0", "64", "-1x5")) {
      Ran ran =
          run("track", "v.mp4", "--grid", "1", "--out", folder.resolve("t.csv"), "--size=" + size);
      assertContains(ran.expect(2).err(), "mote: size is ");
    }
  }

  @Test
  void aTrailMayBeLongerThanTheVideo() {
    run(
            "track",
            video("v.mp4", 3),
            "--grid",
            "1",
            "--iterations",
            "1",
            "--out",
            folder.resolve("t.csv"),
            "--overlay",
            folder.resolve("o.gif"),
            "--trail",
            Integer.MAX_VALUE)
        .expect(0);
    assertTrue(Files.exists(folder.resolve("o.gif")));
  }
}
