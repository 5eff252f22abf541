package mote.engine.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import mote.engine.Safetensors;
import mote.engine.golden.Distance;
import org.junit.jupiter.api.Test;

/** The three resizes are PyTorch's (tests/golden/resize/resize_pack.py). */
final class ResizeTest {
  @Test
  void resizesAsPyTorchDoes() {
    int cases = 0;
    try (Safetensors pack = Safetensors.open(Path.of("tests/golden/resize/resize.safetensors"))) {
      for (String name : pack.names()) {
        if (name.startsWith("in.")) {
          Safetensors.Tensor expected = pack.tensor(name.replace("in.", "out."));
          assertResizes(name, planes(pack.tensor(name)), expected);
          cases++;
        }
      }
    }
    assertEquals(21, cases);
  }

  private static void assertResizes(String name, Planes in, Safetensors.Tensor expected) {
    int height = (int) expected.shape()[1];
    int width = (int) expected.shape()[2];
    Planes out =
        switch (name.split("\\.")[1]) {
          case "aligned_corners" -> Resize.alignedCorners(in, height, width);
          case "half_pixel" -> Resize.halfPixel(in, height, width);
          case "antialiased" -> Resize.antialiased(in, height, width);
          default -> throw new AssertionError(name);
        };
    float[] actual = new float[out.values().length];
    for (int i = 0; i < actual.length; i++) {
      actual[i] = (float) out.values()[i];
    }
    Distance distance = Distance.of(floats(expected), actual);
    assertTrue(distance.within(1e-6, 1e-6), name + ": " + distance);
  }

  private static Planes planes(Safetensors.Tensor tensor) {
    float[] values = floats(tensor);
    Planes planes = new Planes(1, (int) tensor.shape()[1], (int) tensor.shape()[2]);
    for (int i = 0; i < values.length; i++) {
      planes.values()[i] = values[i];
    }
    return planes;
  }

  private static float[] floats(Safetensors.Tensor tensor) {
    return tensor.data().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
  }
}
