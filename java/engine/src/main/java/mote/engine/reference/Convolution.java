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

  /** One row of all output planes, summed channel by channel so that the inputs stay in cache. */
  private void row(Planes padded, Planes result, int y) {
    int width = result.width();
    double[] sums = new double[out * width];
    for (int o = 0; o < out; o++) {
      Arrays.fill(sums, o * width, (o + 1) * width, bias[o]);
    }
    for (int c = 0; c < in; c++) {
      for (int o = 0; o < out; o++) {
        for (int i = 0; i < kernel; i++) {
          for (int j = 0; j < kernel; j++) {
            double factor = weight[((o * in + c) * kernel + i) * kernel + j];
            addScaled(
                sums,
                o * width,
                factor,
                padded.values(),
                padded.index(c, y * stride + i, j),
                width);
          }
        }
      }
    }
    for (int o = 0; o < out; o++) {
      System.arraycopy(sums, o * width, result.values(), result.index(o, y, 0), width);
    }
  }

  private void addScaled(double[] sums, int to, double factor, double[] row, int from, int count) {
    if (stride == 1) { // the same loop, in the form that the compiler vectorises
      for (int x = 0; x < count; x++) {
        sums[to + x] += factor * row[from + x];
      }
    } else {
      for (int x = 0; x < count; x++) {
        sums[to + x] += factor * row[from + x * stride];
      }
    }
  }
}
