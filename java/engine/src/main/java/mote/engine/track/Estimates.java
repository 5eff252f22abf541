package mote.engine.track;

import mote.engine.MoteException;

/** What both trackers make of a model's estimates. */
public final class Estimates {
  private Estimates() {}

  /** The logistic function: logits of visibility and confidence as probabilities. */
  public static float probability(float logit) {
    return (float) (1 / (1 + Math.exp(-logit)));
  }

  /**
   * Refuses an estimate that is no number.
   *
   * @param x working pixels
   * @param y likewise
   * @param visibility probability
   * @throws MoteException if one of the three is NaN or a position infinite
   */
  public static void requireNumbers(long point, long frame, float x, float y, float visibility) {
    if (!Float.isFinite(x) || !Float.isFinite(y) || Float.isNaN(visibility)) {
      throw new MoteException(
          "tracking left the numbers: point=%d, frame=%d, x=%s, y=%s, visibility=%s; check the weights"
              .formatted(point, frame, x, y, visibility));
    }
  }
}
