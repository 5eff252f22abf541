package mote.cli.demo;

/**
 * An outline.
 *
 * @param reach distance from the middle, in local pixels, beyond which there is nothing of it
 * @param field the signed distance to the outline in local pixels: negative inside
 */
record Shape(double reach, Field field) {
  /** A function of a place in local pixels. */
  @FunctionalInterface
  interface Field {
    double distance(double x, double y);
  }

  double distance(double x, double y) {
    return field.distance(x, y);
  }

  /** Covers the plane. */
  static Shape everywhere() {
    return new Shape(Double.POSITIVE_INFINITY, (x, y) -> -1e9);
  }

  static Shape disc(double radius) {
    return new Shape(radius, (x, y) -> length(x, y) - radius);
  }

  /** Between two circles. */
  static Shape ring(double inner, double outer) {
    double middle = (inner + outer) / 2;
    double half = (outer - inner) / 2;
    return new Shape(outer, (x, y) -> Math.abs(length(x, y) - middle) - half);
  }

  /** A rectangle of those half sides, its corners rounded. */
  static Shape card(double halfWidth, double halfHeight, double corner) {
    return new Shape(
        length(halfWidth, halfHeight),
        (x, y) -> {
          double dx = Math.abs(x) - halfWidth + corner;
          double dy = Math.abs(y) - halfHeight + corner;
          double outside = length(Math.max(dx, 0), Math.max(dy, 0));
          return outside + Math.min(Math.max(dx, dy), 0) - corner;
        });
  }

  /** A disc whose radius waves with the angle; the distance is right close to the outline. */
  static Shape flower(double radius, int petals, double depth) {
    double slope = 0.85; // of the waving outline: keeps the distance from growing too fast
    return new Shape(
        radius * (1 + depth),
        (x, y) ->
            slope * (length(x, y) - radius * (1 + depth * Math.cos(petals * Math.atan2(y, x)))));
  }

  private static double length(double x, double y) {
    return Math.sqrt(x * x + y * y);
  }
}
