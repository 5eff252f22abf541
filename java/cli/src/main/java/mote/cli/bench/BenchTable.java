package mote.cli.bench;

import java.util.Locale;
import java.util.Map;
import mote.cli.bench.Measurement.Figure;

/** Measurements for people. */
final class BenchTable {
  static final String HEAD =
      "%-30s %-9s %-7s %10s %8s %6s %8s %8s %8s"
          .formatted(
              "case", "backend", "prec.", "seconds", "GFLOP", "peak", "peer s", "frames/s", "MB");

  private BenchTable() {}

  static String line(Measurement row) {
    StringBuilder line = new StringBuilder();
    line.append("%-30s %-9s %-7s".formatted(row.name(), row.backend(), row.precision()));
    line.append(" %10s".formatted(text("%.4g", 1, row.number(Figure.SECONDS))));
    line.append(" %8s".formatted(text("%.1f", 1, row.number(Figure.GFLOP))));
    line.append(" %6s".formatted(text("%.0f%%", 100, row.number(Figure.SHARE_OF_PEAK))));
    line.append(" %8s".formatted(text("%.2f", 1, row.number(Figure.PEER_SECONDS))));
    line.append(" %8s".formatted(text("%.1f", 1, row.number(Figure.FRAMES_PER_SECOND))));
    line.append(" %8s".formatted(text("%.0f", 1e-6, row.number(Figure.BYTES))));
    line.append(text("  %.1f%% off a straight line;", 100, row.number(Figure.DEVIATION)));
    if (row.figures().containsKey(Figure.PEERS)) {
      line.append("  peers ").append(row.figures().get(Figure.PEERS)).append(';');
    }
    if (row.figures().containsKey(Figure.OUTPUT)) {
      line.append("  ").append(row.figures().get(Figure.OUTPUT));
    }
    if (row.figures().get(Figure.STAGES) instanceof Map<?, ?> stages) {
      line.append(", ms:");
      stages.forEach((stage, seconds) -> line.append(" ").append(stage).append(milli(seconds)));
    }
    return line.toString();
  }

  private static String milli(Object seconds) {
    return String.format(Locale.ROOT, " %.2f", 1e3 * (Double) seconds);
  }

  /** A number in its column's unit, nothing where it was not measured. */
  private static String text(String format, double factor, Double value) {
    return value == null ? "" : String.format(Locale.ROOT, format, factor * value);
  }
}
