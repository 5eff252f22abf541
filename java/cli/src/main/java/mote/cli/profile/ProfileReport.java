package mote.cli.profile;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import mote.cli.live.Latencies;
import mote.engine.profile.Peaks;
import mote.engine.profile.Profile;
import mote.engine.profile.Span;

/**
 * What {@code mote profile} found out, as java/cli/JSON.md describes it.
 *
 * @param frames that were profiled
 * @param histogram of the frames' times without profiling
 * @param profiledP50Ms median of a frame's time while it was profiled
 * @param peaks null where the backend measures none
 * @param nvtx who took ranges, or why nobody did; null where the device has none
 * @param parts stages or kernels, by their share of the time
 */
record ProfileReport(
    String backend,
    String description,
    String precision,
    String mode,
    int width,
    int height,
    int points,
    long frames,
    @JsonProperty("p50_ms") double p50Ms,
    @JsonProperty("p95_ms") double p95Ms,
    @JsonProperty("p99_ms") double p99Ms,
    double worstMs,
    List<Bar> histogram,
    @JsonProperty("profiled_p50_ms") double profiledP50Ms,
    Peaks peaks,
    String nvtx,
    List<Line> operations,
    List<Line> parts,
    List<Line> copies) {
  private static final int BARS = 12;

  /** Frames that took from one time to another. */
  record Bar(double fromMs, double toMs, long frames) {}

  /**
   * A row of the table.
   *
   * @param share of the time of all rows of its list
   * @param floorMs null where no peak is known, or none bounds it
   * @param timesFloor null likewise
   */
  record Line(
      String name,
      long calls,
      double totalMs,
      double share,
      double operations,
      double bytes,
      double gflops,
      double gigabytesPerSecond,
      Double floorMs,
      Double timesFloor) {}

  static ProfileReport of(
      String backend,
      String mode,
      int width,
      int height,
      int points,
      long frames,
      Latencies plain,
      Latencies profiled,
      Peaks peaks,
      Profile profile) {
    return new ProfileReport(
        backend,
        profile.description(),
        profile.precision().id(),
        mode,
        width,
        height,
        points,
        frames,
        plain.percentileMillis(50),
        plain.percentileMillis(95),
        plain.percentileMillis(99),
        plain.worstMillis(),
        histogram(plain),
        profiled.percentileMillis(50),
        peaks,
        profile.ranges(),
        lines(profile, Span.Kind.OPERATION, peaks),
        lines(profile, Span.Kind.PART, peaks),
        lines(profile, Span.Kind.COPY, null));
  }

  /** Bars of equal width from the shortest to the longest time. */
  static List<Bar> histogram(Latencies latencies) {
    double best = latencies.bestMillis();
    double step = (latencies.worstMillis() - best) / BARS;
    List<Bar> bars = new ArrayList<>();
    long before = 0;
    for (int i = 0; i < BARS; i++) {
      boolean last = i == BARS - 1;
      double to = last ? latencies.worstMillis() : best + (i + 1) * step;
      long until = last ? latencies.count() : latencies.countBetween(0, to);
      bars.add(new Bar(best + i * step, to, until - before));
      before = until;
    }
    return bars;
  }

  private static List<Line> lines(Profile profile, Span.Kind kind, Peaks peaks) {
    List<Profile.Row> rows =
        profile.rows().stream()
            .filter(row -> row.kind() == kind)
            .sorted((a, b) -> Long.compare(b.nanos(), a.nanos()))
            .toList();
    double all = rows.stream().mapToDouble(Profile.Row::nanos).sum();
    return rows.stream().map(row -> line(row, all, peaks)).toList();
  }

  private static Line line(Profile.Row row, double all, Peaks peaks) {
    Double floor = peaks == null ? null : peaks.floorNanos(row.operations(), row.bytes()) / 1e6;
    double millis = row.nanos() / 1e6;
    return new Line(
        row.name(),
        row.calls(),
        millis,
        all == 0 ? 0 : row.nanos() / all,
        row.operations(),
        row.bytes(),
        row.gflops(),
        row.gigabytesPerSecond(),
        floor,
        floor == null || floor == 0 ? null : millis / floor);
  }
}
