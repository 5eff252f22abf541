package mote.engine.reference;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import mote.engine.Weights;

/** Reads the operations' parameters by name. */
record Parameters(Weights weights) {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.LITTLE_ENDIAN);

  float[] values(String name) {
    return weights.tensor(name).toArray(FLOAT);
  }

  /** The shape that the architecture gives a parameter. */
  long[] shape(String name) {
    return weights.architecture().shapes().get(name);
  }

  /** A convolution that keeps the picture's size but for the stride: padded by kernel / 2. */
  Convolution convolution(String name, int stride) {
    long[] shape = shape(name + ".weight");
    return new Convolution(
        (int) shape[0],
        (int) shape[1],
        (int) shape[2],
        stride,
        values(name + ".weight"),
        values(name + ".bias"));
  }

  Linear linear(String name) {
    long[] shape = shape(name + ".weight");
    return Linear.of(
        (int) shape[0], (int) shape[1], values(name + ".weight"), values(name + ".bias"));
  }

  LayerNorm layerNorm(String name) {
    return new LayerNorm(values(name + ".weight"), values(name + ".bias"));
  }
}
