package mote.engine.reference;

/**
 * A level of a frame's feature pyramid, channels last, since points read whole feature vectors.
 *
 * @param values (height, width, channels), row-major
 */
record FeatureMap(int height, int width, int channels, double[] values) {
  static FeatureMap of(Planes planes) {
    int size = planes.height() * planes.width();
    double[] values = new double[size * planes.channels()];
    for (int c = 0; c < planes.channels(); c++) {
      for (int pixel = 0; pixel < size; pixel++) {
        values[pixel * planes.channels() + c] = planes.values()[c * size + pixel];
      }
    }
    return new FeatureMap(planes.height(), planes.width(), planes.channels(), values);
  }

  /** Where the feature vector of a pixel starts in {@link #values}. */
  int index(int y, int x) {
    return (y * width + x) * channels;
  }

  /**
   * The levels of a pyramid: each is the one before, averaged over 2x2 pixels.
   *
   * @param partial whether an odd last row or column is averaged alone, or dropped
   */
  static FeatureMap[] pyramid(FeatureMap map, int levels, boolean partial) {
    FeatureMap[] pyramid = new FeatureMap[levels];
    pyramid[0] = map;
    for (int level = 1; level < levels; level++) {
      pyramid[level] = pyramid[level - 1].halved(partial ? 1 : 0);
    }
    return pyramid;
  }

  private FeatureMap halved(int extra) {
    int rows = (height + extra) / 2;
    int columns = (width + extra) / 2;
    FeatureMap half =
        new FeatureMap(rows, columns, channels, new double[rows * columns * channels]);
    for (int y = 0; y < rows; y++) {
      for (int x = 0; x < columns; x++) {
        average(half, y, x);
      }
    }
    return half;
  }

  private void average(FeatureMap half, int y, int x) {
    int endY = Math.min(2 * y + 2, height);
    int endX = Math.min(2 * x + 2, width);
    int count = (endY - 2 * y) * (endX - 2 * x);
    for (int c = 0; c < channels; c++) {
      double sum = 0;
      for (int v = 2 * y; v < endY; v++) {
        for (int u = 2 * x; u < endX; u++) {
          sum += values[index(v, u) + c];
        }
      }
      half.values[half.index(y, x) + c] = sum / count;
    }
  }

  /**
   * Samples bilinearly at a position; positions outside take the nearest border.
   *
   * @param out gets C values from {@code at} on
   */
  void sample(double x, double y, double[] out, int at) {
    double insideX = Math.clamp(x, 0, width - 1);
    double insideY = Math.clamp(y, 0, height - 1);
    int x0 = (int) insideX;
    int y0 = (int) insideY;
    int x1 = Math.min(x0 + 1, width - 1);
    int y1 = Math.min(y0 + 1, height - 1);
    double fx = insideX - x0;
    double fy = insideY - y0;
    for (int c = 0; c < channels; c++) {
      double top = (1 - fx) * values[index(y0, x0) + c] + fx * values[index(y0, x1) + c];
      double bottom = (1 - fx) * values[index(y1, x0) + c] + fx * values[index(y1, x1) + c];
      out[at + c] = (1 - fy) * top + fy * bottom;
    }
  }
}
