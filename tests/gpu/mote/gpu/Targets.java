package mote.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/** What was promised for one H100 or H200, held against what was measured. */
final class Targets {
  private static final int HEIGHT = 480;
  private static final int WIDTH = 640;
  private static final int POINTS = 256;

  /**
   * A target.
   *
   * @param verdict {@code met}, {@code missed} or {@code not measured}
   * @param measured with its unit, or why it was not
   */
  record Target(String target, String verdict, String measured) {}

  private final Results results;
  private final List<Target> targets = new ArrayList<>();

  private Targets(Results results) {
    this.results = results;
  }

  static List<Target> of(Results results) {
    Targets targets = new Targets(results);
    targets.latency("pips", 6, 2);
    targets.latency("mote-s", 4, 0.5);
    targets.mixer();
    targets.correlation();
    targets.encoder();
    targets.published();
    return targets.targets;
  }

  private void add(String target, OptionalDouble measured, Boolean met, String unit) {
    if (standIn()) {
      targets.add(new Target(target, "not measured", "the stand-in is no GPU"));
    } else if (measured.isEmpty() || met == null) {
      targets.add(new Target(target, "not measured", "no such row in this run"));
    } else {
      String text = String.format(Locale.ROOT, "%.3g %s", measured.getAsDouble(), unit);
      targets.add(new Target(target, met ? "met" : "missed", text));
    }
  }

  private boolean standIn() {
    return results.root().path("device").path("stand_in").asBoolean(false);
  }

  private static Predicate<JsonNode> at(String model, int points) {
    return row ->
        row.path("model").asText().equals(model)
            && row.path("height").asInt() == HEIGHT
            && row.path("width").asInt() == WIDTH
            && row.path("points").asInt() == points;
  }

  private static Predicate<JsonNode> having(String field, String value) {
    return row -> row.path(field).asText().equals(value);
  }

  private OptionalDouble least(
      String part, Predicate<JsonNode> which, ToDoubleFunction<JsonNode> value) {
    OptionalDouble least = OptionalDouble.empty();
    for (JsonNode row : results.rows(part)) {
      if (which.test(row)) {
        double found = value.applyAsDouble(row);
        least = OptionalDouble.of(least.isEmpty() ? found : Math.min(least.getAsDouble(), found));
      }
    }
    return least;
  }

  private static ToDoubleFunction<JsonNode> number(String field) {
    return row -> row.path(field).asDouble(Double.NaN);
  }

  private static Boolean atMost(OptionalDouble value, double limit) {
    return value.isEmpty() ? null : value.getAsDouble() <= limit;
  }

  private static Boolean atLeast(OptionalDouble value, double limit) {
    return value.isEmpty() ? null : value.getAsDouble() >= limit;
  }

  private void latency(String model, int iterations, double limit) {
    OptionalDouble found =
        least(
            "latency",
            at(model, POINTS).and(row -> row.path("iterations").asInt() == iterations),
            number("p99_ms"));
    String target =
        "%s, %dx%d, %d points, %d iterations for each new frame: at most %s ms p99"
            .formatted(model, HEIGHT, WIDTH, POINTS, iterations, limit);
    add(target, found, atMost(found, limit), "ms p99");
  }

  /** Operations a second of a stage over the peak; empty where either is unknown. */
  private OptionalDouble share(Stage stage, String gemm, int points) {
    Stage.Sum sum = stage.sum(results, at("pips", points).and(having("gemm", gemm)));
    OptionalDouble peak = Ceiling.peak(results);
    return sum == null || peak.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(sum.operations() / sum.seconds() / 1e12 / peak.getAsDouble());
  }

  private void mixer() {
    Stage.Sum fused = Stage.MIXER.sum(results, at("pips", POINTS).and(having("gemm", "fused")));
    Stage.Sum cublas = Stage.MIXER.sum(results, at("pips", POINTS).and(having("gemm", "cublas")));
    OptionalDouble share = share(Stage.MIXER, "fused", POINTS);
    String target = "fused mixer, 256 points: 2.5 times the cuBLAS path, or 60 % of the peak";
    if (fused != null && cublas != null) {
      double ratio = cublas.seconds() / fused.seconds();
      boolean met = ratio >= 2.5 || Boolean.TRUE.equals(atLeast(share, 0.6));
      add(target, OptionalDouble.of(ratio), met, "times the cuBLAS path" + percent(share));
    } else {
      boolean met = Boolean.TRUE.equals(atLeast(share, 0.6));
      add(target, share, met ? true : null, "of the peak");
    }
    OptionalDouble large = share(Stage.MIXER, "fused", 1024);
    add("fused mixer, 1024 points: 60 % of the peak", large, atLeast(large, 0.6), "of the peak");
  }

  private static String percent(OptionalDouble share) {
    return share.isEmpty() ? "" : ", %.0f %% of the peak".formatted(100 * share.getAsDouble());
  }

  private void correlation() {
    for (String model : List.of("pips", "mote-s")) {
      Stage.Sum sum = Stage.CORRELATE.sum(results, at(model, POINTS).and(having("gemm", "fused")));
      OptionalDouble ceiling = Ceiling.of(results, "read-l2").value();
      OptionalDouble share =
          sum == null || ceiling.isEmpty()
              ? OptionalDouble.empty()
              : OptionalDouble.of(sum.bytes() / sum.seconds() / 1e9 / ceiling.getAsDouble());
      add(
          "correlation of " + model + ": 70 % of the L2's measured bandwidth",
          share,
          atLeast(share, 0.7),
          "of it");
    }
  }

  private void encoder() {
    OptionalDouble share = share(Stage.ENCODER, "fused", POINTS);
    add("encoder of pips: 50 % of the peak", share, atLeast(share, 0.5), "of the peak");
  }

  private void published() {
    OptionalDouble ours = least("latency", at("pips", POINTS), number("p50_ms"));
    OptionalDouble theirs =
        least("peer", at("pips", POINTS).and(having("variant", "eager")), number("p50_ms"));
    OptionalDouble ratio =
        ours.isEmpty() || theirs.isEmpty()
            ? OptionalDouble.empty()
            : OptionalDouble.of(theirs.getAsDouble() / ours.getAsDouble());
    add(
        "pips: 20 times the published PyTorch (eager) for each frame",
        ratio,
        atLeast(ratio, 20),
        "times");
  }
}
