package mote.cli.eval;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import mote.cli.Home;
import mote.cli.ModelOptions;
import mote.engine.BackendProvider;
import mote.engine.Weights;
import mote.engine.live.LiveOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code mote eval}: scores on video with known tracks, offline and live, beside what needs no
 * training for it.
 */
@Command(
    name = "eval",
    description = {
      "Scores tracking on video with known tracks, offline and live.",
      "Beside it: zero motion, Lucas-Kanade, dense optical flow (DIS), matching of our encoder's features."
    },
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "(badja DIR | house DIR | scenes | lost)",
    footerHeading = "%nExamples:%n",
    footer = {
      "  mote eval badja ../davis                 DIR holds badja/NAME.json, NAME/ and masks/NAME/",
      "  mote eval house ../cmu_house --json      DIR holds images/ and tracks_111x30x2_xy.npy",
      "  mote eval scenes                         the held-out clips of weights/heldout",
      "  mote eval lost                           points that hide and return: weights/heldout-lost",
      "",
      "Measures and ids: java/cli/JSON.md"
    })
public final class EvalCommand {
  @Spec private CommandSpec spec;

  /** What all evaluations share. */
  static final class Options {
    @Option(names = "--json", description = "print a list of objects (java/cli/JSON.md)")
    boolean json;

    @Mixin ModelOptions model;
  }

  @Command(
      name = "badja",
      description = "Percentage of correct keypoints of animals (PCK at 0.2), at 512x320.",
      mixinStandardHelpOptions = true)
  int badja(
      @Parameters(paramLabel = "DIR", description = "holds badja/NAME.json, NAME/, masks/NAME/")
          Path folder,
      @Mixin Options options) {
    List<Badja> videos = Badja.open(folder);
    return run(
        options,
        (method, scores) -> {
          for (Badja video : videos) {
            scores.addAll(video.scores(method.id(), method.track(video.clip())));
          }
          return scores;
        });
  }

  @Command(
      name = "house",
      description = "Errors in pixels on the CMU house sequence.",
      mixinStandardHelpOptions = true)
  int house(
      @Parameters(paramLabel = "DIR", description = "holds images/ and tracks_111x30x2_xy.npy")
          Path folder,
      @Mixin Options options) {
    House house = new House(folder);
    return run(
        options,
        (method, scores) -> {
          scores.addAll(house.scores(method.id(), method.track(house.clip())));
          return scores;
        });
  }

  @Command(
      name = "scenes",
      description = "Visible and hidden points of the held-out clips in weights/heldout.",
      mixinStandardHelpOptions = true)
  int scenes(@Mixin Options options) {
    List<Scenes.Scene> scenes = Scenes.open(Home.file("weights/heldout"));
    return run(
        options,
        (method, scores) -> {
          List<Score> all = new ArrayList<>();
          for (Scenes.Scene scene : scenes) {
            Estimate estimate = method.track(scene.clip());
            all.addAll(
                TrackingScores.of(method, scene.name(), scene.clip(), scene.truth(), estimate));
          }
          scores.addAll(TrackingScores.mean(all, "heldout"));
          return scores;
        });
  }

  @Command(
      name = "lost",
      description = "How lost points are found again, on the clips of weights/heldout-lost.",
      mixinStandardHelpOptions = true)
  int lost(@Mixin Options options) {
    List<Scenes.Scene> scenes = Scenes.open(Home.file("weights/heldout-lost"));
    return run(
        options,
        (method, scores) -> {
          LostScores lost = new LostScores();
          for (Scenes.Scene scene : scenes) {
            lost.add(scene.clip(), scene.truth(), method.track(scene.clip()));
          }
          scores.addAll(lost.scores(method.id(), "heldout-lost"));
          return scores;
        });
  }

  /** Scores the baselines and the model on the same videos, then prints. */
  private int run(Options options, BiFunction<Method, List<Score>, List<Score>> evaluate) {
    var out = spec.commandLine().getOut();
    var err = spec.commandLine().getErr();
    List<Score> scores = new ArrayList<>();
    try (Weights weights = options.model.openWeights()) {
      List<Method> methods = new ArrayList<>(List.of(Baseline.values()));
      BackendProvider provider = options.model.provider(err);
      LiveOptions live = options.model.live();
      methods.add(new FeatureMatching(weights, provider, options.model.tracker()));
      methods.add(new MoteMethod(weights, provider, options.model.tracker()));
      methods.add(new LiveMethod("live-1", weights, provider, live.withIterations(1)));
      methods.add(new LiveMethod("live-4", weights, provider, live.withIterations(4)));
      LiveOptions blind = live.withIterations(4).withSearches(0);
      methods.add(new LiveMethod("live-4-blind", weights, provider, blind));
      for (Method method : methods) {
        err.println("mote: scoring " + method.id());
        evaluate.apply(method, scores);
      }
    }
    if (options.json) {
      ScoreTable.printJson(scores, out);
    } else {
      ScoreTable.print(scores, out);
    }
    return 0;
  }
}
