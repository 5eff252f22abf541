package mote.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What each output row (or column) of a resized picture reads: the triangle filter whose support
 * grows with the reduction.
 *
 * @param first input of each output
 * @param weights of the inputs from first on, of each output; they sum to 1
 * @param most weights of an output
 */
record Taps(int[] first, float[][] weights, int most) {
  static Taps of(int in, int out) {
    double step = (double) in / out;
    double support = Math.max(step, 1);
    int[] first = new int[out];
    float[][] weights = new float[out][];
    int most = 0;
    for (int i = 0; i < out; i++) {
      double centre = (i + 0.5) * step;
      first[i] = Math.max(0, (int) (centre - support + 0.5));
      int end = Math.min(in, (int) (centre + support + 0.5));
      double[] exact = new double[end - first[i]];
      double sum = 0;
      for (int k = 0; k < exact.length; k++) {
        exact[k] = Math.max(0, 1 - Math.abs(first[i] + k + 0.5 - centre) / support);
        sum += exact[k];
      }
      weights[i] = new float[exact.length];
      for (int k = 0; k < exact.length; k++) {
        weights[i][k] = (float) (exact[k] / sum);
      }
      most = Math.max(most, exact.length);
    }
    return new Taps(first, weights, most);
  }

  /** Pairs of first input and number of inputs. */
  void uploadRanges(DeviceBuffer buffer) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pairs = arena.allocate(ValueLayout.JAVA_INT, 2L * first.length);
      for (int i = 0; i < first.length; i++) {
        pairs.setAtIndex(ValueLayout.JAVA_INT, 2L * i, first[i]);
        pairs.setAtIndex(ValueLayout.JAVA_INT, 2L * i + 1, weights[i].length);
      }
      buffer.upload(0, pairs);
    }
  }

  /** Weights, {@code most} a row. */
  void uploadWeights(DeviceBuffer buffer) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment rows = arena.allocate(ValueLayout.JAVA_FLOAT, (long) most * first.length);
      for (int i = 0; i < first.length; i++) {
        for (int k = 0; k < weights[i].length; k++) {
          rows.setAtIndex(ValueLayout.JAVA_FLOAT, (long) i * most + k, weights[i][k]);
        }
      }
      buffer.upload(0, rows);
    }
  }
}
