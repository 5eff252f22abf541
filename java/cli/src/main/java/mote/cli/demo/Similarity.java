package mote.cli.demo;

/**
 * A map of the plane that turns, scales and moves: {@code x' = a x - b y + tx, y' = b x + a y +
 * ty}.
 */
record Similarity(double a, double b, double tx, double ty) {
  /**
   * Turns by {@code angle} (radians, from x towards y) and scales about the origin, then moves it
   * to (x, y).
   */
  static Similarity of(double angle, double scale, double x, double y) {
    return new Similarity(scale * Math.cos(angle), scale * Math.sin(angle), x, y);
  }

  double x(double x, double y) {
    return a * x - b * y + tx;
  }

  double y(double x, double y) {
    return b * x + a * y + ty;
  }

  /** First the other, then this. */
  Similarity after(Similarity first) {
    return new Similarity(
        a * first.a - b * first.b,
        b * first.a + a * first.b,
        x(first.tx, first.ty),
        y(first.tx, first.ty));
  }

  Similarity inverse() {
    double square = a * a + b * b;
    double ia = a / square;
    double ib = -b / square;
    return new Similarity(ia, ib, -(ia * tx - ib * ty), -(ib * tx + ia * ty));
  }

  double scale() {
    return Math.hypot(a, b);
  }
}
