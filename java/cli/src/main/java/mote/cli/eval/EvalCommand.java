package mote.cli.eval;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code mote eval}: scores on video with known tracks, beside zero motion and Lucas-Kanade. */
@Command(
    name = "eval",
    description = "Scores tracking on video with known tracks, beside zero motion and Lucas-Kanade.",
    mixinStandardHelpOptions = true)
public final class EvalCommand {
  @Spec private CommandSpec spec;

  @Command(
      name = "badja",
      description = "Percentage of correct keypoints (PCK at 0.2) on animals.",
      mixinStandardHelpOptions = true)
  int badja(
      @Parameters(paramLabel = "DIR", description = "badja/NAME.json, NAME/, masks/NAME/") Path dir,
      @Option(names = "--json", description = "print a list of objects") boolean json) {
    List<Score> scores = new ArrayList<>();
    for (Badja video : Badja.open(dir)) {
      for (Method method : Baseline.values()) {
        scores.add(video.score(method.id(), method.track(video.clip())));
      }
    }
    return print(scores, json);
  }

  @Command(
      name = "house",
      description = "Errors in pixels on the CMU house sequence.",
      mixinStandardHelpOptions = true)
  int house(
      @Parameters(paramLabel = "DIR", description = "images/ and the tracks") Path dir,
      @Option(names = "--json", description = "print a list of objects") boolean json) {
    House house = new House(dir);
    List<Score> scores = new ArrayList<>();
    for (Method method : Baseline.values()) {
      scores.addAll(house.scores(method.id(), method.track(house.clip(384, 576))));
    }
    return print(scores, json);
  }

  private int print(List<Score> scores, boolean json) {
    var out = spec.commandLine().getOut();
    if (json) {
      ScoreTable.printJson(scores, out);
    } else {
      ScoreTable.print(scores, id -> id, out);
    }
    return 0;
  }
}
