package mote.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import mote.engine.AtomicFile;

/** {@code table.md} of results.json, and each target's verdict into both. */
final class Report {
  /** Kernels that are shown for a model and size: the rest is in results.json. */
  private static final double LEAST_SHARE = 0.01;

  private final Results results;
  private final StringBuilder text = new StringBuilder();

  Report(Results results) {
    this.results = results;
  }

  /**
   * Writes it and prints the targets.
   *
   * @return whether no part failed
   */
  boolean write(Path folder) {
    List<Targets.Target> targets = Targets.of(results);
    results.set("targets", targets);
    device();
    boolean passed = parts();
    targets(targets);
    latency();
    ceilings();
    kernels();
    correlations();
    AtomicFile.write(
        folder.resolve("table.md"), temporary -> Files.writeString(temporary, text.toString()));
    for (Targets.Target target : targets) {
      System.out.printf("%-12s %s: %s%n", target.verdict(), target.target(), target.measured());
    }
    return passed;
  }

  private void line(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  private void device() {
    JsonNode device = results.root().path("device");
    line(
        "# %s%s",
        device.path("stand_in").asBoolean() ? "The stand-in, no GPU: " : "",
        device.path("name").asText("unknown device"));
    line("");
    line(
        "%s, revision %s, driver for CUDA %s, %d multiprocessors.",
        results.root().path("date").asText("?"),
        results.root().path("revision").asText("?"),
        device.path("cuda").asText("?"),
        device.path("multiprocessors").asInt());
    JsonNode peer = results.found("peer").path("device");
    if (!peer.isMissingNode()) {
      line(
          "PyTorch %s on %s (TF32: %s).",
          peer.path("torch").asText(), peer.path("name").asText(), peer.path("tf32").asText());
    }
  }

  private boolean parts() {
    line("");
    line("| part | | rows | seconds | |");
    line("|---|---|---|---|---|");
    boolean passed = true;
    var parts = results.root().path("parts").fields();
    while (parts.hasNext()) {
      var part = parts.next();
      JsonNode value = part.getValue();
      String status = value.path("status").asText();
      passed &= !status.equals("failed");
      List<String> remarks = new ArrayList<>();
      int failed = 0;
      for (JsonNode row : value.path("rows")) {
        failed += row.path("status").asText().equals("failed") ? 1 : 0;
        failed += row.path("failures").isEmpty() ? 0 : 1;
      }
      if (failed > 0) {
        remarks.add(failed + " failed");
      }
      for (String field : List.of("errors", "notes")) {
        value
            .path(field)
            .forEach(text -> remarks.add(text.asText().replace("|", "/").replace("\n", " ")));
      }
      line(
          "| %s | %s | %d | %s | %s |",
          part.getKey(),
          status,
          value.path("rows").size(),
          value.path("seconds").asText("-"),
          String.join(". ", remarks));
    }
    return passed;
  }

  private void targets(List<Targets.Target> targets) {
    line("");
    line("| target on one H100 or H200 | | measured |");
    line("|---|---|---|");
    for (Targets.Target target : targets) {
      line("| %s | %s | %s |", target.target(), target.verdict(), target.measured());
    }
  }

  private void latency() {
    line("");
    line("From a frame in host memory to its points in host memory, milliseconds.");
    line("");
    line(
        "| frames | points | model | by | precision | iterations | p50 | p95 | p99 | worst | frames timed |");
    line("|---|---|---|---|---|---|---|---|---|---|---|");
    for (String part : List.of("latency", "peer")) {
      for (JsonNode row : results.rows(part)) {
        line(
            "| %dx%d | %d | %s | %s | %s | %d | %.3f | %.3f | %.3f | %.3f | %d |",
            row.path("height").asInt(),
            row.path("width").asInt(),
            row.path("points").asInt(),
            row.path("model").asText(),
            part.equals("peer")
                ? "PyTorch, " + row.path("variant").asText()
                : "Mote, %s, %s".formatted(row.path("gemm").asText(), row.path("form").asText()),
            row.path("precision").asText(),
            row.path("iterations").asInt(),
            row.path("p50_ms").asDouble(),
            row.path("p95_ms").asDouble(),
            row.path("p99_ms").asDouble(),
            row.path("worst_ms").asDouble(),
            row.path("frames").asInt());
      }
    }
  }

  private void ceilings() {
    line("");
    line("| ceiling | by | GB/s | TFLOP/s |");
    line("|---|---|---|---|");
    for (JsonNode row : results.rows("ceilings")) {
      ceiling(row);
    }
    for (JsonNode row : results.found("peer").path("ceilings")) {
      ceiling(row);
    }
  }

  private void ceiling(JsonNode row) {
    line(
        "| %s | %s | %s | %s |",
        row.path("name").asText(),
        row.path("by").asText(),
        number(row.path("gb_per_s")),
        number(row.path("tflop_per_s")));
  }

  private static String number(JsonNode value) {
    return value.isNumber() ? String.format(Locale.ROOT, "%.1f", value.asDouble()) : "-";
  }

  private void kernels() {
    if (results.rows("kernels").isEmpty()) {
      return;
    }
    line("");
    line(
        "Kernels of a frame, those of at least %.0f %% of it. The floor is the larger of operations over the measured",
        100 * LEAST_SHARE);
    line(
        "matrix product and bytes over the measured bandwidth (of the L2 for correlate, else of a copy).");
    line("");
    line("| case | kernel | calls | us | share | TFLOP/s | GB/s | floor, us | times the floor |");
    line("|---|---|---|---|---|---|---|---|---|");
    for (JsonNode row : results.rows("kernels")) {
      if (row.path("share").asDouble() >= LEAST_SHARE) {
        kernel(row);
      }
    }
    Set<String> unknown = Stage.unknown(results);
    if (!unknown.isEmpty()) {
      line("");
      line("Of no stage, so no part of any target: %s.", String.join(", ", unknown));
    }
  }

  private void kernel(JsonNode row) {
    double micros = row.path("micros").asDouble();
    OptionalDouble floor = floorMicros(row);
    if (keeps(row)) {
      floor = OptionalDouble.empty();
    }
    line(
        "| %s %s %s %dx%d %d | %s | %.1f | %.1f | %.0f %% | %s | %s | %s | %s |",
        row.path("model").asText(),
        row.path("gemm").asText(),
        row.path("form").asText(),
        row.path("height").asInt(),
        row.path("width").asInt(),
        row.path("points").asInt(),
        row.path("kernel").asText(),
        row.path("calls").asDouble(),
        micros,
        100 * row.path("share").asDouble(),
        keeps(row) ? "-" : "%.2f".formatted(row.path("operations").asDouble() / micros / 1e6),
        keeps(row) ? "-" : "%.1f".formatted(row.path("bytes").asDouble() / micros / 1e3),
        floor.isEmpty() ? "-" : "%.1f".formatted(floor.getAsDouble()),
        floor.isEmpty() || floor.getAsDouble() == 0
            ? "-"
            : "%.1f".formatted(micros / floor.getAsDouble()));
  }

  /** Whether most of the work may have been spared by what was kept: its counts are too high. */
  private static boolean keeps(JsonNode row) {
    return row.path("kernel").asText().equals("correlate")
        && !row.path("model").asText().equals("pips");
  }

  /** The correlation of one iteration while nothing is kept. */
  private void correlations() {
    JsonNode rows = results.found("kernels").path("correlations");
    if (rows.isEmpty()) {
      return;
    }
    line("");
    line("Correlation of one iteration, nothing kept from one before; bytes that it asks for.");
    line("");
    line("| case | us | MB | GB/s |");
    line("|---|---|---|---|");
    for (JsonNode row : rows) {
      double micros = row.path("micros").asDouble();
      double bytes = row.path("bytes").asDouble();
      line(
          "| %s %s %dx%d %d | %.1f | %.1f | %.1f |",
          row.path("model").asText(),
          row.path("precision").asText(),
          row.path("height").asInt(),
          row.path("width").asInt(),
          row.path("points").asInt(),
          micros,
          bytes / 1e6,
          bytes / micros / 1e3);
    }
  }

  /** Empty where a ceiling was not measured. */
  private OptionalDouble floorMicros(JsonNode row) {
    boolean cached = row.path("kernel").asText().equals("correlate");
    OptionalDouble bandwidth = Ceiling.of(results, cached ? "read-l2" : "copy");
    Optional<Ceiling> peak = Ceiling.peak(results);
    if (bandwidth.isEmpty() || peak.isEmpty()) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(
        Math.max(
            row.path("bytes").asDouble() / bandwidth.getAsDouble() / 1e3,
            row.path("operations").asDouble() / peak.get().value() / 1e6));
  }
}
