package mote.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** The evaluations on small sets with a known answer. */
class EvalCommandTest extends CliFixture {
  private static final int FRAMES = 9;

  /** Our pixel to that of the pictures that BADJA's joints are annotated on. */
  private static final double COLUMNS = 1920.0 / WIDTH;

  private static final double ROWS = 1080.0 / HEIGHT;

  @Test
  void badja() throws IOException {
    pictures("cat", FRAMES);
    Files.createDirectories(folder.resolve("badja"));
    Path masks = Files.createDirectories(folder.resolve("masks/cat"));
    // A mask of a quarter of the picture: the threshold is 0.2 * sqrt(160 * 256) = 40 pixels of
    // 512x320,
    // 5 of ours in x; the pattern moves 8.
    BufferedImage mask = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY);
    for (int y = 0; y < HEIGHT / 2; y++) {
      for (int x = 0; x < WIDTH / 2; x++) {
        mask.getRaster().setSample(x, y, 0, 255);
      }
    }
    ImageIO.write(mask, "png", masks.resolve("00003.png").toFile());
    ImageIO.write(mask, "png", masks.resolve("00008.png").toFile());
    Files.writeString(
        folder.resolve("badja/cat.json"),
        "[" + annotation(0) + "," + annotation(3) + "," + annotation(8) + "]");
    Files.writeString(folder.resolve("badja/dog.json"), "[]"); // no pictures: not scored
    List<JsonNode> rows = rows(run("eval", "badja", folder, "--json").expect(0));
    // After 3 pixels every joint is still a hit without moving, after 8 none.
    assertEquals(50, value(rows, "zero", "cat", "pck"), 1e-9);
    assertEquals(100, value(rows, "lk", "cat", "pck"), 1e-9);
    assertEquals(100, value(rows, "dis", "cat", "pck"), 1e-9);
    assertTrue(value(rows, "mote", "cat", "pck") >= 50);
    // A feature pixel of 512x320 is half a pixel of ours; the flow is that of 8 to 1 enlarged ones.
    assertTrue(value(rows, "match", "cat", "pck") >= 50);
    assertEquals(8 * 3, rows.size());
    // Joints that do not move are 3 and 8 of our pixels off, 24 and 64 of the protocol's.
    assertEquals(44, value(rows, "zero", "cat", "mean_px"), 1e-3);
    assertEquals(44, value(rows, "zero", "cat", "median_px"), 1e-3);
    assertEquals(40, rows.get(0).get("count").asInt());
    // With another video, on which all is hit: the plain mean of both, whatever their lengths.
    pictures("dog", 4);
    Files.createDirectories(folder.resolve("masks/dog"));
    ImageIO.write(mask, "png", folder.resolve("masks/dog/00003.png").toFile());
    Files.writeString(
        folder.resolve("badja/dog.json"), "[" + annotation(0) + "," + annotation(3) + "]");
    rows = rows(run("eval", "badja", folder, "--json").expect(0));
    assertEquals(100, value(rows, "zero", "dog", "pck"), 1e-9);
    assertEquals(75, value(rows, "zero", "badja", "pck"), 1e-9);
    assertEquals(8 * 3 * 3, rows.size());
    Files.delete(folder.resolve("badja/dog.json"));
    Files.writeString(folder.resolve("badja/cat.json"), "[" + annotation(0) + "]");
    assertContains(
        run("eval", "badja", folder, "--json").expect(1).err(),
        "no visible joint is annotated after the first frame: video=cat, first=0, frames=9; give the whole video");
  }

  private static String annotation(int frame) {
    StringBuilder joints = new StringBuilder();
    StringBuilder visibility = new StringBuilder();
    for (int joint = 0; joint < 37; joint++) {
      double x = (28 + joint % 6 * 4 - frame * SPEED) * COLUMNS;
      double y = (14 + joint / 6 * 4) * ROWS;
      joints.append(joint == 0 ? "" : ",").append("[" + y + "," + x + "]");
      visibility.append(joint == 0 ? "" : ",").append("true");
    }
    return "{\"image_path\":\"a/b/%05d.jpg\",\"joints\":[%s],\"visibility\":[%s]}"
        .formatted(frame, joints, visibility);
  }

  @Test
  void house() throws IOException {
    pictures("images", FRAMES);
    int points = 3;
    ByteBuffer xy = ByteBuffer.allocate(FRAMES * points * 2 * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (int frame = 0; frame < FRAMES; frame++) {
      for (int n = 0; n < points; n++) {
        xy.putFloat(30 + 8 * n - frame * SPEED).putFloat(24);
      }
    }
    String header =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d, 2), }"
            .formatted(FRAMES, points);
    ByteBuffer file = ByteBuffer.allocate(10 + header.length() + xy.capacity());
    file.order(ByteOrder.LITTLE_ENDIAN);
    file.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    file.putShort((short) header.length());
    file.put(header.getBytes(StandardCharsets.ISO_8859_1)).put(xy.array());
    Files.write(folder.resolve("tracks_111x30x2_xy.npy"), file.array());
    List<JsonNode> rows = rows(run("eval", "house", folder, "--json").expect(0));
    assertEquals(4.5, value(rows, "zero", "house", "mean_px"), 1e-6);
    assertEquals(8, value(rows, "zero", "house", "last_median_px"), 1e-6);
    assertTrue(value(rows, "lk", "house", "mean_px") < 0.2);
    assertTrue(value(rows, "dis", "house", "mean_px") < 0.5);
    assertTrue(value(rows, "match", "house", "median_px") < 4, "a feature pixel");
    assertTrue(value(rows, "mote", "house", "median_px") < 2);
    Files.delete(folder.resolve("images/00008.png"));
    assertContains(
        run("eval", "house", folder).expect(1).err(),
        "pictures and tracks differ in number: folder=" + folder.resolve("images"));
  }

  @Test
  void tapvid() throws IOException {
    for (String mode : List.of("first", "strided")) {
      Path file = Home.file("tests/cli/tapvid/davis-4.pkl");
      List<JsonNode> rows =
          rows(run("eval", "tapvid", file, "--query-mode", mode, "--json").expect(0));
      for (String method : List.of("zero", "lk", "dis", "match", "mote", "live-1", "live-4")) {
        double value = value(rows, method, "tapvid-" + mode, "average_jaccard");
        assertTrue(value >= 0 && value <= 100, method + ": " + value);
      }
      double still = value(rows, "zero", "tapvid-" + mode, "delta_avg_visible");
      assertEquals(mode.equals("first") ? 33.0303 : 42, still, 1e-4);
    }
    Path none = folder.resolve("none.pkl");
    assertContains(
        run("eval", "tapvid", none).expect(1).err(), "file cannot be read: file=" + none);
  }

  @Test
  void missingSetsAreNamed() {
    assertContains(
        run("eval", "badja", folder).expect(1).err(), "no annotated video: folder=" + folder);
    assertContains(
        run("eval", "house", folder).expect(1).err(), "array cannot be read: file=" + folder);
  }

  private static List<JsonNode> rows(Ran ran) throws IOException {
    List<JsonNode> rows = new ArrayList<>();
    ran.json().forEach(rows::add);
    return rows;
  }

  private static double value(List<JsonNode> rows, String method, String video, String metric) {
    return rows.stream()
        .filter(row -> row.get("method").asText().equals(method))
        .filter(row -> row.get("video").asText().equals(video))
        .filter(row -> row.get("metric").asText().equals(metric))
        .findFirst()
        .orElseThrow()
        .get("value")
        .asDouble();
  }
}
