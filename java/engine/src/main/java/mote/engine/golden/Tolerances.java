package mote.engine.golden;

import mote.engine.Precision;

/**
 * The one table of tolerances against the golden packs, each with its reason.
 *
 * @param worstPx largest distance of a point after all iterations, pixels
 * @param meanPx mean distance, pixels
 * @param logits largest difference of a visibility or confidence logit
 * @param features largest difference of a feature map, template or correlation
 * @param mixer largest difference of the mixer's input (but for sines and cosines) and output
 */
record Tolerances(double worstPx, double meanPx, double logits, double features, double mixer) {
  /**
   * Float32: PyTorch's own float32 run is up to 1.3e-4 px from its float64 run on these packs; ten
   * times that leaves room for another order of sums, and none for a wrong one.
   */
  static final Tolerances F32 = new Tolerances(1e-3, 1e-3, 1e-3, 1e-3, 1e-3);

  /**
   * bfloat16 and float16 operands. PyTorch's bfloat16 autocast on window-360x640 is 0.34 px (worst)
   * and 0.088 px (mean) off; where PyTorch itself misses a bound, twice its distance holds, hence 2
   * * 0.088. Logits and stages carry 8 bits of mantissa through the whole network.
   */
  static final Tolerances LOW = new Tolerances(0.5, 0.176, 0.5, 0.2, 0.5);

  /**
   * Sines and cosines of the published embedding: coordinates are rounded to float32 in a pack, up
   * to 3e-5 px at 640, and frequencies reach 968.75 per feature pixel: 2 * 3e-5 / 4 * 968.75.
   */
  static final double EMBEDDING = 0.015;

  static Tolerances of(Precision precision) {
    return precision == Precision.F32 ? F32 : LOW;
  }
}
