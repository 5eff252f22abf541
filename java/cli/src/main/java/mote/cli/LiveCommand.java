package mote.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import mote.cli.eval.ScoreTable;
import mote.cli.live.LiveLoop;
import mote.cli.live.LiveOutputs;
import mote.cli.live.LiveStatistics;
import mote.cli.live.LiveSummary;
import mote.cli.live.StatusLine;
import mote.cpu.Awake;
import mote.engine.BackendProvider;
import mote.engine.MoteException;
import mote.engine.Weights;
import mote.engine.live.LiveOptions;
import mote.engine.live.LiveTracker;
import mote.engine.track.Queries;
import mote.engine.track.Query;
import mote.engine.track.io.TracksAppender;
import mote.engine.track.io.TracksFile;
import mote.media.LiveAddress;
import mote.media.LiveSource;
import mote.media.LiveSources;
import mote.media.LiveWindow;
import mote.media.Overlay;
import mote.media.VideoWriter;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code mote live}: points of a camera or stream, followed as the frames come. */
@Command(
    name = "live",
    description = "Follows points of a camera, a stream or a file as its frames come.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  mote live /dev/video0 --window                      click points in, right click removes",
      "  mote live rtsp://camera.local/stream --grid 8 --serve 8080 --out tracks.csv",
      "  mote live walk.mp4 --points \"320,240; 100.5,80\" --overlay walk-live.mp4 --policy every",
      "  mote live \"lavfi:testsrc2=size=640x480:rate=30\" --grid 6 --for 10 --json",
      "",
      "A camera or stream that breaks off is opened again; Ctrl-C keeps what was tracked until then.",
      "Frames are numbered as they are received: the numbers of dropped ones are missing in the",
      "tracks. Latency counts from a frame complete in memory to its points readable, without the",
      "first "
          + LiveStatistics.WARM_UP_FRAMES
          + " frames unless there are no more. Without --iterations a frame takes "
          + LiveOptions.ITERATIONS
          + "."
    })
final class LiveCommand implements Callable<Integer> {
  private static final int LONGEST_TRAIL = 1000;

  @Parameters(
      paramLabel = "SOURCE",
      description = {
        "a camera (/dev/video0), a URL (rtsp, rtsps, http, https), a video file at its own pace,",
        "or lavfi:FILTERS as ffmpeg -f lavfi takes them"
      })
  private String source;

  @ArgGroup(multiplicity = "0..1")
  private PointOptions points;

  @Option(
      names = "--window",
      description = "show the points in a window; a click adds one, a right click removes one")
  private boolean window;

  @Option(
      names = "--out",
      paramLabel = "TRACKS",
      description = "file of the tracks, .arrow or .csv, with the columns of mote track")
  private Path out;

  @Option(
      names = "--overlay",
      paramLabel = "O",
      description = "video with the points drawn on every tracked frame, .mp4, .webm or .gif")
  private Path overlay;

  @Option(
      names = "--serve",
      paramLabel = "PORT",
      description = "show the points to browsers of this machine (motion JPEG); 0: a free port")
  private Integer port;

  @Option(
      names = "--trail",
      paramLabel = "T",
      defaultValue = "" + Overlay.DEFAULT_TRAIL,
      description = "frames of trail drawn behind a point; default: ${DEFAULT-VALUE}")
  private int trail;

  @Mixin private LiveSourceMixin sourceOptions;

  @Option(names = "--frames", paramLabel = "N", description = "stop after so many tracked frames")
  private Long frames;

  @Option(
      names = "--for",
      paramLabel = "SECONDS",
      description = "stop after so many seconds from the first frame on")
  private Double seconds;

  @Option(
      names = "--capacity",
      paramLabel = "N",
      description = "points at once; default: those given, and with --window 256 at least")
  private Integer capacity;

  @Option(
      names = "--size",
      paramLabel = "WxH",
      converter = PictureSize.Converter.class,
      description =
          "working size; default: the source's, reduced to a long side of at most 640 and rounded"
              + " to multiples of 16")
  private PictureSize size;

  @Option(names = "--json", description = "print a summary object (java/cli/JSON.md)")
  private boolean json;

  @Mixin private ModelOptions model;
  @Mixin private LiveTuning tuning;
  @Mixin private AwakeOption awake;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    tuning.check();
    LiveAddress address = requireUsage();
    requireOutputs(address);
    BackendProvider provider = model.provider(err);
    try (Interruption interruption = new Interruption(err, "what was tracked is being kept");
        Weights weights = model.openWeights();
        StatusLine status = new StatusLine(err);
        LiveSource opened = LiveSources.open(address, sourceOptions.options(), status::say);
        Awake _ = awake.open(err)) {
      err.printf(
          "mote: source: %s, pictures of %dx%d%n", opened.name(), opened.width(), opened.height());
      List<Query> queries =
          points == null ? List.of() : points.queries(opened.width(), opened.height(), 0);
      Queries.check(queries, opened.width(), opened.height(), -1);
      LiveOptions options = options(queries.size());
      try (LiveTracker tracker =
              LiveTracker.open(weights, provider, options, opened.height(), opened.width());
          LiveOutputs outputs =
              outputs(opened, weights.architecture().name(), options.capacity(), status)) {
        opened.slabs().forEach(tracker::pin);
        LiveLoop loop = new LiveLoop(opened, tracker, queries, outputs, status);
        return run(loop, opened, tracker, outputs, interruption, status);
      }
    }
  }

  private int run(
      LiveLoop loop,
      LiveSource opened,
      LiveTracker tracker,
      LiveOutputs outputs,
      Interruption interruption,
      StatusLine status) {
    RuntimeException failure = null;
    try {
      loop.run(
          frames == null ? Long.MAX_VALUE : frames,
          seconds == null ? Double.POSITIVE_INFINITY : seconds,
          interruption::requested);
    } catch (RuntimeException e) { // what there is until then is kept
      failure = e;
    }
    long rows = 0;
    try {
      rows = outputs.finish();
    } catch (MoteException e) {
      if (failure != null) {
        failure.addSuppressed(e);
        throw failure;
      }
      failure = e;
    }
    if (rows > 0) {
      status.say("wrote %s: %d rows".formatted(out, rows));
    }
    LiveStatistics statistics = loop.statistics();
    status.say(statistics.summary(opened.received(), opened.dropped()));
    if (json) {
      Map<String, Object> summary = LiveSummary.of(statistics, opened, tracker, failure == null);
      summary.put("awake", awake.processors());
      summary.put("out", rows > 0 ? out.toString() : null);
      summary.put("overlay", outputs.hasOverlay() ? overlay.toString() : null);
      ScoreTable.printJson(summary, spec.commandLine().getOut());
    }
    if (failure != null) {
      throw failure; // Main says it
    }
    return interruption.requested() ? Main.INTERRUPTED : 0;
  }

  /** What is wrong whatever the source and the files hold. */
  private LiveAddress requireUsage() {
    LiveAddress[] address = {null};
    UsageException.check(() -> address[0] = LiveAddress.parse(source));
    UsageException.check(sourceOptions::options);
    if (points == null && !window) {
      throw new UsageException(
          "no point is given: source=%s; give --points, --grid or --points-file, or --window to click them"
              .formatted(address[0].name()));
    }
    if (out != null) {
      UsageException.check(() -> TracksAppender.requireSuffix(out));
    }
    if (overlay != null) {
      UsageException.check(() -> VideoWriter.requireSuffix(overlay));
    }
    requirePositive("frames", frames);
    requirePositive("for", seconds);
    if (capacity != null) {
      UsageException.check(() -> LiveOptions.DEFAULT.withCapacity(capacity));
    }
    if (port != null && (port < 0 || port > 65535)) {
      throw new UsageException("port is out of range: serve=" + port + "; give 0 to 65535");
    }
    if (trail < 0 || trail > LONGEST_TRAIL) {
      throw new UsageException(
          "trail is out of range: trail=%d; give 0 to %d frames".formatted(trail, LONGEST_TRAIL));
    }
    return address[0];
  }

  private static void requirePositive(String name, Number value) {
    if (value != null && !(value.doubleValue() > 0)) {
      throw new UsageException(
          "run would be empty: %s=%s; give more than 0".formatted(name, value));
    }
  }

  private void requireOutputs(LiveAddress address) {
    Path input = address.kind() == LiveAddress.Kind.FILE ? Path.of(address.target()) : null;
    if (input != null && !Files.exists(input)) {
      input = null; // opening it says so
    }
    Path given = points == null ? null : points.file();
    if (out != null) {
      TracksFile.check(out);
      OutputFile.refuseReplacing(out, input, given);
    }
    if (overlay != null) {
      VideoWriter.requireWritable(overlay);
      OutputFile.refuseReplacing(overlay, input, given);
    }
    if (window) {
      LiveWindow.requireDisplay();
    }
  }

  private LiveOptions options(int given) {
    int least = window ? LiveOptions.DEFAULT.capacity() : 1;
    int most = capacity == null ? Math.max(given, least) : capacity;
    if (given > most) {
      throw new MoteException(
          "capacity is smaller than the points given: points=%d, capacity=%d; give more capacity"
              .formatted(given, most));
    }
    LiveOptions options = tuning.apply(model.live()).withCapacity(most);
    return size == null ? options : options.withSize(size.height(), size.width());
  }

  private LiveOutputs outputs(LiveSource opened, String modelName, int most, StatusLine status) {
    LiveOutputs outputs = new LiveOutputs(most, trail, status);
    try {
      if (out != null) {
        outputs.writeTracks(out, modelName, opened.width(), opened.height());
      }
      if (overlay != null) {
        VideoWriter.requireSize(overlay, opened.height(), opened.width());
        outputs.writeOverlay(overlay);
      }
      if (port != null) {
        status.say("serving " + outputs.serve(port).url());
      }
      if (window) {
        outputs.showWindow(opened.name(), opened.height(), opened.width());
      }
      return outputs;
    } catch (RuntimeException e) {
      outputs.close();
      throw e;
    }
  }
}
