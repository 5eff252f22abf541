package mote.cli.bench;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import mote.cli.AwakeOption;
import mote.cli.ModelOptions;
import mote.cli.UsageException;
import mote.cli.bench.Measurement.Figure;
import mote.cli.eval.ScoreTable;
import mote.cpu.Awake;
import mote.engine.BackendProvider;
import mote.engine.Plan;
import mote.engine.Weights;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code mote bench live}: latency of live tracking, frames arriving by the clock. */
@Command(
    name = "live",
    description = {
      "Measures the latency of live tracking, frames arriving by the clock.",
      "A frame counts from when it is due until its points can be read, or those of a newer one",
      "where it had to be dropped. Output is verified first; the JVM's pauses are named. Beside each",
      "case of the cpu backend stands what the machine does to as many frames of arithmetic alone,",
      "of the median push time, on the same clock and threads: the host's line."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  mote bench live                          8, 64, 256 and 1024 points, a minute and a half",
      "  mote bench live --points 64 --seconds 60 --json",
      "  mote bench live --awake                  the same with processors that do not sleep",
      "",
      "Fields: java/cli/JSON.md"
    })
final class LiveBenchCommand implements Callable<Integer> {
  private static final int LARGEST_SIDE = 2048;

  @Option(
      names = "--points",
      paramLabel = "N",
      split = ",",
      defaultValue = "8,64,256,1024",
      description = "points at once, a case each; default: ${DEFAULT-VALUE}")
  private List<Integer> points;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "8",
      description = "measured for each case, after warming up; default: ${DEFAULT-VALUE}")
  private double seconds;

  @Option(
      names = "--rate",
      paramLabel = "FPS",
      defaultValue = "30",
      description = "frames a second; default: ${DEFAULT-VALUE}")
  private double rate;

  @Option(
      names = "--side",
      paramLabel = "PIXELS",
      defaultValue = "256",
      description = "height and width of the pictures; default: ${DEFAULT-VALUE}")
  private int side;

  @Option(names = "--json", description = "print a list of objects (java/cli/JSON.md)")
  private boolean json;

  @Mixin private ModelOptions model;
  @Mixin private AwakeOption awake;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    requireUsage();
    BackendProvider provider = model.provider(spec.commandLine().getErr());
    List<Measurement> rows = new ArrayList<>();
    if (!json) {
      out.printf(
          "%-22s %-9s %-6s %7s %5s %8s %8s %8s %8s %8s%n",
          "case", "backend", "prec.", "frames", "drop", "p50 ms", "p95 ms", "p99 ms", "p99.9",
          "worst");
    }
    try (Weights weights = model.openWeights();
        Awake _ = awake.open(spec.commandLine().getErr());
        LiveClip clip = new LiveClip(side, side)) {
      LiveCase live = new LiveCase(weights, provider, model.live(), clip, rate, seconds);
      for (int count : points) {
        Measurement row = live.run(count).with(Figure.AWAKE, awake.processors());
        rows.add(row);
        if (!json) {
          print(row, out);
        }
      }
    }
    if (json) {
      ScoreTable.printJson(rows, out);
    }
    return 0;
  }

  private void requireUsage() {
    for (int count : points) {
      if (count < 1 || count > Plan.MOST_POINTS) {
        throw new UsageException(
            "points are out of range: points=%d; give 1 to %d".formatted(count, Plan.MOST_POINTS));
      }
    }
    require("seconds", seconds, 1, 3600);
    require("rate", rate, 1, 1000);
    require("side", side, 128, LARGEST_SIDE);
  }

  private static void require(String name, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw new UsageException(
          "%s is out of range: %s=%s; give %.0f to %.0f".formatted(name, name, value, least, most));
    }
  }

  private static void print(Measurement row, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "%-22s %-9s %-6s %7.0f %5.0f %8.2f %8.2f %8.2f %8.2f %8.2f%n",
        row.name(),
        row.backend(),
        row.precision(),
        row.number(Figure.FRAMES),
        row.number(Figure.DROPPED),
        row.number(Figure.P50_MS),
        row.number(Figure.P95_MS),
        row.number(Figure.P99_MS),
        row.number(Figure.P999_MS),
        row.number(Figure.WORST_MS));
    out.println("    " + row.figures().get(Figure.OUTPUT));
    out.println("    stages, ms, half and 99 % of the frames under:" + stages(row));
    if (row.number(Figure.HOST_P99_MS) != null) {
      out.println(host(row));
    }
    Map<?, ?> pauses = (Map<?, ?>) row.figures().get(Figure.PAUSES);
    pauses.forEach(
        (name, figures) -> out.println("    JVM, " + name + ":" + line((Map<?, ?>) figures)));
    if (pauses.isEmpty()) {
      out.println("    JVM: no pause, no compilation");
    }
    out.flush();
  }

  private static String host(Measurement row) {
    return String.format(
        Locale.ROOT,
        "    host, %.2f ms of arithmetic alone on %.0f threads in place of it: p50 %.2f p99 %.2f worst %.2f ms",
        row.number(Figure.HOST_WORK_MS),
        row.number(Figure.HOST_THREADS),
        row.number(Figure.HOST_P50_MS),
        row.number(Figure.HOST_P99_MS),
        row.number(Figure.HOST_WORST_MS));
  }

  /** Median and 99th percentile of each stage. */
  private static String stages(Measurement row) {
    Map<?, ?> medians = (Map<?, ?>) row.figures().get(Figure.STAGES);
    Map<?, ?> tails = (Map<?, ?>) row.figures().get(Figure.STAGE_P99_MS);
    StringBuilder line = new StringBuilder();
    medians.forEach(
        (name, seconds) ->
            line.append(
                String.format(
                    Locale.ROOT, " %s %.2f %.2f", name, 1e3 * (Double) seconds, tails.get(name))));
    return line.toString();
  }

  private static String line(Map<?, ?> figures) {
    StringBuilder line = new StringBuilder();
    figures.forEach(
        (name, value) -> line.append(String.format(Locale.ROOT, " %s %.2f", name, value)));
    return line.toString();
  }
}
