package mote.engine.reference;

/**
 * A linear layer: {@code out[r, o] = bias[o] + sum over i of weight[o, i] * in[r, i]}.
 *
 * @param transposed (in, out), so that the innermost loop runs along memory
 */
record Linear(int out, int in, float[] transposed, float[] bias) {
  /** Outputs summed at a time, so that the sums of eight rows stay in the first-level cache. */
  private static final int BLOCK = 256;

  /** From a weight of shape (out, in). */
  static Linear of(int out, int in, float[] weight, float[] bias) {
    float[] transposed = new float[weight.length];
    for (int o = 0; o < out; o++) {
      for (int i = 0; i < in; i++) {
        transposed[i * out + o] = weight[o * in + i];
      }
    }
    return new Linear(out, in, transposed, bias);
  }

  double[][] apply(double[][] rows) {
    double[][] result = new double[rows.length][out];
    for (int from = 0; from < out; from += BLOCK) {
      int to = Math.min(from + BLOCK, out);
      for (double[] sums : result) {
        for (int o = from; o < to; o++) {
          sums[o] = bias[o];
        }
      }
      for (int i = 0; i < in; i++) {
        for (int r = 0; r < rows.length; r++) {
          addScaled(result[r], rows[r][i], i * out, from, to);
        }
      }
    }
    return result;
  }

  private void addScaled(double[] sums, double factor, int row, int from, int to) {
    for (int o = from; o < to; o++) {
      sums[o] += factor * transposed[row + o];
    }
  }

  double[] apply(double[] row) {
    return apply(new double[][] {row})[0];
  }
}
