package mote.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** verify, info, convert and pick. */
class ModelCommandsTest extends CliFixture {
  private static final Path PACK = Path.of("tests/golden/mote-window.safetensors");
  private static final Path WEIGHTS = Path.of(WeightsOption.SHIPPED);

  @Test
  void verifyPassesAPackAndMissesWithOtherWeights() throws IOException {
    Ran passed = run("verify", PACK, "--precision", "f32").expect(0);
    assertTrue(passed.out().startsWith("ok"), passed.out());
    assertEquals(1, passed.out().lines().count());
    byte[] bytes = Files.readAllBytes(WEIGHTS);
    Arrays.fill(bytes, bytes.length - 100_000, bytes.length, (byte) 0);
    Path spoilt = Files.write(folder.resolve("spoilt.safetensors"), bytes);
    Ran missed = run("verify", PACK, "--weights", spoilt, "--precision", "f32", "--json").expect(1);
    JsonNode verdict = missed.json().get(0);
    assertEquals("mote-window", verdict.get("pack").asText());
    assertTrue(verdict.get("worst_px").asDouble() > 1e-3);
    assertFalse(verdict.get("failures").isEmpty());
  }

  @Test
  void verifyRefusesWhatIsNoPack() {
    Ran ran = run("verify", WEIGHTS).expect(1);
    assertContains(ran.err(), WEIGHTS.getFileName().toString());
  }

  @Test
  void infoSaysWhatWeightsAre() throws IOException {
    String text = run("info", WEIGHTS).expect(0).out();
    assertContains(text, "mote-s");
    assertContains(text, "Apache-2.0");
    JsonNode json = run("info", "--json", WEIGHTS).expect(0).json();
    assertEquals(64, json.get("sha256").asText().length());
    assertEquals(Files.size(WEIGHTS), json.get("bytes").asLong());
    assertEquals("mote", json.get("architecture").get("family").asText());
  }

  @Test
  void convertRefusesWhatIsNoCheckpoint() throws IOException {
    Path in = Files.writeString(folder.resolve("in.pth"), "not a zip");
    Path out = folder.resolve("out.safetensors");
    assertContains(run("convert", in, out).expect(1).err(), in.toString());
    assertFalse(Files.exists(out));
  }

  @Test
  void pickWithoutADisplayWritesAGridAndAnEmptyPointsFile() throws IOException {
    Path points = folder.resolve("p.csv");
    Ran ran = run("pick", video("v.mp4", 3), "--out", points, "--no-window").expect(0);
    assertContains(ran.err(), "grid of frame 0");
    assertTrue(Files.size(folder.resolve("p.png")) > 0);
    assertEquals("x,y,frame\n", Files.readString(points));
    Files.writeString(points, "x,y\n1,2\n");
    run("pick", folder.resolve("v.mp4"), "--out", points, "--no-window").expect(0);
    assertEquals("x,y\n1,2\n", Files.readString(points), "points are not thrown away");
  }
}
