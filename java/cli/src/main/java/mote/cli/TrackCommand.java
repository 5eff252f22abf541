package mote.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import mote.cli.eval.ScoreTable;
import mote.engine.BackendProvider;
import mote.engine.Plan;
import mote.engine.Weights;
import mote.engine.track.Query;
import mote.engine.track.Tracker;
import mote.engine.track.TrackerOptions;
import mote.engine.track.TrackingStoppedException;
import mote.engine.track.Tracks;
import mote.engine.track.io.TracksFile;
import mote.media.Overlay;
import mote.media.VideoWriter;
import mote.media.Videos;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code mote track}: points of a video, followed to its end. */
@Command(
    name = "track",
    description = "Follows points through a video, through occlusions too.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  mote track walk.mp4 --points \"320,240; 100.5,80@30\" --out walk.csv",
      "  mote track walk.mp4 --grid 16 --out walk.arrow --overlay walk-tracks.mp4",
      "  mote pick walk.mp4 --out points.csv && mote track walk.mp4 --points-file points.csv \\",
      "      --backward --out walk.npz",
      "  mote track frames/ --grid 12@40 --start 40f --end 120f --size 512x320 --out t.json",
      "",
      "The file's suffix says what is written: .arrow (Arrow IPC), .csv, .npz (numpy) or .json.",
      "In an npz, T frames from first_frame on and N points: tracks [T,N,2], visibility [T,N] and",
      "confidence [T,N] with NaN where there is none, queries [N,3] = frame, x, y, timestamps_ns [T].",
      "Ctrl-C keeps what was tracked until then."
    })
final class TrackCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "VIDEO",
      description = "a video file, an animated gif, or a folder of pictures in natural order")
  private Path video;

  @ArgGroup(multiplicity = "1")
  private PointOptions points;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "TRACKS",
      description = "file of the tracks, .arrow, .csv, .npz or .json")
  private Path out;

  @Option(
      names = "--overlay",
      paramLabel = "O",
      description = "also the video with the tracks drawn on it, .mp4, .webm or .gif")
  private Path overlay;

  @Option(
      names = "--trail",
      paramLabel = "T",
      description =
          "frames of trail that --overlay draws behind a point; default: " + Overlay.DEFAULT_TRAIL)
  private Integer trail;

  @Option(
      names = "--backward",
      description = "also follow points from their frame back to the start")
  private boolean backward;

  @Option(
      names = "--start",
      paramLabel = "T",
      converter = VideoTime.Converter.class,
      description = "where to begin: seconds (1.5) or a frame (45f)")
  private VideoTime start;

  @Option(
      names = "--end",
      paramLabel = "T",
      converter = VideoTime.Converter.class,
      description = "where to stop, likewise; that frame is left out")
  private VideoTime end;

  @Option(
      names = "--size",
      paramLabel = "WxH",
      converter = PictureSize.Converter.class,
      description =
          "working size; default: the video's, reduced to a long side of at most 640 and rounded"
              + " to multiples of 16")
  private PictureSize size;

  @Option(names = "--json", description = "print a summary object (java/cli/JSON.md)")
  private boolean json;

  @Mixin private ModelOptions model;
  @Spec private CommandSpec spec;

  /** How tracking ended, and what there is of it. */
  private record Outcome(Tracks tracks, TrackingStoppedException stopped, double seconds) {}

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    requireUsage();
    TracksFile.check(out);
    OutputFile.refuseReplacing(out, video, points.file());
    if (overlay != null) {
      VideoWriter.requireWritable(overlay);
      OutputFile.refuseReplacing(overlay, video, points.file());
    }
    BackendProvider provider = model.provider(err);
    try (Interruption interruption = new Interruption(err, "what was tracked is being written");
        Weights weights = model.openWeights()) {
      Outcome outcome = track(weights, provider, interruption);
      if (reachedAPoint(outcome.tracks())) {
        TracksFile.write(out, outcome.tracks());
        err.printf("mote: wrote %s: %s%n", out, describe(outcome));
        if (overlay != null) {
          drawOverlay(outcome, interruption);
          err.println("mote: wrote " + overlay);
        }
      }
      if (json) {
        ScoreTable.printJson(summary(outcome, provider), spec.commandLine().getOut());
      }
      return exitCode(outcome, interruption, err);
    }
  }

  /** Without a row there is nothing that a file of an earlier run should make room for. */
  private static boolean reachedAPoint(Tracks tracks) {
    long end = tracks.firstFrame() + tracks.frames();
    return tracks.frames() > 0 && tracks.queries().stream().anyMatch(q -> q.frame() < end);
  }

  /** What is wrong whatever the files hold. */
  private void requireUsage() {
    UsageException.check(() -> TracksFile.requireSuffix(out));
    if (overlay != null) {
      UsageException.check(() -> VideoWriter.requireSuffix(overlay));
    } else if (trail != null) {
      throw new UsageException(
          "trail without a video to draw it on: trail=" + trail + "; give --overlay too");
    }
    if (trail != null && trail < 0) {
      throw new UsageException("trail is negative: trail=" + trail + "; give 0 or more frames");
    }
    VideoTime.requireRange(start, end);
  }

  private Outcome track(Weights weights, BackendProvider provider, Interruption interruption) {
    PrintWriter err = spec.commandLine().getErr();
    try (TimeRange source = new TimeRange(Videos.open(video), start, end);
        ProgressLine progress = new ProgressLine("tracking", source.expectedFrames())) {
      if (overlay != null) { // refused before the work, not after it
        VideoWriter.requireSize(overlay, source.height(), source.width());
      }
      List<Query> queries = points.queries(source, source.firstFrame());
      TrackerOptions options = model.tracker().withBackward(backward);
      if (size != null) {
        options = options.withSize(size.height(), size.width());
      }
      Plan plan =
          options.plan(weights.architecture(), source.height(), source.width(), queries.size());
      if (size == null) {
        err.printf(
            "mote: working size %dx%d for video of %dx%d; --size changes it%n",
            plan.width(), plan.height(), plan.sourceWidth(), plan.sourceHeight());
      }
      long began = System.nanoTime();
      Tracks tracks;
      TrackingStoppedException stopped = null;
      try {
        tracks =
            new Tracker(weights, provider, options)
                .track(
                    source,
                    queries,
                    (done, expected) -> {
                      progress.show(done, expected);
                      return !interruption.requested();
                    });
      } catch (TrackingStoppedException e) {
        stopped = e;
        tracks = e.tracks();
      }
      return new Outcome(tracks, stopped, (System.nanoTime() - began) / 1e9);
    }
  }

  private void drawOverlay(Outcome outcome, Interruption interruption) {
    boolean already = interruption.requested(); // the tracks end there, and so does this video
    try (ProgressLine progress = new ProgressLine("drawing", outcome.tracks().frames())) {
      long[] done = {0};
      new OverlayVideo(() -> Videos.open(video), trail == null ? Overlay.DEFAULT_TRAIL : trail)
          .write(
              overlay,
              outcome.tracks(),
              () -> {
                progress.show(++done[0], outcome.tracks().frames());
                return !already && interruption.requested();
              });
    }
  }

  private static int exitCode(Outcome outcome, Interruption interruption, PrintWriter err) {
    if (outcome.stopped() == null) {
      return interruption.requested() ? Main.INTERRUPTED : 0;
    }
    err.println("mote: " + outcome.stopped().getMessage());
    return outcome.stopped().cancelled() ? Main.INTERRUPTED : Main.FAILED;
  }

  private static String describe(Outcome outcome) {
    Tracks tracks = outcome.tracks();
    return "%d points, %d frames, %.1f s, %.1f frames/s"
        .formatted(
            tracks.points(),
            tracks.frames(),
            outcome.seconds(),
            tracks.frames() / outcome.seconds());
  }

  private Map<String, Object> summary(Outcome outcome, BackendProvider provider) {
    Tracks tracks = outcome.tracks();
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("video", video.toString());
    summary.put("width", tracks.width());
    summary.put("height", tracks.height());
    summary.put("working_width", tracks.plan().width());
    summary.put("working_height", tracks.plan().height());
    summary.put("model", tracks.model());
    summary.put("backend", provider.name());
    summary.put("first_frame", tracks.firstFrame());
    summary.put("frames", tracks.frames());
    summary.put("points", tracks.points());
    summary.put("seconds", outcome.seconds());
    summary.put("complete", outcome.stopped() == null);
    boolean written = reachedAPoint(tracks);
    summary.put("out", written ? out.toString() : null);
    summary.put("overlay", written && overlay != null ? overlay.toString() : null);
    return summary;
  }
}
