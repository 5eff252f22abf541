package mote.cli.bench;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import mote.cli.BackendOptions;
import mote.cli.Home;
import mote.cli.UsageException;
import mote.cli.WeightsOption;
import mote.cli.bench.Measurement.Figure;
import mote.cli.eval.ScoreTable;
import mote.cli.eval.Statistics;
import mote.cpu.CpuProvider;
import mote.engine.Backend;
import mote.engine.BackendProvider;
import mote.engine.MoteException;
import mote.engine.Plan;
import mote.engine.Precision;
import mote.engine.Untrusted;
import mote.engine.Weights;
import mote.engine.track.TrackerOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code mote bench}: time, memory and their floors; output is verified before it is timed. */
@Command(
    name = "bench",
    description = {
      "Measures time and memory.",
      "Each case is a row; outputs are verified before anything is timed. Quiet machines measure",
      "better: end other programs first."
    },
    mixinStandardHelpOptions = true,
    subcommands = {LiveBenchCommand.class, StreamBenchCommand.class},
    footerHeading = "%nExamples:%n",
    footer = {
      "  mote bench                              all cases, each under a minute",
      "  mote bench --only window --precision bf16 --json",
      "  mote bench live                         latency of live tracking, frames by the clock",
      "  mote bench stream                       what mote stream adds to a frame's latency",
      "  mote bench --only window --peer ../pips --python ../venv/bin/python",
      "      beside the published code (github.com/aharley/pips on PyTorch) in the same run;",
      "      compiling it takes minutes",
      "",
      "Cases and ids: java/cli/JSON.md"
    })
public final class BenchCommand implements Callable<Integer> {
  private static final List<String> KINDS =
      List.of(
          "peak",
          "window",
          "small-256x256-64pts",
          "small-854x480-256pts",
          "added-point",
          "added-frame",
          "memory",
          "ready");
  private static final int STARTS = 5;
  private static final String PACK = "tests/golden/window-360x640.safetensors";

  @Option(names = "--json", description = "print a list of objects (java/cli/JSON.md)")
  private boolean json;

  @Option(names = "--only", paramLabel = "CASE", description = "cases whose id begins like this")
  private String only = "";

  @Option(
      names = "--peer",
      paramLabel = "DIR",
      description = "a checkout of github.com/aharley/pips, to be timed beside")
  private Path peer;

  @Option(
      names = "--python",
      paramLabel = "PY",
      defaultValue = "python3",
      description = "with torch and einops, for --peer; default: ${DEFAULT-VALUE}")
  private String python;

  @Mixin private BackendOptions backend;
  @Mixin private WeightsOption weights;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    if (KINDS.stream().noneMatch(this::wanted)) {
      throw new UsageException(
          "no case begins like this: only=%s; give the beginning of one of %s"
              .formatted(Untrusted.quote(only), String.join(", ", KINDS)));
    }
    BackendProvider provider = backend.provider(err);
    List<Measurement> rows = new ArrayList<>();
    Consumer<Measurement> report =
        row -> {
          rows.add(row);
          if (!json) {
            out.println(BenchTable.line(row));
            out.flush();
          }
        };
    if (!json) {
      out.println(BenchTable.HEAD);
    }
    try (BenchFolder folder = new BenchFolder(Home.file(PACK))) {
      if (wanted("peak") && provider.name().equals("cpu")) {
        precisions(provider, err).forEach(precision -> report.accept(peak(precision)));
      }
      if (wanted("window")) {
        windows(provider, folder, report, err);
      }
      try (Weights small = weights.open()) {
        smallModel(small, provider, folder, report);
      }
      if (wanted("memory") || wanted("ready")) {
        processes(provider, folder, report);
      }
    }
    if (json) {
      ScoreTable.printJson(rows, out);
    }
    return 0;
  }

  private boolean wanted(String kind) {
    return kind.startsWith(only) || only.startsWith(kind);
  }

  private void windows(
      BackendProvider provider, BenchFolder folder, Consumer<Measurement> report, PrintWriter err) {
    if (provider.name().equals("reference")) {
      err.println(
          "mote: window-360x640 is left out: the plain Java reference takes minutes for it");
      return;
    }
    for (Precision precision : precisions(provider, err)) {
      List<Peer> peers = new ArrayList<>();
      try {
        if (peer != null) {
          boolean half = precision == Precision.BF16;
          for (String variant :
              half ? List.of("bf16", "compiled-bf16") : List.of("eager", "compiled")) {
            err.println("mote: peer: starting " + variant);
            Peer started =
                new Peer(
                    python, peer, folder.pipsWeights(), folder.pack(), variant, folder.folder());
            peers.add(started);
            err.printf("mote: peer: %s ready after %.1f s%n", variant, started.readySeconds());
          }
        }
        double peak = provider.name().equals("cpu") ? CpuProvider.peakGflops(precision) : 0;
        new WindowCase(folder.pack(), provider, precision).run(peak, peers).forEach(report);
      } finally {
        peers.forEach(Peer::close);
      }
    }
  }

  /** The roof of this machine now: what a second of multiply-adds in all processors comes to. */
  private static Measurement peak(Precision precision) {
    return Measurement.of("peak", "cpu", precision.id(), 1)
        .withWork(1e9 * CpuProvider.peakGflops(precision), 0)
        .with(Figure.OUTPUT, "multiply-adds alone, all processors");
  }

  /** Those to measure: the chosen one, or all that run here. */
  private List<Precision> precisions(BackendProvider provider, PrintWriter err) {
    List<Precision> found = new ArrayList<>();
    for (Precision precision : List.of(Precision.F32, Precision.BF16)) {
      boolean chosen = backend.precision() == null || backend.precision() == precision;
      if (chosen && supported(provider, precision, err)) {
        found.add(precision);
      }
    }
    return found;
  }

  /** Asks the backend itself, with the smallest plan there is. */
  private boolean supported(BackendProvider provider, Precision precision, PrintWriter err) {
    Plan plan = Plan.unscaled(Plan.SMALLEST, Plan.SMALLEST, 4, 8, 1);
    try (Weights small = weights.open();
        Backend opened = provider.open(small, plan, precision)) {
      return opened.precision() == precision;
    } catch (MoteException e) {
      err.println("mote: " + precision.id() + " is left out: " + e.getMessage());
      return false;
    }
  }

  private void smallModel(
      Weights small, BackendProvider provider, BenchFolder folder, Consumer<Measurement> report) {
    TrackerOptions options = TrackerOptions.DEFAULT.withPrecision(running(small, provider));
    PipelineCase pipeline = new PipelineCase(small, provider, options, folder.folder());
    if (wanted("small-256x256-64pts")) {
      pipeline.run(256, 256, 64, 96).forEach(report);
    }
    if (wanted("small-854x480-256pts")) {
      pipeline.run(480, 854, 256, 64).forEach(report);
    }
    LinearityCase linearity = new LinearityCase(small, provider, options);
    if (wanted("added-point")) {
      report.accept(linearity.points());
    }
    if (wanted("added-frame")) {
      report.accept(linearity.frames());
    }
  }

  /** The precision that runs: the chosen one, or what the backend takes by itself. */
  private Precision running(Weights small, BackendProvider provider) {
    Plan plan = Plan.unscaled(Plan.SMALLEST, Plan.SMALLEST, 4, 8, 1);
    try (Backend opened = provider.open(small, plan, backend.precision())) {
      return opened.precision();
    }
  }

  /** What only fresh processes can tell. */
  private void processes(
      BackendProvider provider, BenchFolder folder, Consumer<Measurement> report) {
    String precision;
    try (Weights small = weights.open()) {
      precision = running(small, provider).id();
    }
    String name = provider.name();
    String choice = backend.choice(provider);
    if (wanted("memory")) {
      for (int frames : new int[] {200, 2000}) {
        Child.Result result =
            Child.run(
                "clip", weights.path().toString(), choice, precision, Integer.toString(frames));
        report.accept(
            Measurement.of("memory-" + frames + "-frames", name, precision)
                .with(Figure.BYTES, result.peakBytes())
                .with(Figure.OUTPUT, "256x256, 64 points, heap of 96 MB"));
      }
    }
    if (!name.equals("reference")) { // minutes there
      List<Double> ready = new ArrayList<>();
      long peak = 0;
      for (int run = 0; run < STARTS; run++) {
        String file = folder.pipsWeights().toString();
        Child.Result result =
            Child.run("window", file, choice, precision, folder.pack().toString());
        ready.add(result.readySeconds());
        peak = Math.max(peak, result.peakBytes());
      }
      report.accept(
          Measurement.of("ready-window-360x640", name, precision, Statistics.median(ready))
              .with(Figure.OUTPUT, "from the start of the process to the open backend"));
      report.accept(
          Measurement.of("memory-window-360x640", name, precision)
              .with(Figure.BYTES, peak)
              .with(Figure.OUTPUT, "weights mapped, two windows"));
    }
  }
}
