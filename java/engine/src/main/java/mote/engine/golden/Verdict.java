package mote.engine.golden;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Locale;

/**
 * What the check of one pack found, or why it was not checked.
 *
 * @param pack its name
 * @param kind {@code window} or {@code chain}
 * @param backend that was checked
 * @param precision that ran or, where skipped, was asked for
 * @param points of the pack
 * @param worstPx largest distance of a point, pixels; null where skipped
 * @param meanPx mean distance, pixels; null where skipped
 * @param worstLogit largest difference of a visibility or confidence logit; null where the pack has
 *     none (chains) or was skipped
 * @param stages the stages that the pack holds
 * @param failures why it was missed, one sentence each; empty where it passed
 * @param skipped why it was not checked, {@code reason: name=value; remedy}; null where it was
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Verdict(
    String pack,
    String kind,
    String backend,
    String precision,
    int points,
    Double worstPx,
    Double meanPx,
    Double worstLogit,
    List<Stage> stages,
    List<String> failures,
    String skipped) {

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

  /** Of a pack that cannot be checked as asked. */
  static Verdict skipped(GoldenPack pack, String backend, String precision, String reason) {
    return new Verdict(
        pack.name(),
        pack.kind(),
        backend,
        precision,
        pack.points(),
        null,
        null,
        null,
        List.of(),
        List.of(),
        reason);
  }

  /** Whether it was checked and met. */
  public boolean passed() {
    return skipped == null && failures.isEmpty();
  }

  /** One line for people. */
  public String line() {
    if (skipped != null) {
      return "skip " + pack + ": " + skipped;
    }
    String line =
        String.format(
            Locale.ROOT,
            "%s %s: %s %s, %d points, worst %.2g px, mean %.2g px",
            passed() ? "ok  " : "MISS",
            pack,
            backend,
            precision,
            points,
            worstPx,
            meanPx);
    if (worstLogit != null) {
      line += String.format(Locale.ROOT, ", logits %.2g", worstLogit);
    }
    return passed() ? line : line + "; " + String.join("; ", failures);
  }
}
