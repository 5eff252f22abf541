package mote.engine.golden;

import java.util.List;
import java.util.Locale;

/**
 * What the check of one pack found.
 *
 * @param pack its name
 * @param kind {@code window} or {@code chain}
 * @param backend that was checked
 * @param precision that ran
 * @param points of the pack
 * @param worstPx largest distance of a point, pixels
 * @param meanPx mean distance, pixels
 * @param worstLogit largest difference of a visibility or confidence logit; 0 where the pack has
 *     none
 * @param stages the stages that the pack holds
 * @param failures why it was missed, one sentence each; empty where it passed
 */
public record Verdict(
    String pack,
    String kind,
    String backend,
    String precision,
    int points,
    double worstPx,
    double meanPx,
    double worstLogit,
    List<Stage> stages,
    List<String> failures) {

  /**
   * A stage fed with the pack's own input.
   *
   * @param name of the pack's tensor
   * @param worst largest difference
   * @param tolerance that it may reach
   */
  public record Stage(String name, double worst, double tolerance) {
    public boolean passed() {
      return worst <= tolerance;
    }

    String miss() {
      return "stage %s is off: worst=%.4g; at most %.4g".formatted(name, worst, tolerance);
    }
  }

  public Verdict {
    stages = List.copyOf(stages);
    failures = List.copyOf(failures);
  }

  public boolean passed() {
    return failures.isEmpty();
  }

  /** One line for people. */
  public String line() {
    String line =
        String.format(
            Locale.ROOT,
            "%s %s: %s %s, %d points, worst %.2g px, mean %.2g px, logits %.2g",
            passed() ? "ok  " : "MISS",
            pack,
            backend,
            precision,
            points,
            worstPx,
            meanPx,
            worstLogit);
    return passed() ? line : line + "; " + String.join("; ", failures);
  }
}
