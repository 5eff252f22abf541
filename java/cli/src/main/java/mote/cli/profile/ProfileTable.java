package mote.cli.profile;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import mote.engine.profile.Peaks;

/** A {@link ProfileReport} for people. */
final class ProfileTable {
  private static final int BAR = 40;

  private final PrintWriter out;

  ProfileTable(PrintWriter out) {
    this.out = out;
  }

  void print(ProfileReport report) {
    line("%s", report.description());
    line(
        "%s, %dx%d, %d points, %d frames profiled; a frame takes %.2f ms with the profiler, %.2f"
            + " without",
        report.mode(),
        report.width(),
        report.height(),
        report.points(),
        report.frames(),
        report.profiledP50Ms(),
        report.p50Ms());
    Peaks peaks = report.peaks();
    if (peaks == null) {
      line("no floor: backend=%s has no peak to measure", report.backend());
    } else {
      line(
          "peaks, measured now: %.0f GFLOP/s, %.1f GB/s in the cache, %.1f GB/s in memory (%s)",
          peaks.gflops(),
          peaks.cacheGigabytesPerSecond(),
          peaks.memoryGigabytesPerSecond(),
          peaks.note());
    }
    if (report.nvtx() != null) {
      line("NVTX ranges: %s", report.nvtx());
    }
    rows("operation", report.operations());
    rows(report.copies().isEmpty() ? "stage" : "kernel", report.parts());
    rows("copy", report.copies());
    if (peaks != null) {
      line("");
      line(
          "Operations by the direct method, bytes in and out once: what is kept from one iteration");
      line("to the next, or convolved by Winograd's method, may so be faster than the floor.");
    }
    histogram(report);
    out.flush();
  }

  private void rows(String what, List<ProfileReport.Line> rows) {
    if (rows.isEmpty()) {
      return;
    }
    line("");
    line(
        "%-20s %8s %10s %6s %10s %10s %9s %8s %10s %8s",
        what,
        "calls",
        "total ms",
        "share",
        "GFLOP",
        "MB",
        "GFLOP/s",
        "GB/s",
        "floor ms",
        "x floor");
    for (ProfileReport.Line row : rows) {
      line(
          "%-20s %8d %10.2f %5.1f%% %10.3f %10.2f %9.1f %8.1f %10s %8s",
          row.name(),
          row.calls(),
          row.totalMs(),
          100 * row.share(),
          row.operations() / 1e9,
          row.bytes() / 1e6,
          row.gflops(),
          row.gigabytesPerSecond(),
          number("%.3f", row.floorMs()),
          number("%.2f", row.timesFloor()));
    }
  }

  private void histogram(ProfileReport report) {
    line("");
    line("frames by their time without the profiler");
    long most = report.histogram().stream().mapToLong(ProfileReport.Bar::frames).max().orElse(1);
    for (ProfileReport.Bar bar : report.histogram()) {
      String marks = "#".repeat((int) Math.ceilDiv(bar.frames() * BAR, Math.max(1, most)));
      line("%10.2f to %8.2f ms %6d %s", bar.fromMs(), bar.toMs(), bar.frames(), marks);
    }
    line(
        "p50 %.2f ms, p95 %.2f ms, p99 %.2f ms, worst %.2f ms",
        report.p50Ms(), report.p95Ms(), report.p99Ms(), report.worstMs());
  }

  private static String number(String format, Double value) {
    return value == null ? "-" : String.format(Locale.ROOT, format, value);
  }

  private void line(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values).stripTrailing());
  }
}
