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
    return Correlation.bytes(pips, Plan.unscaled(512, 768, 4, 8, 1), xy, OPERAND);
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
}
