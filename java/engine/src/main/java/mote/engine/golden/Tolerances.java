package mote.engine.golden;

import java.util.Map;
import mote.engine.Architecture.Family;
import mote.engine.Precision;

/**
 * The one table of tolerances against the golden packs, each with its reason.
 *
 * @param worstPx largest distance of a point after all iterations, pixels
 * @param meanPx mean distance, pixels
 * @param logits largest difference of a visibility or confidence logit
 * @param features largest difference of a feature map, template or correlation
 * @param input largest difference of the mixer's input, but for sines and cosines
 * @param output largest difference of the mixer's output, given the pack's own input
 */
record Tolerances(
    double worstPx, double meanPx, double logits, double features, double input, double output) {
  /**
   * Float32. PyTorch's own float32 run is up to 1.4e-4 px, 5.2e-5 (logits), 1.6e-5 (features and
   * input) and 1e-6 (output) from its float64 run on these packs; about ten times that is room for
   * another order of sums and for Winograd's convolutions, and none for a wrong one.
   */
  static final Tolerances F32 = new Tolerances(1e-3, 1e-3, 1e-3, 2e-4, 2e-4, 1e-5);

  /**
   * bfloat16 and float16 operands: 0.5 px worst and 0.05 px mean, or twice the distance of
   * PyTorch's bfloat16 autocast on the CPU where that is further off; everything else twice
   * PyTorch's distance. It is (worst px, mean px, logits, features, input, output) 0.298, 0.0995,
   * 0.139, 0.195, 0.170, 0.0116 on window-small; 0.190, 0.0765, 0.079, 0.143, 0.219, 0.0103 on
   * window-odd-stride8; 0.344, 0.0876, 0.213 on window-360x640, whose stages are held like those of
   * window-small.
   */
  private static final Map<String, Tolerances> LOW =
      Map.of(
          "window-small", new Tolerances(0.5, 0.199, 0.278, 0.39, 0.34, 0.023),
          "window-odd-stride8", new Tolerances(0.5, 0.153, 0.158, 0.286, 0.438, 0.021),
          "window-360x640", new Tolerances(0.5, 0.176, 0.426, 0.39, 0.34, 0.023));

  /** Other packs of {@code pips}: the pixels that hold for all, the rest as of the largest pack. */
  private static final Tolerances LOW_PIPS = new Tolerances(0.5, 0.05, 0.426, 0.39, 0.438, 0.023);

  /**
   * The same for {@code mote}, whose features have unit length: 0.230, 0.022, 0.033, 0.020, 0.038,
   * 0.011.
   */
  private static final Tolerances LOW_MOTE = new Tolerances(0.5, 0.05, 0.066, 0.041, 0.077, 0.022);

  /**
   * Sines and cosines of the published embedding: coordinates are rounded to float32 in a pack, up
   * to 3e-5 px at 640, and frequencies reach 968.75 per feature pixel: 2 * 3e-5 / 4 * 968.75.
   */
  static final double EMBEDDING = 0.015;

  static Tolerances of(GoldenPack pack, Precision precision) {
    if (precision == Precision.F32) {
      return F32;
    }
    boolean pips = pack.architecture().family() == Family.PIPS;
    return pips ? LOW.getOrDefault(pack.name(), LOW_PIPS) : LOW_MOTE;
  }
}
