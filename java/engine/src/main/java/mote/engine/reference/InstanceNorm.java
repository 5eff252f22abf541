package mote.engine.reference;

import java.util.stream.IntStream;

/**
 * Instance norm without affine: each plane minus its mean, over the square root of its (biased)
 * variance plus 1e-5.
 */
final class InstanceNorm {
  private static final double EPSILON = 1e-5;

  private InstanceNorm() {}

  /** Normalises in place. */
  static Planes apply(Planes planes) {
    int size = planes.height() * planes.width();
    IntStream.range(0, planes.channels())
        .parallel()
        .forEach(c -> normalise(planes.values(), c * size, size));
    return planes;
  }

  private static void normalise(double[] values, int from, int size) {
    double mean = 0;
    for (int i = from; i < from + size; i++) {
      mean += values[i] / size;
    }
    double variance = 0;
    for (int i = from; i < from + size; i++) {
      variance += (values[i] - mean) * (values[i] - mean) / size;
    }
    double factor = 1 / Math.sqrt(variance + EPSILON);
    for (int i = from; i < from + size; i++) {
      values[i] = (values[i] - mean) * factor;
    }
  }
}
