package mote.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What is measured, and what a row is of. Rows of one case agree in all of it, and only those are
 * added up or compared.
 *
 * @param model {@code pips}, {@code mote-s} or {@code mote-m}
 * @param gemm whose matrix products the mixer is made of; empty of PyTorch
 * @param form which kernels run; empty of PyTorch
 * @param iterations for each frame
 */
record Key(
    String model,
    String gemm,
    String form,
    String precision,
    int height,
    int width,
    int points,
    int iterations) {

  static Key of(JsonNode row) {
    return new Key(
        row.path("model").asText(),
        row.path("gemm").asText(),
        row.path("form").asText(),
        row.path("precision").asText(),
        row.path("height").asInt(),
        row.path("width").asInt(),
        row.path("points").asInt(),
        row.path("iterations").asInt());
  }

  /** The cases that rows are of, in their order. */
  static Set<Key> of(JsonNode rows, Predicate<Key> which) {
    Set<Key> keys = new LinkedHashSet<>();
    for (JsonNode row : rows) {
      Key key = of(row);
      if (which.test(key)) {
        keys.add(key);
      }
    }
    return keys;
  }

  /** The same case with cuBLAS's products. */
  Key byCublas() {
    return new Key(model, "cublas", "portable", precision, height, width, points, iterations);
  }

  /** Operands of 16 bits. */
  boolean half() {
    return precision.equals("fp16") || precision.equals("bf16");
  }

  /** Which mixer at which precision. */
  String mixer() {
    return "%s %s, %s".formatted(gemm, form, precision);
  }
}
