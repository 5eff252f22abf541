package mote.cli.eval;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import mote.cli.Home;
import mote.cli.ModelOptions;
import mote.cli.UsageException;
import mote.engine.BackendProvider;
import mote.engine.Untrusted;
import mote.engine.Weights;
import mote.engine.live.LiveOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
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
    synopsisSubcommandLabel = "(badja DIR | house DIR | scenes | lost | tapvid FILE)",
    footerHeading = "%nExamples:%n",
    footer = {
      "  mote eval badja ../davis                 DIR holds badja/NAME.json, NAME/ and masks/NAME/",
      "  mote eval house ../cmu_house --json      DIR holds images/ and tracks_111x30x2_xy.npy",
      "  mote eval scenes                         the held-out clips of weights/heldout",
      "  mote eval lost                           points that hide and return: weights/heldout-lost",
      "  mote eval tapvid tapvid_davis.pkl        TAP-Vid, see mote eval tapvid --help",
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
          List<Score> all = new ArrayList<>();
          for (Badja video : videos) {
            all.addAll(video.scores(method.id(), method.track(video.clip())));
          }
          scores.addAll(all);
          if (videos.size() > 1) {
            scores.addAll(TrackingScores.mean(all, "badja"));
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

  @Command(
      name = "tapvid",
      description = {
        "TAP-Vid: delta_avg (1 to 16 px), occlusion accuracy and average Jaccard at 256x256, means over videos.",
        "FILE is untrusted: of a pickle only dicts, lists, text, bytes, numbers and numpy arrays are read."
      },
      mixinStandardHelpOptions = true,
      footerHeading = "%nFiles:%n",
      footer = {
        "  https://storage.googleapis.com/dm-tapnet/tapvid_davis.zip           unpack, give the .pkl",
        "  https://storage.googleapis.com/dm-tapnet/tapvid_rgb_stacking.zip    the same",
        "  https://storage.googleapis.com/dm-tapnet/robotap/robotap.zip        the same, or its folder",
        "  Kinetics: the folder of .pkl files that TAP-Vid's generate_tapvid.py makes from your clips",
        "  .npz: one video a file, arrays video (T, H, W, 3), points (N, T, 2), occluded (N, T)",
        "",
        "Queries help each other, which published scores do not have: --no-carry, and rows without search",
        "(java/cli/JSON.md)"
      })
  int tapvid(
      @Parameters(
              paramLabel = "FILE",
              description = "a .pkl or .npz file, or a folder of such files")
          Path file,
      @Option(
              names = "--query-mode",
              paramLabel = "M",
              defaultValue = "first",
              converter = QueryModeConverter.class,
              description =
                  "first: each point where it is visible first; strided: on every fifth frame, tracked both ways; default: ${DEFAULT-VALUE}")
          TapVidVideo.QueryMode mode,
      @Mixin Options options) {
    try (TapVidFile opened = TapVidFile.open(file)) {
      TapVid tapVid = new TapVid(opened.videos(), mode);
      return run(
          options,
          (method, scores) -> {
            scores.addAll(tapVid.scores(method));
            return scores;
          });
    }
  }

  /** Reads the option's text. */
  static final class QueryModeConverter implements ITypeConverter<TapVidVideo.QueryMode> {
    @Override
    public TapVidVideo.QueryMode convert(String text) {
      return switch (text) {
        case "first" -> TapVidVideo.QueryMode.FIRST;
        case "strided" -> TapVidVideo.QueryMode.STRIDED;
        default ->
            throw new UsageException(
                "query mode is unknown: query_mode="
                    + Untrusted.quote(text)
                    + "; give first or strided");
      };
    }
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
