package mote.cli.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import mote.cli.UsageException;
import mote.cli.bench.Measurement.Figure;
import mote.cli.eval.ScoreTable;
import mote.engine.MoteException;
import mote.engine.Plan;
import mote.stream.ListenAddress;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code mote bench stream}: what the stream layer adds to the latency of a frame. */
@Command(
    name = "stream",
    description = {
      "Measures what mote stream adds to the latency of a frame.",
      "Frames of 640x480 go to an engine that does nothing and come back as points, over TCP on",
      "loopback and a Unix socket; they are due by the clock, and late ones count from then on.",
      "In turn with them, as many bytes go through a bare socket: what the machine itself takes."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  mote bench stream                        half a minute",
      "  mote bench stream --rate 30 --seconds 60 --json",
      "",
      "Fields: java/cli/JSON.md"
    })
final class StreamBenchCommand implements Callable<Integer> {
  @Option(
      names = "--points",
      paramLabel = "N",
      defaultValue = "64",
      description = "rows of an answer, 1 to 16384; default: ${DEFAULT-VALUE}")
  private int points;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "10",
      description = "measured for each transport, after 4 of warming up; default: ${DEFAULT-VALUE}")
  private double seconds;

  @Option(
      names = "--rate",
      paramLabel = "FPS",
      defaultValue = "100",
      description = "frames a second; default: ${DEFAULT-VALUE}")
  private double rate;

  @Option(names = "--json", description = "print a list of objects (java/cli/JSON.md)")
  private boolean json;

  @Spec private CommandSpec spec;

  private static final double WARM_UP = 4;
  private static final int MOST_POINTS = Plan.MOST_POINTS / 4;

  @Override
  public Integer call() {
    require("points", points, 1, MOST_POINTS);
    require("seconds", seconds, 0.1, 3600);
    require("rate", rate, 1, 1000);
    PrintWriter out = spec.commandLine().getOut();
    StreamCase stream = new StreamCase(points, rate, seconds, Math.min(WARM_UP, seconds));
    List<Measurement> rows = new ArrayList<>();
    if (!json) {
      out.printf(
          "%-22s %7s %7s %8s %8s %8s %8s %8s %8s%n",
          "case", "points", "frames", "p50 ms", "p95 ms", "p99 ms", "p99.9", "worst", "bytes");
    }
    report(stream.run(ListenAddress.parse("tcp://127.0.0.1:0")), rows, out);
    report(overUnixSocket(stream), rows, out);
    if (json) {
      ScoreTable.printJson(rows, out);
    }
    return 0;
  }

  private static List<Measurement> overUnixSocket(StreamCase stream) {
    try {
      Path folder = Files.createTempDirectory("mote-bench");
      try {
        return stream.run(ListenAddress.parse("unix:" + folder.resolve("s")));
      } finally {
        Files.delete(folder);
      }
    } catch (IOException e) {
      throw new MoteException(
          "temporary folder cannot be made: cause=" + e + "; check the disk", e);
    }
  }

  private void report(List<Measurement> found, List<Measurement> rows, PrintWriter out) {
    rows.addAll(found);
    if (!json) {
      found.forEach(row -> print(row, out));
    }
  }

  private static void print(Measurement row, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "%-22s %7.0f %7.0f %8.3f %8.3f %8.3f %8.3f %8.3f %8s%n",
        row.name(),
        row.number(Figure.POINTS),
        row.number(Figure.FRAMES),
        row.number(Figure.P50_MS),
        row.number(Figure.P95_MS),
        row.number(Figure.P99_MS),
        row.number(Figure.P999_MS),
        row.number(Figure.WORST_MS),
        text(row.number(Figure.BYTES_PER_FRAME)));
    out.flush();
  }

  private static String text(Double bytes) {
    return bytes == null ? "" : "%.1f".formatted(bytes);
  }

  private static void require(String name, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw new UsageException(
          "measuring is out of range: %s=%s; give %s to %s".formatted(name, value, least, most));
    }
  }
}
