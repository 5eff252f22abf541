package mote.engine.reference;

import java.util.stream.IntStream;

/** Separable linear resizing of planes, in the three forms that the model uses. */
final class Resize {
  /** What one output row or column reads: inputs {@code first + k} with {@code weights[k]}. */
  private record Taps(int first, double[] weights) {}

  private Resize() {}

  /** Corner pixels fall on corner pixels: output i reads input i * (in - 1) / (out - 1). */
  static Planes alignedCorners(Planes planes, int height, int width) {
    return separable(
        planes,
        alignedCornerTaps(planes.height(), height),
        alignedCornerTaps(planes.width(), width));
  }

  /** Pixels are areas: output i reads input (i + 0.5) * in / out - 0.5, two inputs at most. */
  static Planes halfPixel(Planes planes, int height, int width) {
    return separable(
        planes, halfPixelTaps(planes.height(), height), halfPixelTaps(planes.width(), width));
  }

  /**
   * As {@link #halfPixel}, but when it reduces, the triangle that weighs the inputs grows with the
   * reduction, so that no pixel is skipped.
   */
  static Planes antialiased(Planes planes, int height, int width) {
    return separable(
        planes, antialiasedTaps(planes.height(), height), antialiasedTaps(planes.width(), width));
  }

  private static Taps[] alignedCornerTaps(int in, int out) {
    Taps[] taps = new Taps[out];
    for (int i = 0; i < out; i++) {
      taps[i] = between(out == 1 ? 0 : (double) i * (in - 1) / (out - 1), in);
    }
    return taps;
  }

  private static Taps[] halfPixelTaps(int in, int out) {
    Taps[] taps = new Taps[out];
    for (int i = 0; i < out; i++) {
      taps[i] = between(Math.max(0, (i + 0.5) * in / out - 0.5), in);
    }
    return taps;
  }

  private static Taps between(double position, int in) {
    int first = Math.min((int) position, in - 1);
    double fraction = position - first;
    return first == in - 1
        ? new Taps(first, new double[] {1})
        : new Taps(first, new double[] {1 - fraction, fraction});
  }

  private static Taps[] antialiasedTaps(int in, int out) {
    double step = (double) in / out;
    double support = Math.max(step, 1);
    Taps[] taps = new Taps[out];
    for (int i = 0; i < out; i++) {
      double centre = (i + 0.5) * step;
      int first = Math.max(0, (int) (centre - support + 0.5));
      int end = Math.min(in, (int) (centre + support + 0.5));
      double[] weights = new double[end - first];
      double sum = 0;
      for (int k = 0; k < weights.length; k++) {
        double distance = Math.abs(first + k + 0.5 - centre) / support;
        weights[k] = Math.max(0, 1 - distance);
        sum += weights[k];
      }
      for (int k = 0; k < weights.length; k++) {
        weights[k] /= sum;
      }
      taps[i] = new Taps(first, weights);
    }
    return taps;
  }

  private static Planes separable(Planes planes, Taps[] rows, Taps[] columns) {
    Planes wide = new Planes(planes.channels(), planes.height(), columns.length);
    Planes out = new Planes(planes.channels(), rows.length, columns.length);
    IntStream.range(0, planes.channels())
        .parallel()
        .forEach(
            c -> {
              alongRows(planes, wide, columns, c);
              alongColumns(wide, out, rows, c);
            });
    return out;
  }

  private static void alongRows(Planes from, Planes to, Taps[] columns, int c) {
    for (int y = 0; y < from.height(); y++) {
      int row = from.index(c, y, 0);
      for (int x = 0; x < columns.length; x++) {
        Taps taps = columns[x];
        double sum = 0;
        for (int k = 0; k < taps.weights.length; k++) {
          sum += taps.weights[k] * from.values()[row + taps.first + k];
        }
        to.values()[to.index(c, y, x)] = sum;
      }
    }
  }

  private static void alongColumns(Planes from, Planes to, Taps[] rows, int c) {
    for (int y = 0; y < rows.length; y++) {
      Taps taps = rows[y];
      for (int k = 0; k < taps.weights.length; k++) {
        int source = from.index(c, taps.first + k, 0);
        int target = to.index(c, y, 0);
        for (int x = 0; x < to.width(); x++) {
          to.values()[target + x] += taps.weights[k] * from.values()[source + x];
        }
      }
    }
  }
}
