package mote.engine.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import mote.engine.Architecture;
import mote.engine.Plan;
import org.junit.jupiter.api.Test;

/** Costs by the direct method, against published and hand-made counts. */
class CostsTest {
  private static Costs costs(Architecture architecture, int height, int width) {
    return new Costs(architecture, Plan.unscaled(height, width, 4, 8, 64), Float.BYTES);
  }

  @Test
  void thePublishedModel() {
    Architecture pips = Architecture.pips();
    assertEquals(61e9, costs(pips, 360, 640).encoder().operations(), 0.5e9);
    assertEquals(43e9, costs(pips, 320, 512).encoder().operations(), 0.5e9);
    // The mixer alone is 2 * 207 M a point; correlation and the feature's update are the rest.
    assertEquals(414e6 + 1e6, costs(pips, 360, 640).iteration(1).operations(), 2e6);
  }

  @Test
  void ourSmallModel() {
    Costs costs = costs(Architecture.moteS(), 256, 256);
    assertEquals(1.5e9, costs.encoder().operations(), 0.06e9);
    assertEquals(11e6, costs.iteration(1).operations(), 0.1e6);
  }

  /** Weights are read once, whatever the points; the rest goes with them. */
  @Test
  void bytesOfTheMixer() {
    Costs costs = costs(Architecture.moteS(), 256, 256);
    double weights = 2 * costs.mixer(1).bytes() - costs.mixer(2).bytes();
    // Of the products alone: 284 inputs, 3 blocks of 8 to 32 frames and 128 to 512 channels, head.
    double products = 284 * 128 + 3 * 2 * (8 * 32 + 128 * 512) + 128 * 4;
    assertEquals(4 * products, weights, 1e-6 * weights);
  }
}
