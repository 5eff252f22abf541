package mote.engine.golden;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import mote.engine.BackendProvider;
import mote.engine.Precision;
import mote.engine.Weights;
import mote.engine.live.LiveOptions;
import mote.engine.live.LiveTracker;
import mote.engine.live.LiveVideo;
import mote.engine.track.Estimates;
import mote.engine.track.Query;
import mote.engine.track.Tracker;
import mote.engine.track.TrackerOptions;
import mote.engine.track.Tracks;

/**
 * A pack of a whole clip: {@code chain}, tracks and window starts as the tracker chains them, or
 * {@code stream}, tracks as the live tracker says them.
 */
final class ChainCheck {
  private static final int NONE = -1;

  private final GoldenPack pack;

  ChainCheck(GoldenPack pack) {
    this.pack = pack;
  }

  Verdict run(Weights weights, BackendProvider provider, Precision precision) {
    if (precision != null && precision != Precision.F32) {
      return Verdict.skipped(
          pack,
          provider.name(),
          precision.id(),
          "chains are checked in float32 only: precision=%s; use f32, since a threshold on visibility turns rounding into another window"
              .formatted(precision.id()));
    }
    Tracks tracks = live() ? streamed(weights, provider) : chained(weights, provider);
    float[] expected = pack.floats("tracks", pack.frameCount(), pack.points(), 2);
    Distance pixels = Distance.ofVectors(expected, positions(tracks), 2);
    List<String> failures = new ArrayList<>();
    Tolerances tolerances = Tolerances.F32;
    if (!pixels.within(tolerances.worstPx(), tolerances.meanPx())) {
      failures.add(
          "point %d of frame %d is off: worst=%.4g px, mean=%.4g px; at most %.4g"
              .formatted(
                  pixels.index() % pack.points(),
                  pixels.index() / pack.points(),
                  pixels.worst(),
                  pixels.mean(),
                  tolerances.worstPx()));
    }
    if (pack.has("window_starts")) {
      compareStarts(tracks, failures);
    }
    List<Verdict.Stage> stages = probabilities(tracks);
    stages.stream()
        .filter(stage -> !stage.passed())
        .map(Verdict.Stage::miss)
        .forEach(failures::add);
    return new Verdict(
        pack.name(),
        pack.kind(),
        provider.name(),
        Precision.F32.id(),
        pack.points(),
        pixels.worst(),
        pixels.mean(),
        null,
        stages,
        failures,
        null);
  }

  /** A live point is its query in its first frame, and there is nothing to estimate. */
  private boolean live() {
    return pack.kind().equals("stream");
  }

  private Tracks chained(Weights weights, BackendProvider provider) {
    TrackerOptions options =
        TrackerOptions.DEFAULT
            .withIterations(pack.iterations())
            .withHop(pack.hop())
            .withSize(pack.height(), pack.width())
            .withStride(pack.stride())
            .withPrecision(Precision.F32);
    return new Tracker(weights, provider, options).track(new PackFrames(pack), queries());
  }

  private Tracks streamed(Weights weights, BackendProvider provider) {
    LiveOptions options =
        LiveOptions.DEFAULT
            .withCapacity(pack.points())
            .withIterations(pack.iterations())
            .withSize(pack.height(), pack.width())
            .withSearches(0)
            .withPrecision(Precision.F32);
    try (LiveTracker tracker =
        LiveTracker.open(weights, provider, options, pack.height(), pack.width())) {
      return LiveVideo.track(tracker, new PackFrames(pack), queries());
    }
  }

  /**
   * Visibility and confidence where the pack has them. Tracks hold probabilities, whose slope over
   * the logit is a quarter at most.
   */
  private List<Verdict.Stage> probabilities(Tracks tracks) {
    List<Verdict.Stage> stages = new ArrayList<>();
    for (String name : new String[] {"visibility", "confidence"}) {
      if (pack.has(name + "_logits")) {
        float[] logits = pack.floats(name + "_logits", pack.frameCount(), pack.points());
        float[] expected = new float[logits.length];
        float[] actual = new float[logits.length];
        for (int i = 0; i < logits.length; i++) {
          int t = i / pack.points();
          int n = i % pack.points();
          if (t >= tracks.queries().get(n).frame() + (live() ? 1 : 0)) {
            expected[i] = Estimates.probability(logits[i]);
            actual[i] =
                name.equals("visibility") ? tracks.visibility(t, n) : tracks.confidence(t, n);
          }
        }
        double worst = Distance.of(expected, actual).worst();
        stages.add(new Verdict.Stage(name, worst, Tolerances.F32.logits() / 4));
      }
    }
    return stages;
  }

  private List<Query> queries() {
    float[] xy = pack.floats("queries", pack.points(), 2);
    int[] frames =
        pack.has("query_frames")
            ? pack.ints("query_frames", pack.points())
            : new int[pack.points()];
    List<Query> queries = new ArrayList<>();
    for (int n = 0; n < pack.points(); n++) {
      queries.add(new Query(frames[n], xy[2 * n], xy[2 * n + 1]));
    }
    return queries;
  }

  /** The tracks as a pack holds them: before a point's query frame they repeat the query. */
  private float[] positions(Tracks tracks) {
    float[] positions = new float[pack.frameCount() * pack.points() * 2];
    for (int t = 0; t < pack.frameCount(); t++) {
      for (int n = 0; n < pack.points(); n++) {
        Query query = tracks.queries().get(n);
        boolean before = t < query.frame();
        positions[2 * (t * pack.points() + n)] = before ? query.x() : tracks.x(t, n);
        positions[2 * (t * pack.points() + n) + 1] = before ? query.y() : tracks.y(t, n);
      }
    }
    return positions;
  }

  private void compareStarts(Tracks tracks, List<String> failures) {
    int[] starts = pack.ints("window_starts", pack.points(), -1);
    int most = starts.length / pack.points();
    for (int n = 0; n < pack.points(); n++) {
      List<Long> expected =
          Arrays.stream(starts, n * most, (n + 1) * most)
              .filter(start -> start != NONE)
              .mapToObj(start -> (long) start)
              .toList();
      List<Long> actual = tracks.windowStarts(n);
      if (!expected.equals(actual)) {
        failures.add(
            "point %d has other window starts: %s; expected %s".formatted(n, actual, expected));
      }
    }
  }
}
