package mote.cli.bench;

import java.util.Locale;

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
    line.append(cell(" %10s", "%.4g", row.seconds()));
    line.append(cell(" %8s", "%.1f", row.gflop()));
    line.append(cell(" %6s", "%.0f%%", row.shareOfPeak() == null ? null : 100 * row.shareOfPeak()));
    line.append(cell(" %8s", "%.2f", row.peerSeconds()));
    line.append(cell(" %8s", "%.1f", row.framesPerSecond()));
    line.append(cell(" %8s", "%.0f", row.bytes() == null ? null : row.bytes() / 1e6));
    if (row.deviation() != null) {
      line.append("  %.1f%% off a straight line;".formatted(100 * row.deviation()));
    }
    if (row.peers() != null) {
      line.append("  peers ").append(row.peers()).append(';');
    }
    if (row.output() != null) {
      line.append("  ").append(row.output());
    }
    return line.toString();
  }

  private static String cell(String cell, String format, Double value) {
    return cell.formatted(value == null ? "" : String.format(Locale.ROOT, format, value));
  }
}
