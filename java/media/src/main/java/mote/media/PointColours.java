package mote.media;

/**
 * A colour for every point, the same in every frame: hues a golden angle apart, so that neighbours
 * in number differ most, at three lightnesses, all of them bright enough for dark pictures and
 * saturated enough for light ones. Hue and lightness are those of Oklch (Ottosson, "A perceptual
 * color space for image processing", 2020), in which equal steps look equal.
 */
final class PointColours {
  private static final double GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));
  private static final double[] LIGHTNESS = {0.76, 0.66, 0.86};
  private static final double CHROMA = 0.19;

  /** The first point is orange: it stands out from foliage, sky and skin alike. */
  private static final double FIRST_HUE = Math.toRadians(45);

  private PointColours() {}

  /** The colour of a point as 0xRRGGBB. */
  static int of(int point) {
    double hue = FIRST_HUE + point * GOLDEN_ANGLE;
    double lightness = LIGHTNESS[point % LIGHTNESS.length];
    // Less chroma until the colour exists in sRGB.
    double chroma = CHROMA;
    while (chroma > 0.02 && !isInGamut(linear(lightness, chroma, hue))) {
      chroma -= 0.005;
    }
    double[] rgb = linear(lightness, chroma, hue);
    return encode(rgb[0]) << 16 | encode(rgb[1]) << 8 | encode(rgb[2]);
  }

  private static boolean isInGamut(double[] rgb) {
    for (double v : rgb) {
      if (v < -1e-4 || v > 1 + 1e-4) {
        return false;
      }
    }
    return true;
  }

  /** Oklch to linear sRGB. */
  private static double[] linear(double lightness, double chroma, double hue) {
    double a = chroma * Math.cos(hue);
    double b = chroma * Math.sin(hue);
    double l = cube(lightness + 0.3963377774 * a + 0.2158037573 * b);
    double m = cube(lightness - 0.1055613458 * a - 0.0638541728 * b);
    double s = cube(lightness - 0.0894841775 * a - 1.2914855480 * b);
    return new double[] {
      4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
      -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
      -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s
    };
  }

  private static double cube(double v) {
    return v * v * v;
  }

  /** The sRGB transfer function. */
  private static int encode(double linear) {
    double v = Math.clamp(linear, 0, 1);
    double encoded = v <= 0.0031308 ? 12.92 * v : 1.055 * Math.pow(v, 1 / 2.4) - 0.055;
    return (int) Math.round(255 * encoded);
  }
}
