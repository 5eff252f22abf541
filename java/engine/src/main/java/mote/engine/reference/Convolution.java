package mote.engine.reference;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A 2-D convolution with zeros around the picture: {@code out[o, y, x] = bias[o] + sum over c, i, j
 * of weight[o, c, i, j] * in[c, y * stride + i - kernel / 2, x * stride + j - kernel / 2]}.
 *
 * @param weight (out, in, kernel, kernel)
 * @param bias (out)
 */
record Convolution(int out, int in, int kernel, int stride, float[] weight, float[] bias) {
  /** Output planes summed at a time, so that their sums stay in the first-level cache. */
  private static final int BLOCK = 16;

  Planes apply(Planes picture) {
    int border = kernel / 2;
    Planes padded = picture.padded(border);
    Planes result =
        new Planes(
            out,
            (picture.height() + 2 * border - kernel) / stride + 1,
            (picture.width() + 2 * border - kernel) / stride + 1);
    IntStream.range(0, result.height()).parallel().forEach(y -> row(padded, result, y));
    return result;
  }

  /** One row of all output planes. */
  private void row(Planes padded, Planes result, int y) {
    for (int first = 0; first < out; first += BLOCK) {
      double[][] sums = new double[Math.min(BLOCK, out - first)][result.width()];
      for (int o = 0; o < sums.length; o++) {
        Arrays.fill(sums[o], bias[first + o]);
      }
      sum(padded, y, first, sums);
      for (int o = 0; o < sums.length; o++) {
        System.arraycopy(
            sums[o], 0, result.values(), result.index(first + o, y, 0), sums[o].length);
      }
    }
  }

  /**
   * Adds all products of a row to the sums of the output planes from {@code first} on. What a
   * weight meets is copied out first, so that the innermost loop runs along two short arrays with
   * one index: that is what the compiler vectorises.
   */
  private void sum(Planes padded, int y, int first, double[][] sums) {
    double[] met = new double[sums[0].length];
    for (int c = 0; c < in; c++) {
      for (int i = 0; i < kernel; i++) {
        for (int j = 0; j < kernel; j++) {
          copy(padded.values(), padded.index(c, y * stride + i, j), met);
          for (int o = 0; o < sums.length; o++) {
            double factor = weight[(((first + o) * in + c) * kernel + i) * kernel + j];
            addScaled(sums[o], factor, met);
          }
        }
      }
    }
  }

  private void copy(double[] values, int from, double[] met) {
    for (int x = 0; x < met.length; x++) {
      met[x] = values[from + x * stride];
    }
  }

  private static void addScaled(double[] sums, double factor, double[] met) {
    for (int x = 0; x < sums.length; x++) {
      sums[x] += factor * met[x];
    }
  }
}
