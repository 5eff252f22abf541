package mote.cli.eval;

import java.util.Collection;

/** Means and medians; NaN in gives NaN out, nothing in gives NaN. */
public final class Statistics {
  private Statistics() {}

  public static double mean(Collection<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
  }

  /** The middle value, or the mean of the two in the middle. */
  public static double median(Collection<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int n = sorted.length;
    if (n == 0 || Double.isNaN(sorted[n - 1])) { // sorting puts NaN last
      return Double.NaN;
    }
    return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  }
}
