package mote.engine.reference;

import org.apache.commons.numbers.gamma.Erf;

/** The exact GELU, x Phi(x) with the normal distribution Phi. */
final class Gelu {
  private Gelu() {}

  static double apply(double x) {
    return 0.5 * x * (1 + Erf.value(x / Math.sqrt(2)));
  }

  /** In place. */
  static double[] apply(double[] x) {
    for (int i = 0; i < x.length; i++) {
      x[i] = apply(x[i]);
    }
    return x;
  }

  /** In place. */
  static double[][] apply(double[][] rows) {
    for (double[] row : rows) {
      apply(row);
    }
    return rows;
  }
}
