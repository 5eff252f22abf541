package mote.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A measured ceiling of the run: the best of those of that name.
 *
 * @param value GB/s, TFLOP/s for matrix products
 * @param by whose code reached it
 */
record Ceiling(String name, double value, String by) {
  /** Who multiplies with mma.sync alone. */
  static final String MMA = "mma.sync";

  static OptionalDouble of(Results results, String name) {
    return best(results, name)
        .map(ceiling -> OptionalDouble.of(ceiling.value))
        .orElseGet(OptionalDouble::empty);
  }

  private static Optional<Ceiling> best(Results results, String name) {
    Optional<Ceiling> best = Optional.empty();
    for (JsonNode rows : lists(results)) {
      for (JsonNode row : rows) {
        double value =
            row.path(row.has("gb_per_s") ? "gb_per_s" : "tflop_per_s").asDouble(Double.NaN);
        if (row.path("name").asText().equals(name)
            && Double.isFinite(value)
            && value > 0
            && (best.isEmpty() || value > best.get().value)) {
          best = Optional.of(new Ceiling(name, value, row.path("by").asText()));
        }
      }
    }
    return best;
  }

  private static JsonNode[] lists(Results results) {
    return new JsonNode[] {results.rows("ceilings"), results.found("peer").path("ceilings")};
  }

  /** TFLOP/s of a large matrix product with 16-bit operands, the faster kind. */
  static Optional<Ceiling> peak(Results results) {
    Optional<Ceiling> half = best(results, "matmul-fp16");
    Optional<Ceiling> brain = best(results, "matmul-bf16");
    boolean first = brain.isEmpty() || half.isPresent() && half.get().value >= brain.get().value;
    return first ? half : brain;
  }

  /**
   * Whether something was tried that could reach the device's own peak: on compute capability 9.0
   * and 10.x mma.sync cannot.
   */
  static boolean peakIsWhole(Results results) {
    int major = results.root().path("device").path("capability").asInt() / 10;
    if (major == 8 || major == 12) {
      return true;
    }
    for (JsonNode rows : lists(results)) {
      for (JsonNode row : rows) {
        boolean product = row.path("name").asText().startsWith("matmul-");
        if (product && !row.path("by").asText().equals(MMA)) {
          return true;
        }
      }
    }
    return false;
  }
}
