package mote.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import mote.engine.Architecture;
import org.junit.jupiter.api.Test;

/** Operations of the direct method, against published and hand-made counts. */
class OperationsTest {
  @Test
  void thePublishedModel() {
    Architecture pips = Architecture.pips();
    assertEquals(61e9, Operations.encode(pips, 360, 640, 4), 0.5e9);
    assertEquals(43e9, Operations.encode(pips, 320, 512, 4), 0.5e9);
    // The mixer alone is 2 * 207 M a point; correlation and the feature's update are the rest.
    assertEquals(414e6 + 1e6, Operations.refine(pips), 2e6);
  }

  @Test
  void ourSmallModel() {
    Architecture small = Architecture.moteS();
    assertEquals(1.5e9, Operations.encode(small, 256, 256, 4), 0.06e9);
    assertEquals(11e6, Operations.refine(small), 0.1e6);
  }
}
