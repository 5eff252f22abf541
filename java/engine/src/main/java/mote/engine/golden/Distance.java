package mote.engine.golden;

/**
 * How far numbers are from those expected. Not a number anywhere makes both distances NaN, which no
 * tolerance takes.
 *
 * @param worst largest absolute difference
 * @param mean mean absolute difference
 * @param index of the worst one
 */
public record Distance(double worst, double mean, long index) {
  /** Of scalars. */
  public static Distance of(float[] expected, float[] actual) {
    return ofVectors(expected, actual, 1);
  }

  /** Of vectors of {@code size} values, Euclidean: of points in the plane with size 2. */
  public static Distance ofVectors(float[] expected, float[] actual, int size) {
    if (expected.length != actual.length || expected.length % size != 0) {
      throw new IllegalArgumentException(
          "arrays differ in length: expected=%d, actual=%d; compare equal shapes"
              .formatted(expected.length, actual.length));
    }
    double worst = 0;
    double sum = 0;
    long index = 0;
    int count = expected.length / size;
    for (int i = 0; i < count; i++) {
      double squares = 0;
      for (int k = i * size; k < (i + 1) * size; k++) {
        double difference = (double) actual[k] - expected[k];
        squares += difference * difference;
      }
      double distance = Math.sqrt(squares);
      sum += distance;
      if (!(distance <= worst) && !Double.isNaN(worst)) {
        worst = distance;
        index = i;
      }
    }
    return new Distance(worst, sum / Math.max(count, 1), index);
  }

  /** Whether it is within a tolerance; never with NaN. */
  public boolean within(double worstAllowed, double meanAllowed) {
    return worst <= worstAllowed && mean <= meanAllowed;
  }
}
