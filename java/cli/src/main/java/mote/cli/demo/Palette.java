package mote.cli.demo;

/** Colours to blend along a line from 0 to 1. */
record Palette(int... colours) {
  /** Blends; {@code t} outside 0 to 1 takes the nearest end. */
  void blend(double t, double gain, float[] rgb) {
    double at = Math.clamp(t, 0, 1) * (colours.length - 1);
    int first = Math.min((int) at, colours.length - 2);
    double share = at - first;
    for (int c = 0; c < 3; c++) {
      int shift = 16 - 8 * c;
      double low = (colours[first] >> shift & 0xff) / 255.0;
      double high = (colours[first + 1] >> shift & 0xff) / 255.0;
      rgb[c] = (float) Math.clamp((low + (high - low) * share) * gain, 0, 1);
    }
  }

  /** One of the colours, by a number in [0, 1). */
  void pick(double number, double gain, float[] rgb) {
    int index = (int) (number * colours.length);
    blend((double) index / (colours.length - 1), gain, rgb);
  }
}
