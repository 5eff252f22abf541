package mote.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;

/** Which kernels make up a stage of the model. */
enum Stage {
  /** Picture to pyramid. */
  ENCODER(
      Set.of("stem", "conv", "statistics", "resize_concat", "resize_sum", "normalise", "pyramid")),
  /** One kernel, or a library's products with kernels between. */
  MIXER(
      Set.of(
          "mixer",
          "gemm input",
          "gemm token1",
          "gemm token2",
          "gemm channel1",
          "gemm channel2",
          "gemm head",
          "bias_rows",
          "bias_gelu",
          "layer_norm",
          "layer_norm_mean")),
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

  /** Whether a kernel is of this stage, of either tracker where a model has two. */
  private boolean holds(String kernel) {
    return kernels.contains(kernel.startsWith("fine ") ? kernel.substring(5) : kernel);
  }

  private static boolean isKernel(JsonNode row) {
    return row.path("kind").asText().equals("kernel"); // else a copy between host and device
  }

  /** The kernels that were measured and belong to no stage: no target is held against them. */
  static Set<String> unknown(Results results) {
    Set<String> unknown = new TreeSet<>();
    for (JsonNode row : results.rows("kernels")) {
      String kernel = row.path("kernel").asText();
      if (isKernel(row) && Arrays.stream(values()).noneMatch(stage -> stage.holds(kernel))) {
        unknown.add(kernel);
      }
    }
    return unknown;
  }

  /** Of one frame. */
  record Sum(double seconds, double operations, double bytes) {}

  /**
   * Of a case's kernels that are of this stage; null where there are none, or where their time is
   * none that a clock can have shown.
   */
  Sum sum(Results results, Key key) {
    double micros = 0;
    double operations = 0;
    double bytes = 0;
    boolean any = false;
    for (JsonNode row : results.rows("kernels")) {
      if (isKernel(row) && Key.of(row).equals(key) && holds(row.path("kernel").asText())) {
        any = true;
        micros += row.path("micros").asDouble(Double.NaN);
        operations += row.path("operations").asDouble(Double.NaN);
        bytes += row.path("bytes").asDouble(Double.NaN);
      }
    }
    return any && Double.isFinite(micros) && micros > 0
        ? new Sum(micros / 1e6, operations, bytes)
        : null;
  }
}
