package mote.cli.demo;

import java.util.stream.IntStream;

/** A square picture, sampled bilinearly. Colours are 0 to 1. */
final class Texture {
  /** Colour of a place given in texture pixels. */
  @FunctionalInterface
  interface Painter {
    /** Writes red, green and blue. */
    void paint(double x, double y, float[] rgb);
  }

  private final int size;
  private final float[] values;

  /** Paints a texture of size x size; texture pixel (size / 2, size / 2) is the origin. */
  Texture(int size, Painter painter) {
    this.size = size;
    values = new float[size * size * 3];
    IntStream.range(0, size)
        .parallel()
        .forEach(
            row -> {
              float[] rgb = new float[3];
              for (int column = 0; column < size; column++) {
                painter.paint(column - size / 2.0, row - size / 2.0, rgb);
                System.arraycopy(rgb, 0, values, (row * size + column) * 3, 3);
              }
            });
  }

  /** Samples at a place in texture pixels from the middle; outside, the border's colour. */
  void sample(double x, double y, float[] rgb) {
    double column = Math.clamp(x + size / 2.0, 0, size - 1.001);
    double row = Math.clamp(y + size / 2.0, 0, size - 1.001);
    int i = (int) column;
    int j = (int) row;
    float u = (float) (column - i);
    float v = (float) (row - j);
    int at = (j * size + i) * 3;
    int below = at + size * 3;
    for (int c = 0; c < 3; c++) {
      float top = values[at + c] + (values[at + 3 + c] - values[at + c]) * u;
      float bottom = values[below + c] + (values[below + 3 + c] - values[below + c]) * u;
      rgb[c] = top + (bottom - top) * v;
    }
  }
}
