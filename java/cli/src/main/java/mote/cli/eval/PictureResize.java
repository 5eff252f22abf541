package mote.cli.eval;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Resizes RGB pictures of one size to another, separable and linear with a triangle filter whose
 * support grows with the reduction, rounded to 8 bits after each pass: what Pillow calls BILINEAR,
 * in which the published scores' pictures were made.
 */
final class PictureResize {
  private final int sourceHeight;
  private final int sourceWidth;
  private final int height;
  private final int width;
  private final Taps columns;
  private final Taps rows;
  private final float[] narrow;

  /** First source index and weights of every output index. */
  private record Taps(int[] first, float[][] weights) {
    static Taps of(int source, int target) {
      double scale = (double) source / target;
      double support = Math.max(scale, 1);
      int[] first = new int[target];
      float[][] weights = new float[target][];
      for (int i = 0; i < target; i++) {
        double centre = (i + 0.5) * scale;
        int low = Math.max(0, (int) (centre - support + 0.5));
        int high = Math.min(source, (int) (centre + support + 0.5));
        double sum = 0;
        double[] raw = new double[high - low];
        for (int k = low; k < high; k++) {
          raw[k - low] = Math.max(0, 1 - Math.abs((k + 0.5 - centre) / support));
          sum += raw[k - low];
        }
        first[i] = low;
        weights[i] = new float[raw.length];
        for (int k = 0; k < raw.length; k++) {
          weights[i][k] = (float) (raw[k] / sum);
        }
      }
      return new Taps(first, weights);
    }
  }

  PictureResize(int sourceHeight, int sourceWidth, int height, int width) {
    this.sourceHeight = sourceHeight;
    this.sourceWidth = sourceWidth;
    this.height = height;
    this.width = width;
    columns = Taps.of(sourceWidth, width);
    rows = Taps.of(sourceHeight, height);
    narrow = new float[sourceHeight * width * 3];
  }

  /**
   * @param picture sourceHeight x sourceWidth RGB triples without padding
   * @param out height x width RGB triples
   */
  void resize(MemorySegment picture, byte[] out) {
    if (sourceHeight == height && sourceWidth == width) {
      MemorySegment.copy(picture, ValueLayout.JAVA_BYTE, 0, out, 0, out.length);
      return;
    }
    byte[] source = picture.toArray(ValueLayout.JAVA_BYTE);
    for (int y = 0; y < sourceHeight; y++) {
      for (int x = 0; x < width; x++) {
        float[] weights = columns.weights[x];
        for (int c = 0; c < 3; c++) {
          int from = (y * sourceWidth + columns.first[x]) * 3 + c;
          float sum = 0;
          for (int k = 0; k < weights.length; k++) {
            sum += weights[k] * (source[from + 3 * k] & 0xff);
          }
          narrow[(y * width + x) * 3 + c] = Math.round(sum);
        }
      }
    }
    int row = width * 3;
    for (int y = 0; y < height; y++) {
      float[] weights = rows.weights[y];
      for (int i = 0; i < row; i++) {
        float sum = 0;
        for (int k = 0; k < weights.length; k++) {
          sum += weights[k] * narrow[(rows.first[y] + k) * row + i];
        }
        out[y * row + i] = (byte) Math.round(sum);
      }
    }
  }
}
