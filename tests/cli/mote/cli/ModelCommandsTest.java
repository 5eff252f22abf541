package mote.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import mote.cpu.CpuProvider;
import mote.engine.Safetensors;
import mote.engine.WeightsFile;
import org.junit.jupiter.api.Assumptions;
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
  void verifySkipsChainsBelowFloat32AndGoesOn() throws IOException {
    Path chain = Path.of("tests/golden/mote-video.safetensors");
    // The reference has no bf16: going on from the chain to the window shows in its message.
    Ran ran = run("verify", chain, PACK, "--precision", "bf16", "--backend", "reference").expect(1);
    assertEquals(
        "skip mote-video: chains are checked in float32 only: precision=bf16; use f32, since a"
            + " threshold on visibility turns rounding into another window\n",
        ran.out());
    assertContains(ran.err(), "precision is not supported: backend=reference, precision=bf16");
    Ran alone = run("verify", chain, "--precision", "bf16", "--json").expect(1);
    assertContains(alone.err(), "mote: no pack was checked: skipped=1; use --precision f32");
    JsonNode verdict = alone.json().get(0);
    assertTrue(verdict.get("skipped").asText().startsWith("chains are checked in float32 only: "));
    assertFalse(verdict.has("worst_px"));
    assertContains(run("verify", "--help").out(), "Exit code 0 if every pack that was checked");
  }

  @Test
  void verifyIsMetWhereChainsAreSkippedAndWindowsPass() throws IOException {
    CpuProvider cpu = new CpuProvider();
    Assumptions.assumeTrue(cpu.unavailable() == null, "skipped: " + cpu.unavailable());
    String err = run("verify", PACK, "--precision", "bf16", "--backend", "cpu").err();
    Assumptions.assumeFalse(err.contains("processor has no bfloat16 products"), "skipped: " + err);
    Path chain = Path.of("tests/golden/mote-video.safetensors");
    Ran ran =
        run("verify", chain, PACK, "--precision", "bf16", "--backend", "cpu", "--json").expect(0);
    assertTrue(ran.json().get(0).has("skipped"));
    assertFalse(ran.json().get(1).has("skipped"));
    assertEquals("bf16", ran.json().get(1).get("precision").asText());
    assertTrue(ran.json().get(1).has("worst_logit"));
    Ran full = run("verify", chain, "--backend", "cpu", "--json").expect(0);
    assertFalse(full.json().get(0).has("worst_logit"), "a chain has no logits");
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
  void infoPrintsNothingThatSteersATerminal() {
    Path file = folder.resolve("w.safetensors");
    try (WeightsFile weights = WeightsFile.open(WEIGHTS)) {
      List<Safetensors.Tensor> tensors = new ArrayList<>();
      weights
          .architecture()
          .shapes()
          .forEach(
              (name, shape) ->
                  tensors.add(
                      new Safetensors.Tensor(
                          name, Safetensors.Type.F32, shape, weights.tensor(name))));
      Map<String, String> metadata = new HashMap<>(weights.metadata());
      metadata.put("mote.license", "free\u001b[2J\nsha256      0\u202e");
      Safetensors.write(file, metadata, tensors);
    }
    assertContains(run("info", file).expect(0).out(), "licence     free?[2J?sha256      0?\n");
  }

  @Test
  void convertRefusesWhatIsNoCheckpoint() throws IOException {
    Path in = Files.writeString(folder.resolve("in.pth"), "not a zip");
    Path out = folder.resolve("out.safetensors");
    assertContains(run("convert", in, out).expect(1).err(), in.toString());
    assertFalse(Files.exists(out));
  }

  /** What pickle makes of an object whose __reduce__ returns (os.system, (command,)). */
  @Test
  void convertCallsNothing() throws IOException {
    Path marker = folder.resolve("called");
    String command = "touch " + marker;
    ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    pickle.writeBytes(new byte[] {(byte) 0x80, 2});
    pickle.writeBytes("cposix\nsystem\nX".getBytes(StandardCharsets.US_ASCII));
    pickle.writeBytes(new byte[] {(byte) command.length(), 0, 0, 0});
    pickle.writeBytes(command.getBytes(StandardCharsets.US_ASCII));
    pickle.writeBytes(new byte[] {(byte) 0x85, 'R', '.'});
    Path in = folder.resolve("in.pth");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(in))) {
      zip.putNextEntry(new ZipEntry("archive/data.pkl"));
      zip.write(pickle.toByteArray());
      zip.putNextEntry(new ZipEntry("archive/version"));
      zip.write('3');
    }
    Ran ran = run("convert", in, folder.resolve("out.safetensors")).expect(1);
    assertSaid(
        ran,
        "checkpoint tries to call something: path="
            + in
            + ", offset=16, callable=\"posix.system\"; nothing was executed, give a checkpoint that"
            + " holds tensors, plain containers and numbers only");
    assertEquals(List.of("in.pth"), names(), "neither called nor written");
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
