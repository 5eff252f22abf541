package mote.engine.reference;

/**
 * Correlation of a feature vector with the neighbourhood of a position, computed on demand: dot
 * products at the integer positions that are needed, zero outside of the map, then bilinear
 * interpolation (which commutes with the dot product). A neighbourhood of (2 r + 1)^2 positions at
 * one distance from each other needs (2 r + 2)^2 integer positions.
 */
record Correlation(int radius, double scale) {
  int positions() {
    return (2 * radius + 1) * (2 * radius + 1);
  }

  /**
   * Correlates with the positions (x + i - r, y + j - r).
   *
   * @param vector C values from {@code from} on
   * @param out gets value (j, i), row-major with j the row, from {@code at} on
   */
  void apply(FeatureMap map, double[] vector, int from, double x, double y, double[] out, int at) {
    int grid = 2 * radius + 2;
    double left = Math.floor(x);
    double top = Math.floor(y);
    double[] products = new double[grid * grid];
    for (int j = 0; j < grid; j++) {
      for (int i = 0; i < grid; i++) {
        products[j * grid + i] = product(map, vector, from, left + i - radius, top + j - radius);
      }
    }
    double fx = x - left;
    double fy = y - top;
    for (int j = 0; j <= 2 * radius; j++) {
      for (int i = 0; i <= 2 * radius; i++) {
        int p = j * grid + i;
        double upper = (1 - fx) * products[p] + fx * products[p + 1];
        double lower = (1 - fx) * products[p + grid] + fx * products[p + grid + 1];
        out[at + j * (2 * radius + 1) + i] = (1 - fy) * upper + fy * lower;
      }
    }
  }

  private double product(FeatureMap map, double[] vector, int from, double x, double y) {
    if (!(x >= 0 && x < map.width() && y >= 0 && y < map.height())) {
      return 0;
    }
    int pixel = map.index((int) y, (int) x);
    double sum = 0;
    for (int c = 0; c < map.channels(); c++) {
      sum += vector[from + c] * map.values()[pixel + c];
    }
    return sum * scale;
  }
}
