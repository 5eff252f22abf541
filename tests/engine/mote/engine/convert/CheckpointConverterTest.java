package mote.engine.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import mote.engine.MoteException;
import mote.engine.WeightsFile;
import mote.engine.WeightsInfo;
import mote.engine.convert.CheckpointConverter.Conversion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checkpoints that torch wrote (tests/convert/make_pth.py), whole and broken. */
class CheckpointConverterTest {
  private static final String PICKLE = "pips-tiny/data.pkl";

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"pips-tiny.pth, 0", "pips-tiny-protocol4.pth, 0", "pips-tiny-wrapped.pth, 1"})
  void everyValueArrives(String name, int skipped) {
    Path out = folder.resolve("out.safetensors");
    Conversion conversion = CheckpointConverter.convert(Pth.fixture(name), out, Pth.TINY);
    assertEquals(Pth.TINY.shapes().size(), conversion.tensors());
    assertEquals(Pth.TINY.parameters(), conversion.parameters());
    assertEquals(skipped, conversion.skipped().size());
    try (WeightsFile weights = WeightsFile.open(out)) {
      assertEquals(Pth.TINY, weights.architecture());
      assertEquals("MIT", weights.metadata().get("mote.license"));
      assertEquals(
          "sha256:" + WeightsInfo.sha256(Pth.fixture(name)), weights.metadata().get("mote.source"));
      int k = 0;
      for (String tensor : Pth.TINY.shapes().keySet()) {
        float[] values = weights.tensor(tensor).toArray(ValueLayout.JAVA_FLOAT);
        for (int i = 0; i < values.length; i++) {
          assertEquals(Pth.value(k, i), values[i], tensor + " " + i);
        }
        k++;
      }
    }
  }

  @Test
  void infoSaysWhatTheFileIs() throws IOException {
    Path out = folder.resolve("out.safetensors");
    Conversion conversion =
        CheckpointConverter.convert(Pth.fixture("pips-tiny.pth"), out, Pth.TINY);
    WeightsInfo info = WeightsInfo.of(out);
    assertEquals(Pth.TINY, info.architecture());
    assertEquals(14497, info.parameters());
    assertEquals(Files.size(out), info.bytes());
    assertEquals(WeightsInfo.sha256(out), info.sha256());
    JsonNode json = new ObjectMapper().readTree(info.toJson());
    assertEquals("pips", json.get("architecture").get("family").asText());
    assertEquals("MIT", json.get("license").asText());
    assertEquals("sha256:" + conversion.sourceSha256(), json.get("source").asText());
    assertEquals(info.sha256(), json.get("sha256").asText());
    assertEquals(14497, json.get("parameters").asInt());
    assertTrue(json.get("training").asText().startsWith("by its authors"));
  }

  @Test
  void theOptimizersStorageIsNotTouched() throws IOException {
    Map<String, byte[]> entries = Pth.tiny();
    String pickle = new String(entries.get(PICKLE), StandardCharsets.ISO_8859_1);
    int first =
        Integer.parseInt(
            entries.keySet().stream()
                .filter(name -> name.startsWith("pips-tiny/data/"))
                .map(name -> name.substring(name.lastIndexOf('/') + 1))
                .min((a, b) -> Integer.compare(Integer.parseInt(a), Integer.parseInt(b)))
                .orElseThrow());
    assertTrue(pickle.indexOf("optimizer_state_dict") < pickle.indexOf("model_state_dict"));
    entries.remove("pips-tiny/data/" + first);
    Path out = folder.resolve("out.safetensors");
    Path in = Pth.write(folder.resolve("in.pth"), entries);
    assertEquals(68, CheckpointConverter.convert(in, out, Pth.TINY).tensors());
  }

  @Test
  void anotherArchitectureIsSaid() {
    Path in = Pth.fixture("pips-tiny.pth");
    String message = failure(in, () -> CheckpointConverter.convert(in, out()));
    assertTrue(
        message.startsWith(
            "checkpoint does not fit the architecture: path=F, architecture=pips,"
                + " missing=[\"delta_block.to_delta.2.0.fn.0.weight\", "),
        message);
    assertTrue(message.contains(" and 126 more, unexpected=["), message);
    assertTrue(
        message.contains("\"fnet.conv1.weight torch.FloatStorage[8, 3, 7, 7] for [64, 3, 7, 7]\""),
        message);
    assertTrue(message.endsWith("; give a checkpoint of this architecture"), message);
  }

  @Test
  void renamedTensorsAreMissingAndUnexpected() throws IOException {
    Path in = withPickle("vis_predictor.0.bias", "vis_predictor.0.bios");
    assertEquals(
        "checkpoint does not fit the architecture: path=F, architecture=pips-tiny,"
            + " missing=[\"vis_predictor.0.bias\"], unexpected=[\"vis_predictor.0.bios\"],"
            + " mismatched=[]; give a checkpoint of this architecture",
        failure(in, () -> CheckpointConverter.convert(in, out(), Pth.TINY)));
  }

  @Test
  void aTensorThatStandsTwiceIsRefused() throws IOException {
    Pickle pickle = new Pickle().raw('}').text("model_state_dict").raw('}');
    pickle.text("module.a").tensor(1, 0, 1, 1).raw('s');
    pickle.text("a").tensor(1, 0, 1, 1).raw('s').raw('s');
    Map<String, byte[]> entries =
        Map.of("x/data.pkl", pickle.stop(), "x/version", new byte[] {'3'});
    Path in = Pth.write(folder.resolve("in.pth"), entries);
    assertEquals(
        "checkpoint has a tensor twice: path=F, tensor=\"a\"; fetch it again",
        failure(in, () -> CheckpointConverter.convert(in, out(), Pth.TINY)));
  }

  @Test
  void integersAreNoParameters() throws IOException {
    Path in = withPickle("FloatStorage", "ShortStorag");
    String message = failure(in, () -> CheckpointConverter.convert(in, out(), Pth.TINY));
    assertTrue(message.startsWith("checkpoint tries to call something: path=F, "), message);
    Path shorts = withPickle("ctorch\nFloatStorage", "ctorch\nIntStorage");
    message = failure(shorts, () -> CheckpointConverter.convert(shorts, out(), Pth.TINY));
    assertTrue(message.contains("torch.IntStorage[8, 3, 7, 7] for [8, 3, 7, 7]"), message);
  }

  @Test
  void checkpointsWithoutModelAreRefused() throws IOException {
    Path in = withPickle("model_state_dict", "model_state_dick");
    assertEquals(
        "checkpoint holds no model: path=F, missing=model_state_dict,"
            + " keys=\"[optimizer_state_dict, model_state_dick]\"; give a checkpoint of the"
            + " published training code",
        failure(in, () -> CheckpointConverter.convert(in, out(), Pth.TINY)));
    Map<String, byte[]> entries = Pth.tiny();
    entries.put(
        PICKLE,
        new Pickle()
            .raw('}')
            .text("model_state_dict")
            .raw('}')
            .text("a")
            .number(1)
            .raw('s', 's')
            .stop());
    Path number = Pth.write(folder.resolve("in.pth"), entries);
    assertEquals(
        "checkpoint's model holds something that is no tensor: path=F, name=\"a\"; fetch it again",
        failure(number, () -> CheckpointConverter.convert(number, out(), Pth.TINY)));
  }

  @Test
  void valuesThatAreNotFiniteAreRefused() throws IOException {
    Map<String, byte[]> entries = Pth.tiny();
    String name = largest(entries);
    byte[] values = entries.get(name);
    Arrays.fill(values, 8, 12, (byte) 0xff);
    Path in = Pth.write(folder.resolve("in.pth"), entries);
    assertEquals(
        "weight is not finite: path=F, tensor=fnet.conv2.weight, index=2, value=NaN; fetch the"
            + " checkpoint again",
        failure(in, () -> CheckpointConverter.convert(in, out(), Pth.TINY)));
  }

  @Test
  void storagesOfAnotherSizeAreRefused() throws IOException {
    Map<String, byte[]> entries = Pth.tiny();
    String name = largest(entries);
    String entry = name.substring(name.indexOf('/'));
    entries.put(name, Arrays.copyOf(entries.get(name), 100));
    Path small = Pth.write(folder.resolve("in.pth"), entries);
    assertEquals(
        "checkpoint is damaged: path=F, entry=%s, cause=\"100 bytes instead of 9216\"; fetch it again"
            .formatted(entry),
        failure(small, () -> CheckpointConverter.convert(small, out(), Pth.TINY)));
    entries.remove(name);
    Path missing = Pth.write(folder.resolve("in.pth"), entries);
    assertEquals(
        "checkpoint is damaged: path=F, entry=%s, cause=\"missing\"; fetch it again"
            .formatted(entry),
        failure(missing, () -> CheckpointConverter.convert(missing, out(), Pth.TINY)));
  }

  @Test
  void anOutputThatCannotBeWrittenIsSaid() {
    Path in = Pth.fixture("pips-tiny.pth");
    Path out = folder.resolve("missing").resolve("out.safetensors");
    String message =
        assertThrows(MoteException.class, () -> CheckpointConverter.convert(in, out, Pth.TINY))
            .getMessage();
    assertTrue(message.startsWith("file cannot be written: path=" + out + ", cause="), message);
    assertEquals(
        "output is the checkpoint itself: path=F; give another name",
        failure(in, () -> CheckpointConverter.convert(in, in, Pth.TINY)));
  }

  private Path out() {
    return folder.resolve("out.safetensors");
  }

  /** The fixture with a text in its pickle exchanged for another. */
  private Path withPickle(String from, String to) throws IOException {
    Map<String, byte[]> entries = Pth.tiny();
    String pickle = new String(entries.get(PICKLE), StandardCharsets.ISO_8859_1);
    assertTrue(pickle.contains(from));
    entries.put(PICKLE, pickle.replace(from, to).getBytes(StandardCharsets.ISO_8859_1));
    return Pth.write(folder.resolve("in.pth"), entries);
  }

  private static String largest(Map<String, byte[]> entries) {
    return entries.keySet().stream()
        .filter(name -> name.contains("/data/"))
        .max((a, b) -> Integer.compare(entries.get(a).length, entries.get(b).length))
        .orElseThrow();
  }

  /** The message with the checkpoint's path as F; nothing may have been written. */
  private String failure(Path in, Runnable conversion) {
    String message = assertThrows(MoteException.class, conversion::run).getMessage();
    try (var files = Files.list(folder)) {
      List<Path> others = files.filter(file -> !file.equals(in)).toList();
      assertEquals(List.of(), others);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    assertFalse(message.contains("\n"), message);
    return message.replace(in.toString(), "F");
  }
}
