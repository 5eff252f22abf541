package mote.cli.profile;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import mote.cli.ModelOptions;
import mote.cli.PictureSize;
import mote.cli.ProgressLine;
import mote.cli.UsageException;
import mote.cli.bench.BenchClip;
import mote.cli.bench.JvmPauses;
import mote.cli.eval.ScoreTable;
import mote.cli.live.Latencies;
import mote.engine.BackendProvider;
import mote.engine.FrameSource;
import mote.engine.Plan;
import mote.engine.Weights;
import mote.engine.profile.Profile;
import mote.media.Videos;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code mote profile}: where the time of a frame goes. */
@Command(
    name = "profile",
    description = {
      "Shows where the time goes: each stage or kernel with its work, rate and floor.",
      "The same frames run three times: to warm up, without a profiler for the latencies, and with",
      "it for the table. The CUDA engine then launches kernel by kernel between events, not graphs."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  mote profile                                    live, 64 points, drawn pictures of 256x256",
      "  mote profile clip.mp4 --offline --points 256",
      "  mote profile --size 640x480 --points 256 --trace trace.json --jfr profile.jfr",
      "  MOTE_CUDA=simt mote profile --backend cuda --size 64x48 --points 4 --frames 4",
      "",
      "A trace opens in ui.perfetto.dev, a .jfr in JDK Mission Control (events under Mote).",
      "Fields of --json: java/cli/JSON.md"
    })
public final class ProfileCommand implements Callable<Integer> {
  private static final int MOST_SPANS = 1_000_000;
  private static final int PASSES = 3;

  @Parameters(
      paramLabel = "VIDEO",
      arity = "0..1",
      description = "a video file or a folder of pictures; default: a drawn clip")
  private Path video;

  @Option(
      names = "--points",
      paramLabel = "N",
      defaultValue = "64",
      description = "points at once, on a grid; default: ${DEFAULT-VALUE}")
  private int points;

  @Option(
      names = "--size",
      paramLabel = "WxH",
      converter = PictureSize.Converter.class,
      description = "of the drawn clip; default: 256x256")
  private PictureSize size;

  @Option(
      names = "--frames",
      paramLabel = "N",
      defaultValue = "60",
      description = "of the clip, at most; default: ${DEFAULT-VALUE}")
  private int frames;

  @ArgGroup private Mode mode = new Mode();

  /** How the points are tracked. */
  static final class Mode {
    @Option(names = "--live", description = "frame by frame, as mote live does; the default")
    private boolean live;

    @Option(names = "--offline", description = "in windows, as mote track does")
    private boolean offline;
  }

  @Option(
      names = "--trace",
      paramLabel = "FILE",
      description = "also every single span and pause of the JVM, in the trace event format")
  private Path trace;

  @Option(
      names = "--jfr",
      paramLabel = "FILE",
      description = "also a recording of the JVM's flight recorder")
  private Path jfr;

  @Option(names = "--json", description = "print an object (java/cli/JSON.md)")
  private boolean json;

  @Mixin private ModelOptions model;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    requireUsage();
    BackendProvider provider = model.provider(spec.commandLine().getErr());
    Profile profile = new Profile(trace == null ? 0 : MOST_SPANS);
    try (Weights weights = model.openWeights();
        JvmPauses pauses = new JvmPauses("mote.Operation", "mote.Part");
        ProgressLine line = new ProgressLine("profile", (long) PASSES * frames)) {
      ProfilePass pass = new ProfilePass(weights, clip(), points, frames);
      run(pass, provider, null, line, 0);
      Latencies plain = run(pass, provider, null, line, 1);
      pauses.start();
      Latencies profiled = run(pass, provider, profile, line, 2);
      List<JvmPauses.Pause> paused = pauses.pauses();
      report(provider, plain, profiled, profile, out); // first: a file may not be writable
      if (trace != null) {
        TraceFile.write(trace, "mote profile: " + profile.description(), profile.spans(), paused);
      }
      if (jfr != null) {
        pauses.save(jfr);
      }
    }
    return 0;
  }

  private void report(
      BackendProvider provider,
      Latencies plain,
      Latencies profiled,
      Profile profile,
      PrintWriter out) {
    int[] pictures = pictureSize();
    ProfileReport report =
        ProfileReport.of(
            provider.name(),
            mode.offline ? "offline" : "live",
            pictures[0],
            pictures[1],
            points,
            profiled.count() + (mode.offline ? 1 : 0), // live begins behind the first
            plain,
            profiled,
            provider.peaks(profile.precision()),
            profile);
    if (json) {
      ScoreTable.printJson(report, out);
      return;
    }
    new ProfileTable(out).print(report);
    if (profile.dropped() > 0 && trace != null) {
      out.println("trace has the first " + MOST_SPANS + " spans: left out " + profile.dropped());
    }
  }

  private Latencies run(
      ProfilePass pass, BackendProvider provider, Profile profile, ProgressLine line, int number) {
    LongConsumer progress =
        done -> line.show((long) number * frames + done, (long) PASSES * frames);
    return mode.offline
        ? pass.offline(provider, model.tracker(), profile, progress)
        : pass.live(provider, model.live(), profile, progress);
  }

  private Supplier<FrameSource> clip() {
    if (video != null) {
      return () -> Videos.open(video);
    }
    int[] pictures = pictureSize();
    return () -> new BenchClip(pictures[1], pictures[0], frames);
  }

  /** Width and height. */
  private int[] pictureSize() {
    if (video != null) {
      try (FrameSource source = Videos.open(video)) {
        return new int[] {source.width(), source.height()};
      }
    }
    return size == null ? new int[] {256, 256} : new int[] {size.width(), size.height()};
  }

  private void requireUsage() {
    require("points", points, 1, Plan.MOST_POINTS);
    require("frames", frames, 2, 1_000_000);
    if (video != null && size != null) {
      throw new UsageException(
          "pictures have the size of their video: size=%dx%d; leave out --size or VIDEO"
              .formatted(size.width(), size.height()));
    }
  }

  private static void require(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new UsageException(
          "%s are out of range: %s=%d; give %d to %d".formatted(name, name, value, least, most));
    }
  }
}
