package mote.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.OptionalDouble;

/**
 * A measured ceiling of the run.
 *
 * @param value GB/s, TFLOP/s for matrix products; empty where it was not measured
 */
record Ceiling(String name, OptionalDouble value) {
  static Ceiling of(Results results, String name) {
    double best = Double.NaN;
    for (JsonNode row : results.rows("ceilings")) {
      best = better(row, name, best);
    }
    for (JsonNode row : results.found("peer").path("ceilings")) {
      best = better(row, name, best);
    }
    return new Ceiling(name, Double.isNaN(best) ? OptionalDouble.empty() : OptionalDouble.of(best));
  }

  /**
   * TFLOP/s of a large matrix product with 16-bit operands, the faster kind; empty if not known.
   */
  static OptionalDouble peak(Results results) {
    OptionalDouble half = of(results, "matmul-fp16").value();
    OptionalDouble brain = of(results, "matmul-bf16").value();
    return half.orElse(0) >= brain.orElse(0) ? half : brain;
  }

  private static double better(JsonNode row, String name, double best) {
    if (!row.path("name").asText().equals(name)) {
      return best;
    }
    double value = row.path(row.has("gb_per_s") ? "gb_per_s" : "tflop_per_s").asDouble(Double.NaN);
    return value <= best ? best : value; // the first is compared with not a number
  }
}
