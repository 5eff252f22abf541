package mote.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import mote.engine.Architecture;
import mote.engine.Plan;
import mote.engine.profile.Costs;
import org.junit.jupiter.api.Test;

/** The bytes that the correlation is said to read. */
final class CorrelationTest {
  private static final int OPERAND = 2;

  private static double bytes(float... xy) {
    Architecture pips = Architecture.pips();
    return Correlation.bytes(pips, Plan.unscaled(512, 768, 4, 8, 1), xy, OPERAND, 0);
  }

  /** In the middle every level's window lies inside: what the costs of a profile count. */
  @Test
  void everyPositionInside() {
    Costs costs = new Costs(Architecture.pips(), Plan.unscaled(512, 768, 4, 8, 1), OPERAND);
    assertEquals(costs.correlate(1).bytes(), bytes(384, 256));
    assertEquals(costs.correlate(2).bytes(), bytes(384, 256, 380, 250));
  }

  /** At a corner a quarter of the 8x8 positions and a row and a column more: 5 of 8 each way. */
  @Test
  void whatLiesOutsideIsNotRead() {
    double position = 128 * OPERAND;
    assertEquals(bytes(384, 256) - 8 * 4 * (64 - 25) * position, bytes(0, 0));
    assertEquals(bytes(384, 256) - 8 * 4 * 64 * position, bytes(-5000, 0));
    assertTrue(bytes(-5000, 0) > 0, "templates and results");
  }

  /** 9 template pixels of 64 features at 4 levels, 64 positions around: products or none. */
  @Test
  void productsThatAreKeptAreWrittenBeside() {
    Architecture mote = Architecture.moteS();
    Plan plan = Plan.unscaled(512, 768, 4, 8, 3);
    float[] middle = {384, 256};
    double without = 8 * 4 * (64 * 64 * OPERAND + 9 * 64 * 4 + 9 * 49 * OPERAND);
    assertEquals(new Costs(mote, plan, OPERAND).correlate(1).bytes(), without);
    assertEquals(without, Correlation.bytes(mote, plan, middle, OPERAND, 0));
    double products = 8 * 4 * 9 * 64 * 4;
    assertEquals(without + products, Correlation.bytes(mote, plan, middle, OPERAND, 1));
    float[] three = {384, 256, 384, 256, 384, 256};
    assertEquals(
        3 * without + 2 * products, Correlation.bytes(mote, plan, three, OPERAND, 2), "some");
    // Where nothing lies inside the products are zeros, and written all the same.
    float[] outside = {-5000, 0};
    double maps = 8 * 4 * 64 * 64 * OPERAND;
    assertEquals(
        without - maps + products, Correlation.bytes(mote, plan, outside, OPERAND, 1), "outside");
  }
}
