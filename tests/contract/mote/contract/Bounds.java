package mote.contract;

import static org.junit.jupiter.api.Assertions.assertTrue;

import mote.engine.Precision;
import mote.engine.golden.Distance;

/**
 * The one table of tolerances of a backend against the reference, which computes in double
 * precision.
 *
 * @param features feature maps, templates and correlations, whose values are of the order of 1
 * @param mixer the mixer's input and output
 * @param px trajectories after up to three iterations
 * @param logits visibility and confidence
 */
record Bounds(double features, double mixer, double px, double logits) {
  /**
   * Float32 sums of up to 4,000 products of the order of 1 lose about 1e-5; ten layers of norms and
   * ten times that leave room for any order of sums and for none that is wrong.
   */
  private static final Bounds F32 = new Bounds(1e-3, 1e-3, 1e-3, 1e-3);

  /** Operands with 8 bits of mantissa, 2^-9 off each, through ten layers with norms. */
  private static final Bounds LOW = new Bounds(0.15, 0.15, 0.5, 0.25);

  static Bounds of(Precision precision) {
    return precision == Precision.F32 ? F32 : LOW;
  }

  static void assertClose(String what, float[] expected, float[] actual, double tolerance) {
    Distance distance = Distance.of(expected, actual);
    int at = (int) distance.index();
    assertTrue(
        distance.within(tolerance, tolerance),
        () ->
            "%s is off: index=%d, expected=%s, actual=%s, worst=%.4g, tolerance=%.4g"
                .formatted(what, at, expected[at], actual[at], distance.worst(), tolerance));
  }

  void assertClose(String what, Refinement expected, Refinement actual) {
    assertClose(what + " xy", expected.xy(), actual.xy(), px);
    assertClose(what + " visibility", expected.visibility(), actual.visibility(), logits);
    if (expected.confidence() != null) {
      assertClose(what + " confidence", expected.confidence(), actual.confidence(), logits);
    }
  }
}
