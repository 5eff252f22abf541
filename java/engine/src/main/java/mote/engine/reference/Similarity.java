package mote.engine.reference;

import java.util.Arrays;

/**
 * How much each position of a feature map is like a template, and the peaks of that: the mean over
 * the template's patch of the dot product with the feature under each pixel, zero outside.
 *
 * @param support radius of the patch
 * @param unit whether features are brought to unit length first
 */
record Similarity(int support, boolean unit) {
  /** A peak is the highest of 5x5. */
  private static final int REACH = 2;

  /**
   * @param patch the template's pixels at that level, row-major, C values each
   * @return the best peak's x and y in pixels of the map, its similarity, and the next best peak's
   */
  double[] best(FeatureMap map, double[] patch) {
    double[] values = values(map, patch);
    double[] best = {0, 0, -1, -1};
    for (int y = 0; y < map.height(); y++) {
      for (int x = 0; x < map.width(); x++) {
        double value = values[y * map.width() + x];
        if (value <= best[3] || !isPeak(map, values, y, x)) {
          continue;
        }
        if (value > best[2]) {
          best = new double[] {x, y, value, best[2]};
        } else {
          best[3] = value;
        }
      }
    }
    return best;
  }

  /** Bilinear between the positions of the map; 0 outside. */
  double at(FeatureMap map, double[] patch, double x, double y) {
    double left = Math.floor(x);
    double top = Math.floor(y);
    double sum = 0;
    for (int corner = 0; corner < 4; corner++) {
      double u = left + corner % 2;
      double v = top + corner / 2;
      double share = (1 - Math.abs(x - u)) * (1 - Math.abs(y - v));
      if (u >= 0 && u < map.width() && v >= 0 && v < map.height()) {
        sum += share * at(map, patch, (int) v, (int) u);
      }
    }
    return sum;
  }

  private double at(FeatureMap map, double[] patch, int y, int x) {
    int side = 2 * support + 1;
    int features = map.channels();
    double sum = 0;
    for (int k = 0; k < side * side; k++) {
      int v = y + k / side - support;
      int u = x + k % side - support;
      if (v >= 0 && v < map.height() && u >= 0 && u < map.width()) {
        sum += product(map.values(), map.index(v, u), patch, k * features, features);
      }
    }
    return sum / (side * side);
  }

  private double[] values(FeatureMap map, double[] patch) {
    double[] values = new double[map.height() * map.width()];
    for (int i = 0; i < values.length; i++) {
      values[i] = at(map, patch, i / map.width(), i % map.width());
    }
    return values;
  }

  private double product(double[] a, int atA, double[] b, int atB, int count) {
    double sum = 0;
    double squareA = 0;
    double squareB = 0;
    for (int c = 0; c < count; c++) {
      sum += a[atA + c] * b[atB + c];
      squareA += a[atA + c] * a[atA + c];
      squareB += b[atB + c] * b[atB + c];
    }
    return unit ? sum / (length(squareA) * length(squareB)) : sum;
  }

  private static double length(double square) {
    return Math.max(Math.sqrt(square), 1e-12);
  }

  private static boolean isPeak(FeatureMap map, double[] values, int y, int x) {
    double value = values[y * map.width() + x];
    for (int v = Math.max(0, y - REACH); v <= Math.min(map.height() - 1, y + REACH); v++) {
      int from = v * map.width() + Math.max(0, x - REACH);
      int to = v * map.width() + Math.min(map.width() - 1, x + REACH);
      if (Arrays.stream(values, from, to + 1).anyMatch(other -> other > value)) {
        return false;
      }
    }
    return true;
  }
}
