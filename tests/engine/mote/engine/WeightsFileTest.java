package mote.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weight files: the shipped one opens, and each way of being wrong is named. */
final class WeightsFileTest {
  @TempDir Path folder;

  @AfterEach
  void nothingLeaks() {
    assertEquals(Map.of(), OpenResources.open());
  }

  @Test
  void theShippedWeightsOpen() {
    try (WeightsFile weights = WeightsFile.open(Path.of("weights/mote-s.safetensors"))) {
      assertEquals(Architecture.moteS(), weights.architecture());
      assertEquals(4 * 64, weights.tensor("enc.o.bias").byteSize());
    }
  }

  @Test
  void readsWhatWasWrittenWithoutCopying() {
    Path path = write(Map.of("mote.arch", Architecture.moteS().toJson()), tensor -> tensor);
    try (WeightsFile weights = WeightsFile.open(path);
        FormulaWeights expected = FormulaWeights.of(Architecture.moteS(), 3)) {
      for (String name : expected.architecture().shapes().keySet()) {
        assertEquals(-1, expected.tensor(name).mismatch(weights.tensor(name)), name);
      }
      assertArrayEquals(
          new Object[] {false, true},
          new Object[] {
            weights.tensor("temb").heapBase().isPresent(), weights.tensor("temb").isMapped()
          });
    }
  }

  @Test
  void refusesFilesThatDoNotSayWhatTheyAre() {
    Path path = write(Map.of(), tensor -> tensor);
    assertEquals(
        "weights do not say what they are: path=%s, missing_metadata=mote.arch; give a file that mote convert or weights/training wrote"
            .formatted(path),
        message(path));
    assertEquals(
        "mote.arch lacks a field: field=family; see weights/mote.arch.schema.json",
        message(write(Map.of("mote.arch", "{}"), tensor -> tensor)));
  }

  @Test
  void refusesMissingUnknownAndMisshapenTensors() {
    Path missing = write(moteS(), tensor -> tensor.name().equals("temb") ? null : tensor);
    assertEquals(
        "tensor is missing: path=%s, tensor=temb; give a file that has it".formatted(missing),
        message(missing));
    Path unknown =
        write(moteS(), tensor -> tensor.name().equals("temb") ? renamed(tensor, "temp") : tensor);
    assertEquals(
        "weights have a tensor that the architecture does not know: path=%s, tensor=temp, family=mote; write the file without it"
            .formatted(unknown),
        message(unknown));
    Path misshapen =
        write(
            moteS(),
            tensor ->
                tensor.name().equals("temb")
                    ? new Safetensors.Tensor(
                        "temb", tensor.type(), new long[] {128, 8}, tensor.data())
                    : tensor);
    assertEquals(
        "tensor is not as the architecture says: path=%s, tensor=temb, dtype=F32, shape=[128, 8], expected=F32 [8, 128]; give weights that fit their mote.arch"
            .formatted(misshapen),
        message(misshapen));
    Path integers =
        write(
            moteS(),
            tensor ->
                tensor.name().equals("temb")
                    ? new Safetensors.Tensor(
                        "temb", Safetensors.Type.I32, tensor.shape(), tensor.data())
                    : tensor);
    assertEquals(
        "tensor is not as the architecture says: path=%s, tensor=temb, dtype=I32, shape=[8, 128], expected=F32 [8, 128]; give weights that fit their mote.arch"
            .formatted(integers),
        message(integers));
  }

  @Test
  void refusesValuesThatAreNotFinite() {
    for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      Path path =
          write(
              moteS(),
              tensor -> {
                if (tensor.name().equals("head.weight")) {
                  float[] values = tensor.data().toArray(ValueLayout.JAVA_FLOAT);
                  values[511] = value;
                  values[137] = value;
                  return new Safetensors.Tensor(
                      tensor.name(), tensor.type(), tensor.shape(), MemorySegment.ofArray(values));
                }
                return tensor;
              });
      assertEquals(
          "weight is not finite: path=%s, tensor=head.weight, index=137, value=%s; train or convert it again"
              .formatted(path, value),
          message(path));
    }
  }

  @Test
  void refusesTensorsThatAreNotAligned() throws IOException {
    Path path = write(moteS(), tensor -> tensor);
    byte[] bytes = Files.readAllBytes(path);
    byte[] shifted = new byte[bytes.length + 1];
    int data = 8 + ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(0);
    System.arraycopy(bytes, 0, shifted, 0, data);
    shifted[data] = ' ';
    System.arraycopy(bytes, data, shifted, data + 1, bytes.length - data);
    ByteBuffer.wrap(shifted).order(ByteOrder.LITTLE_ENDIAN).putLong(0, data + 1 - 8);
    Files.write(path, shifted);
    assertEquals(
        "tensor is not aligned: path=%s, tensor=enc.c1.weight; write the file with its header padded to 8 bytes"
            .formatted(path),
        message(path));
  }

  @Test
  void refusesTruncatedFiles() throws IOException {
    Path path = write(moteS(), tensor -> tensor);
    byte[] bytes = Files.readAllBytes(path);
    Files.write(path, java.util.Arrays.copyOf(bytes, bytes.length - 1));
    String message = message(path);
    assertEquals("tensor lies beyond the file: path=" + path, message.split(",")[0]);
  }

  @Test
  void closedMeansClosed() {
    Path path = write(moteS(), tensor -> tensor);
    WeightsFile weights = WeightsFile.open(path);
    assertEquals(
        "architecture has no such tensor: tensor=other; see Architecture.shapes",
        assertThrows(IllegalArgumentException.class, () -> weights.tensor("other")).getMessage());
    weights.close();
    weights.close();
    assertEquals(
        "WeightsFile is closed: path=" + path + "; open it again",
        assertThrows(IllegalStateException.class, () -> weights.tensor("temb")).getMessage());
  }

  private static Map<String, String> moteS() {
    return Map.of("mote.arch", Architecture.moteS().toJson());
  }

  private static Safetensors.Tensor renamed(Safetensors.Tensor tensor, String name) {
    return new Safetensors.Tensor(name, tensor.type(), tensor.shape(), tensor.data());
  }

  /** Weights by the formula, each tensor changed, or left out where the change gives null. */
  private Path write(Map<String, String> metadata, UnaryOperator<Safetensors.Tensor> change) {
    Path path = folder.resolve("weights.safetensors");
    try (FormulaWeights weights = FormulaWeights.of(Architecture.moteS(), 3)) {
      List<Safetensors.Tensor> tensors = new ArrayList<>();
      weights
          .architecture()
          .shapes()
          .forEach(
              (name, shape) -> {
                Safetensors.Tensor changed =
                    change.apply(
                        new Safetensors.Tensor(
                            name, Safetensors.Type.F32, shape, weights.tensor(name)));
                if (changed != null) {
                  tensors.add(changed);
                }
              });
      Safetensors.write(path, metadata, tensors);
    }
    return path;
  }

  private static String message(Path path) {
    return assertThrows(MoteException.class, () -> WeightsFile.open(path)).getMessage();
  }
}
