package mote.cli.demo;

/** Smooth random functions of the plane, the same in every run. */
final class Noise {
  private final long seed;

  Noise(long seed) {
    this.seed = seed;
  }

  /** A random number in [0, 1) for a place on the integer grid (SplitMix64's mixing). */
  double at(long x, long y) {
    long z = seed * 0x9E3779B97F4A7C15L + x * 0xBF58476D1CE4E5B9L + y * 0x94D049BB133111EBL;
    z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return ((z ^ z >>> 31) >>> 11) * 0x1p-53;
  }

  /** Value noise in [0, 1): smooth between the grid's numbers. */
  double smooth(double x, double y) {
    long column = (long) Math.floor(x);
    long row = (long) Math.floor(y);
    double u = ease(x - column);
    double v = ease(y - row);
    double top = at(column, row) + (at(column + 1, row) - at(column, row)) * u;
    double bottom = at(column, row + 1) + (at(column + 1, row + 1) - at(column, row + 1)) * u;
    return top + (bottom - top) * v;
  }

  /** Octaves of value noise, each at twice the frequency and half the weight; in [0, 1). */
  double fractal(double x, double y, int octaves) {
    double sum = 0;
    double weight = 0;
    double amplitude = 1;
    for (int octave = 0; octave < octaves; octave++) {
      sum += amplitude * smooth(x + 17.3 * octave, y - 9.1 * octave);
      weight += amplitude;
      amplitude /= 2;
      x *= 2;
      y *= 2;
    }
    return sum / weight;
  }

  /**
   * Cells around jittered grid points (Worley 1996).
   *
   * @return distance to the nearest point, distance to the second nearest, and a random number in
   *     [0, 1) that belongs to the nearest
   */
  double[] cell(double x, double y) {
    long column = (long) Math.floor(x);
    long row = (long) Math.floor(y);
    double first = Double.MAX_VALUE;
    double second = Double.MAX_VALUE;
    double id = 0;
    for (long j = row - 1; j <= row + 1; j++) {
      for (long i = column - 1; i <= column + 1; i++) {
        double dx = i + 0.1 + 0.8 * at(i, j) - x;
        double dy = j + 0.1 + 0.8 * at(j + 7919, i - 104729) - y;
        double distance = Math.hypot(dx, dy);
        if (distance < first) {
          second = first;
          first = distance;
          id = at(i - 31337, j + 271);
        } else if (distance < second) {
          second = distance;
        }
      }
    }
    return new double[] {first, second, id};
  }

  static double ease(double t) {
    return t * t * (3 - 2 * t);
  }
}
