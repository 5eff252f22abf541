package mote.engine.reference;

/**
 * A vector minus its mean, over the square root of its (biased) variance plus 1e-5, times weight,
 * plus bias. Over all channels of one point in one frame it is also the published model's group
 * norm with one group.
 */
record LayerNorm(float[] weight, float[] bias) {
  private static final double EPSILON = 1e-5;

  double[] apply(double[] x) {
    double mean = 0;
    for (double value : x) {
      mean += value / x.length;
    }
    double variance = 0;
    for (double value : x) {
      variance += (value - mean) * (value - mean) / x.length;
    }
    double factor = 1 / Math.sqrt(variance + EPSILON);
    double[] out = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      out[i] = (x[i] - mean) * factor * weight[i] + bias[i];
    }
    return out;
  }

  double[][] apply(double[][] rows) {
    double[][] out = new double[rows.length][];
    for (int r = 0; r < rows.length; r++) {
      out[r] = apply(rows[r]);
    }
    return out;
  }
}
