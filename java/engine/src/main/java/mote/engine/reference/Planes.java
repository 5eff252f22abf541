package mote.engine.reference;

import java.util.stream.IntStream;

/**
 * Feature planes of a picture.
 *
 * @param values (channels, height, width), row-major
 */
record Planes(int channels, int height, int width, double[] values) {
  Planes(int channels, int height, int width) {
    this(channels, height, width, new double[channels * height * width]);
  }

  int index(int channel, int y, int x) {
    return (channel * height + y) * width + x;
  }

  double at(int channel, int y, int x) {
    return values[index(channel, y, x)];
  }

  /** The planes inside a border of zeros. */
  Planes padded(int border) {
    if (border == 0) {
      return this;
    }
    Planes out = new Planes(channels, height + 2 * border, width + 2 * border);
    for (int c = 0; c < channels; c++) {
      for (int y = 0; y < height; y++) {
        System.arraycopy(
            values, index(c, y, 0), out.values, out.index(c, y + border, border), width);
      }
    }
    return out;
  }

  /** max(x, 0), in place. */
  Planes relu() {
    IntStream.range(0, values.length).parallel().forEach(i -> values[i] = Math.max(values[i], 0));
    return this;
  }

  /** Adds planes of the same shape, in place. */
  Planes plus(Planes other) {
    for (int i = 0; i < values.length; i++) {
      values[i] += other.values[i];
    }
    return this;
  }

  /** Planes of one size after each other. */
  static Planes joined(Planes... parts) {
    int channels = 0;
    for (Planes part : parts) {
      channels += part.channels;
    }
    Planes out = new Planes(channels, parts[0].height, parts[0].width);
    int at = 0;
    for (Planes part : parts) {
      System.arraycopy(part.values, 0, out.values, at, part.values.length);
      at += part.values.length;
    }
    return out;
  }
}
