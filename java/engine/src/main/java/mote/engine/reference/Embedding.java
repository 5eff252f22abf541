package mote.engine.reference;

/** Sines and cosines of the flow, as each family lays them out. */
final class Embedding {
  private Embedding() {}

  /**
   * The published embedding of (dx, dy, t): for each of the three, sine and cosine interleaved at
   * the frequencies 1000 k / frequencies, k = 0, 1, ...; then the three themselves.
   *
   * @param out gets 3 * 2 * frequencies + 3 values from {@code at} on
   */
  static void pips(double dx, double dy, double t, int frequencies, double[] out, int at) {
    double[] values = {dx, dy, t};
    for (double value : values) {
      for (int k = 0; k < frequencies; k++) {
        double angle = value * 1000 * k / frequencies;
        out[at++] = Math.sin(angle);
        out[at++] = Math.cos(angle);
      }
    }
    for (double value : values) {
      out[at++] = value;
    }
  }

  /**
   * The embedding of {@code mote}: (dx, dy) / 16 within [-4, 4]; the sines of dx, then of dy, at
   * the frequencies pi / 2^k, k = 1, 2, ...; the cosines in the same order.
   *
   * @param out gets 2 + 4 * frequencies values from {@code at} on
   */
  static void mote(double dx, double dy, int frequencies, double[] out, int at) {
    out[at] = Math.clamp(dx / 16, -4, 4);
    out[at + 1] = Math.clamp(dy / 16, -4, 4);
    int sines = at + 2;
    int cosines = sines + 2 * frequencies;
    for (int k = 1; k <= frequencies; k++) {
      double frequency = Math.PI / (1L << k);
      out[sines + k - 1] = Math.sin(dx * frequency);
      out[sines + frequencies + k - 1] = Math.sin(dy * frequency);
      out[cosines + k - 1] = Math.cos(dx * frequency);
      out[cosines + frequencies + k - 1] = Math.cos(dy * frequency);
    }
  }
}
