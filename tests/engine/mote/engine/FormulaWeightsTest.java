package mote.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weights by the formula are those of tests/golden/formula_weights.py, bit for bit. */
final class FormulaWeightsTest {
  @AfterEach
  void nothingLeaks() {
    assertEquals(Map.of(), OpenResources.open());
  }

  /** SHA-256 of all tensors' bytes in order, as numpy computed them. */
  @ParameterizedTest
  @CsvSource({
    "1, 163647aa56d7ec4e1eedd91cbca9bba1bee664b2c9f93eddcb2c363295865838",
    "4, 105530f805af5c4f5ccb6179a49970ce04641a3082cac27e6efa8336b6da7a44"
  })
  void areNumpysBitForBit(long seed, String expected) throws NoSuchAlgorithmException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    try (FormulaWeights weights = FormulaWeights.of(Architecture.pips(), seed)) {
      for (String name : weights.architecture().shapes().keySet()) {
        digest.update(weights.tensor(name).asByteBuffer());
      }
    }
    assertEquals(expected, HexFormat.of().formatHex(digest.digest()));
  }

  @ParameterizedTest
  @CsvSource({
    "fnet.conv1.weight, 0, 0x1.6420e2p-3",
    "fnet.conv1.weight, 9407, 0x1.3f409ep-5",
    "delta_block.to_delta.0.weight, 324, 0x1.f59924p-12",
    "delta_block.to_delta.0.weight, 516, -0x1.367dacp-4",
    "delta_block.to_delta.13.weight, 5, 0x1.12fad4p0",
    "delta_block.to_delta.15.weight, 100, -0x1.e1d3dep-6",
    "norm.weight, 3, 0x1.1991f8p0",
    "vis_predictor.0.bias, 0, -0x1.90b98cp-6"
  })
  void singleValues(String name, long index, String expected) {
    try (FormulaWeights weights = FormulaWeights.of(Architecture.pips(), 1)) {
      assertEquals(
          Float.parseFloat(expected),
          weights.tensor(name).getAtIndex(ValueLayout.JAVA_FLOAT, index));
    }
  }

  @Test
  void fitEveryShapeOfMote() {
    try (FormulaWeights weights = FormulaWeights.of(Architecture.moteS(), 5)) {
      weights
          .architecture()
          .shapes()
          .forEach(
              (name, shape) -> {
                MemorySegment tensor = weights.tensor(name);
                long size = java.util.Arrays.stream(shape).reduce(1, (a, b) -> a * b);
                assertEquals(4 * size, tensor.byteSize(), name);
                assertEquals(0, tensor.address() % 64, name);
              });
      float norm = weights.tensor("mix.0.n1.weight").get(ValueLayout.JAVA_FLOAT, 0);
      assertEquals(1, norm, 0.1);
      assertEquals("5", weights.metadata().get("weights_seed"));
      assertEquals(
          weights.architecture(), Architecture.fromJson(weights.metadata().get("mote.arch")));
    }
  }

  @Test
  void refuseUnknownTensorsAndUseAfterClose() {
    FormulaWeights weights = FormulaWeights.of(Architecture.moteS(), 5);
    assertEquals(
        "architecture has no such tensor: tensor=other; see Architecture.shapes",
        assertThrows(IllegalArgumentException.class, () -> weights.tensor("other")).getMessage());
    weights.close();
    weights.close();
    assertEquals(
        "FormulaWeights is closed: seed=5; compute them again",
        assertThrows(IllegalStateException.class, () -> weights.tensor("temb")).getMessage());
  }
}
