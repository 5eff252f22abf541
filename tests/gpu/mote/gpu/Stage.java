package mote.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;

/** Which kernels make up a stage of the model. */
enum Stage {
  /** Picture to pyramid. */
  ENCODER(
      Set.of("stem", "conv", "statistics", "resize_concat", "resize_sum", "normalise", "pyramid")),
  /** Whatever computes the mixer: one kernel, or a library's products with kernels between. */
  MIXER(Set.of()),
  CORRELATE(Set.of("correlate")),
  /** Everything else about points. */
  OTHER(
      Set.of(
          "start",
          "sample",
          "correlation_linear",
          "embed",
          "update",
          "update_features",
          "visibility",
          "match",
          "peaks",
          "similarity"));

  private final Set<String> kernels;

  Stage(Set<String> kernels) {
    this.kernels = kernels;
  }

  /** The stage of a kernel. */
  static Stage of(String kernel) {
    for (Stage stage : values()) {
      if (stage.kernels.contains(kernel)) {
        return stage;
      }
    }
    return MIXER;
  }

  /** Of one frame. */
  record Sum(double seconds, double operations, double bytes) {}

  /** Of a case's kernels that are of this stage; null where there are none. */
  Sum sum(Results results, Key key) {
    double micros = 0;
    double operations = 0;
    double bytes = 0;
    boolean any = false;
    for (JsonNode row : results.rows("kernels")) {
      if (Key.of(row).equals(key) && of(row.path("kernel").asText()) == this) {
        any = true;
        micros += row.path("micros").asDouble(Double.NaN);
        operations += row.path("operations").asDouble(Double.NaN);
        bytes += row.path("bytes").asDouble(Double.NaN);
      }
    }
    return any ? new Sum(micros / 1e6, operations, bytes) : null;
  }
}
