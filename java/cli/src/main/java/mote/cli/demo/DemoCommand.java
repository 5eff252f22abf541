package mote.cli.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import mote.cli.Main;
import mote.cli.MemorySource;
import mote.cli.ModelOptions;
import mote.cli.OverlayVideo;
import mote.cli.eval.Baseline;
import mote.cli.eval.Clip;
import mote.cli.eval.MoteMethod;
import mote.cli.eval.Score;
import mote.cli.eval.ScoreTable;
import mote.cli.eval.TrackingScores;
import mote.cli.eval.Truth;
import mote.engine.BackendProvider;
import mote.engine.MoteException;
import mote.engine.Weights;
import mote.engine.track.Tracks;
import mote.engine.track.io.TracksFile;
import mote.media.Overlay;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code mote demo}: a rendered clip, tracked and measured against the truth. */
@Command(
    name = "demo",
    description = {
      "Renders a clip with known tracks, follows 120 points of it and prints the error.",
      "Zero motion and Lucas-Kanade stand beside it; the tracks and a video of them are written."
    },
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  mote demo                       writes demo/overlay.mp4 and demo/tracks.arrow",
      "  mote demo --out /tmp/d --json   the numbers as a list of objects (java/cli/JSON.md)",
      "",
      "Exit code 1 if hidden points are not followed better than Lucas-Kanade follows them."
    })
public final class DemoCommand implements Callable<Integer> {
  private static final int POINTS_A_THING = 12;
  private static final int POINTS_ON_TABLE = 60;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "demo",
      description = "folder to write to; default: ${DEFAULT-VALUE}")
  private Path folder;

  @Option(names = "--json", description = "print the numbers as a list of objects")
  private boolean json;

  @Mixin private ModelOptions model;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    makeFolder();
    BackendProvider provider = model.provider(err);
    err.println("mote: rendering " + DemoScene.FRAMES + " frames");
    DemoScene scene = new DemoScene();
    List<byte[]> pictures = scene.render();
    Truth truth = scene.truth(POINTS_A_THING, POINTS_ON_TABLE);
    Clip clip =
        new Clip(
            () ->
                new MemorySource(
                    pictures, DemoScene.HEIGHT, DemoScene.WIDTH, DemoScene.FRAMES_PER_SECOND),
            DemoScene.HEIGHT,
            DemoScene.WIDTH,
            new int[truth.points()],
            truth.frame(0));
    err.println("mote: tracking " + truth.points() + " points");
    List<Score> scores = new ArrayList<>();
    for (Baseline baseline : Baseline.values()) {
      scores.addAll(TrackingScores.of(baseline, "demo", clip, truth, baseline.track(clip)));
    }
    try (Weights weights = model.openWeights()) {
      MoteMethod mote = new MoteMethod(weights, provider, model.tracker());
      Tracks tracks = mote.tracks(clip);
      scores.addAll(
          TrackingScores.of(mote, "demo", clip, truth, MoteMethod.estimate(clip, tracks)));
      write(clip, tracks, err);
    }
    if (json) {
      ScoreTable.printJson(scores, out);
    } else {
      ScoreTable.print(scores, out);
    }
    return compare(scores, err);
  }

  private void makeFolder() {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new MoteException(
          "output folder cannot be made: folder=" + folder + ", cause=" + e + "; choose another",
          e);
    }
  }

  private void write(Clip clip, Tracks tracks, PrintWriter err) {
    Path file = folder.resolve("tracks.arrow");
    Path video = folder.resolve("overlay.mp4");
    TracksFile.write(file, tracks);
    new OverlayVideo(clip.frames(), Overlay.DEFAULT_TRAIL).write(video, tracks, () -> false);
    err.println("mote: wrote " + file + " and " + video);
  }

  private static int compare(List<Score> scores, PrintWriter err) {
    double ours = hidden(scores, "mote");
    double theirs = hidden(scores, Baseline.LUCAS_KANADE.id());
    if (ours > theirs) {
      return 0;
    }
    err.printf(
        "mote: hidden points are not followed better than by Lucas-Kanade: mote=%.1f, lk=%.1f;"
            + " check weights and backend%n",
        ours, theirs);
    return Main.FAILED;
  }

  private static double hidden(List<Score> scores, String method) {
    return scores.stream()
        .filter(score -> score.method().equals(method))
        .filter(score -> score.metric().equals("delta_avg_hidden"))
        .findFirst()
        .orElseThrow()
        .value();
  }
}
