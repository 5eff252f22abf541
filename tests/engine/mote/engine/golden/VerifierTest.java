package mote.engine.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import mote.engine.Architecture;
import mote.engine.FormulaWeights;
import mote.engine.MoteException;
import mote.engine.OpenResources;
import mote.engine.Precision;
import mote.engine.Safetensors;
import mote.engine.reference.ReferenceProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A wrong number in a pack is a miss, and a pack that is none is refused. */
final class VerifierTest {
  private static final Path PACK = Path.of("tests/golden/mote-window-odd.safetensors");
  private static final Path VIDEO = Path.of("tests/golden/mote-video.safetensors");
  private static final Path WEIGHTS = Path.of("weights/mote-s.safetensors");

  @TempDir Path folder;

  @AfterEach
  void nothingLeaks() {
    assertEquals(Map.of(), OpenResources.open());
  }

  @ParameterizedTest
  @CsvSource({
    "coords, 0.05", "coords, NaN", "visibility_logits, 0.05", "confidence_logits, NaN",
    "fmaps, 0.05", "template.2, NaN", "correlation.0, 0.05", "mixer_input.0, 0.05",
    "mixer_output.0, NaN"
  })
  void oneWrongNumberIsAMiss(String tensor, float error) {
    Verdict verdict = verify(changed(PACK, tensor, error, metadata -> {}));
    assertFalse(verdict.passed(), verdict.line());
    assertTrue(verdict.line().startsWith("MISS changed: reference f32, 12 points"), verdict.line());
    assertFalse(verdict.failures().isEmpty());
  }

  @Test
  void aWrongTrackOfAVideoIsAMiss() {
    for (String tensor : new String[] {"tracks", "visibility_logits"}) {
      Verdict verdict = verify(changed(VIDEO, tensor, 0.05f, metadata -> {}));
      assertFalse(verdict.passed(), verdict.line());
    }
  }

  @Test
  void theUnchangedPackIsMetAndSaysSo() {
    Verdict verdict = verify(changed(PACK, "coords", 0, metadata -> {}));
    assertTrue(verdict.passed(), verdict.line());
    assertTrue(
        verdict
            .line()
            .matches(
                "ok   changed: reference f32, 12 points, worst \\S+ px, mean \\S+ px, logits \\S+"),
        verdict.line());
    assertEquals("window", verdict.kind());
  }

  @Test
  void otherWeightsAreRefusedOrMissed() {
    Path other = changed(PACK, "coords", 0, metadata -> metadata.put("weights_sha256", "00"));
    String message = message(() -> verify(other));
    assertTrue(message.startsWith("pack was made with other weights: path=" + other), message);
    assertTrue(
        message.endsWith("expected=00; make the pack anew or give the old weights"), message);
    try (FormulaWeights weights = FormulaWeights.of(Architecture.moteS(), 9)) {
      assertFalse(Verifier.verify(PACK, weights, new ReferenceProvider(), null).passed());
    }
    try (FormulaWeights weights = FormulaWeights.of(Architecture.pips(), 9)) {
      assertEquals(
          "weights are of another family than the pack: pack=mote-window-odd, family=mote, weights=pips; give weights of that family",
          message(() -> Verifier.verify(PACK, weights, new ReferenceProvider(), null)));
    }
  }

  @Test
  void packsThatAreNoneAreRefused() {
    assertEquals(
        "pack's metadata lacks a key: path=" + WEIGHTS + ", key=arch; give a golden pack",
        message(() -> Verifier.verify(WEIGHTS, null, new ReferenceProvider(), null)));
    assertRefused(
        metadata -> metadata.put("kind", "other"),
        "pack's kind is unknown: pack=changed, kind=other; give window, chain or stream");
    for (String value : new String[] {"0", "65", "six", ""}) {
      assertRefused(
          metadata -> metadata.put("iterations", value),
          "pack's metadata has a value out of range: path=%s, iterations=%s; give 1 to 64"
              .formatted(folder.resolve("changed.safetensors"), value));
    }
    assertRefused(
        metadata -> metadata.put("weights", "none.safetensors"),
        "pack's weights are not found: path=%s, weights=none.safetensors; name them with --weights"
            .formatted(folder.resolve("changed.safetensors")));
    assertRefused(
        metadata -> metadata.put("weights", "/"),
        "pack's weights are not found: path=%s, weights=; name them with --weights"
            .formatted(folder.resolve("changed.safetensors")));
    assertRefused(
        metadata -> metadata.put("arch", "pips-like"),
        "pack's family is not its architecture's: path=%s, arch=pips-like, mote.arch=mote; make it anew"
            .formatted(folder.resolve("changed.safetensors")));
    assertRefused(
        metadata -> metadata.put("iterations", "5"),
        "pack's tensor has another shape: path=%s, tensor=coords, dtype=F32, shape=[3, 8, 12, 2], expected=F32 [5, 8, 12, 2]; make the pack anew"
            .formatted(folder.resolve("changed.safetensors")));
  }

  @Test
  void aPackThatDoesNotFitItsModelIsRefused() {
    Path path = changed(PACK, "start", Float.NaN, metadata -> {});
    assertEquals(
        "pack does not fit its model: pack=changed, cause=number is not finite: xy[191]=NaN, give finite numbers; make the pack anew",
        message(() -> verify(path)));
  }

  @Test
  void aPackOfTooFewFramesIsRefused() {
    Path path =
        rewritten(
            PACK,
            tensor -> {
              if (!tensor.name().equals("frames")) {
                return tensor;
              }
              long[] shape = tensor.shape().clone();
              long bytes = tensor.data().byteSize() / shape[0] * 7;
              shape[0] = 7;
              return new Safetensors.Tensor(
                  "frames", tensor.type(), shape, tensor.data().asSlice(0, bytes));
            },
            metadata -> {});
    assertEquals(
        "pack has too few frames: pack=changed, frames=7; a window takes 8",
        message(() -> verify(path)));
  }

  @Test
  void windowsThatStartElsewhereAreAMiss() {
    Verdict met = verify(withWindowStarts(0));
    assertTrue(met.passed(), met.line());
    assertEquals(null, met.worstLogit());
    assertTrue(met.line().matches("ok   changed: .*, mean \\S+ px"), met.line());
    Verdict missed = verify(withWindowStarts(1));
    assertEquals(
        List.of(
            "point 0 has other window starts: [0, 4, 8, 12, 16, 20, 24]; expected [1, 4, 8, 12, 16, 20, 24]"),
        missed.failures());
    assertTrue(missed.line().matches("MISS changed: .*, mean \\S+ px; point 0 .*"), missed.line());
  }

  /**
   * The video's pack with its window starts: from a point's query every 4 frames, until a window
   * reaches the last frame; {@code error} is added to the first start of point 0.
   */
  private Path withWindowStarts(int error) {
    int[] queries;
    long last;
    try (Safetensors file = Safetensors.open(VIDEO)) {
      queries = file.tensor("query_frames").data().toArray(ValueLayout.JAVA_INT_UNALIGNED);
      last = file.tensor("frames").shape()[0] - 1;
    }
    int most = (int) last;
    int[] starts = new int[queries.length * most];
    Arrays.fill(starts, -1);
    for (int n = 0; n < queries.length; n++) {
      int k = 0;
      int start = queries[n];
      starts[n * most] = start;
      while (start + 7 < last) {
        start += 4;
        starts[n * most + ++k] = start;
      }
    }
    starts[0] += error;
    Safetensors.Tensor added =
        new Safetensors.Tensor(
            "window_starts",
            Safetensors.Type.I32,
            new long[] {queries.length, most},
            MemorySegment.ofArray(starts));
    return rewritten(VIDEO, tensor -> tensor, metadata -> {}, added);
  }

  @Test
  void videosAreCheckedInFloat32Only() {
    Verdict verdict = Verifier.verify(VIDEO, null, new ReferenceProvider(), Precision.BF16);
    assertFalse(verdict.passed(), "what was not checked is not met");
    assertEquals(List.of(), verdict.failures());
    assertEquals(
        "skip mote-video: chains are checked in float32 only: precision=bf16; use f32, since a threshold on visibility turns rounding into another window",
        verdict.line());
    assertEquals(
        "precision is not supported: backend=reference, precision=bf16; use f32",
        message(() -> Verifier.verify(PACK, null, new ReferenceProvider(), Precision.BF16)));
  }

  @Test
  void distancesNeverPassNotANumber() {
    float[] zeros = new float[4];
    Distance good = Distance.ofVectors(zeros, new float[] {0, 0, 3, 4}, 2);
    assertEquals(new Distance(5, 2.5, 1), good);
    assertTrue(good.within(5, 2.5));
    assertFalse(good.within(4.9, 2.5));
    assertFalse(good.within(5, 2.4));
    for (int at = 0; at < 4; at++) {
      float[] bad = {1, 2, 3, 4};
      bad[at] = Float.NaN;
      assertFalse(Distance.of(zeros, bad).within(1e9, 1e9));
      assertFalse(Distance.of(bad, zeros).within(1e9, 1e9));
    }
    assertThrows(IllegalArgumentException.class, () -> Distance.of(zeros, new float[3]));
  }

  private void assertRefused(Consumer<Map<String, String>> change, String expected) {
    Path path = changed(PACK, "coords", 0, change);
    assertEquals(
        expected, message(() -> Verifier.verify(path, null, new ReferenceProvider(), null)));
  }

  /** With the weights that lie beside the pack. */
  private Verdict verify(Path path) {
    return Verifier.verify(path, null, new ReferenceProvider(), null);
  }

  /** The pack with the last number of a tensor changed. */
  private Path changed(Path pack, String name, float error, Consumer<Map<String, String>> change) {
    return rewritten(
        pack,
        tensor -> {
          if (!tensor.name().equals(name)) {
            return tensor;
          }
          float[] values = tensor.data().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
          values[values.length - 1] += error;
          return new Safetensors.Tensor(
              name, tensor.type(), tensor.shape(), MemorySegment.ofArray(values));
        },
        change);
  }

  /** A pack changed in every way, beside a copy of its weights. */
  private Path rewritten(
      Path pack,
      UnaryOperator<Safetensors.Tensor> change,
      Consumer<Map<String, String>> metadataChange,
      Safetensors.Tensor... added) {
    Path path = folder.resolve("changed.safetensors");
    copyWeights();
    try (Safetensors file = Safetensors.open(pack)) {
      List<Safetensors.Tensor> tensors = new ArrayList<>();
      file.names().forEach(name -> tensors.add(change.apply(file.tensor(name))));
      tensors.addAll(List.of(added));
      Map<String, String> metadata = new HashMap<>(file.metadata());
      metadataChange.accept(metadata);
      Safetensors.write(path, metadata, tensors);
    }
    return path;
  }

  private void copyWeights() {
    try {
      java.nio.file.Files.copy(
          WEIGHTS,
          folder.resolve("mote-s.safetensors"),
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    } catch (java.io.IOException error) {
      throw new java.io.UncheckedIOException(error);
    }
  }

  private static String message(org.junit.jupiter.api.function.Executable call) {
    return assertThrows(MoteException.class, call).getMessage();
  }
}
