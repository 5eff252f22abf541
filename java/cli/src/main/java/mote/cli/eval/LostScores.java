package mote.cli.eval;

import java.util.ArrayList;
import java.util.List;

/**
 * How well points are found again after they were hidden, as weights/heldout-lost/README.md defines
 * it: pooled over all clips that were added.
 */
final class LostScores {
  private static final double RASTER = 256;
  private static final double NEAR = 8;
  private static final double[] THRESHOLDS = {1, 2, 4, 8, 16};

  /** Frames that a point must stay visible for its return to count. */
  private static final int STEADY = 8;

  /** A return is found in one of so many frames. */
  private static final int SOON = 4;

  /** The shortest hidings of AJ_RD. */
  private static final int[] DELAYS = {1, 4, 16, 64, 256};

  /** Hidings of about 4, 16 and 64 frames. */
  private enum Hiding {
    SHORT(3, 7),
    MIDDLE(12, 24),
    LONG(48, 96);

    private final int least;
    private final int most;

    Hiding(int least, int most) {
      this.least = least;
      this.most = most;
    }

    String suffix() {
      return "_" + least + "_" + most;
    }
  }

  /** A point that became visible: Jaccard index per threshold from there to the end. */
  private record Return(int hidden, double meanJaccard) {}

  private final long[] events = new long[Hiding.values().length];
  private final long[] found = new long[Hiding.values().length];
  private final long[] kept = new long[Hiding.values().length];
  private final List<Return> returns = new ArrayList<>();
  private long hiddenFrames;
  private long falselyVisible;

  /** Adds a clip. */
  void add(Clip clip, Truth truth, Estimate estimate) {
    for (int n = 0; n < truth.points(); n++) {
      addPoint(new Track(clip, truth, estimate, n), clip.queryFrames()[n]);
    }
  }

  /** One point of a clip. */
  private record Track(Clip clip, Truth truth, Estimate estimate, int point) {
    int frames() {
      return truth.frames();
    }

    boolean visible(int frame) {
      return truth.visible(frame, point);
    }

    boolean called(int frame) {
      return estimate.visible(frame, point);
    }

    double error(int frame) {
      double dx = estimate.x(frame, point) - truth.x(frame, point);
      double dy = estimate.y(frame, point) - truth.y(frame, point);
      return Math.hypot(dx * RASTER / clip.width(), dy * RASTER / clip.height());
    }

    boolean hit(int frame) {
      return called(frame) && error(frame) < NEAR;
    }
  }

  private void addPoint(Track track, int query) {
    int run = 0;
    int longest = 0;
    for (int frame = query; frame < track.frames(); frame++) {
      if (!track.visible(frame)) {
        run++;
        hiddenFrames++;
        falselyVisible += track.called(frame) ? 1 : 0;
        continue;
      }
      if (run > longest) {
        longest = run;
        returns.add(new Return(run, jaccard(track, frame)));
      }
      if (run > 0 && staysVisible(track, frame)) {
        addEvent(track, frame, run);
      }
      run = 0;
    }
  }

  private static boolean staysVisible(Track track, int frame) {
    if (frame + STEADY > track.frames()) {
      return false;
    }
    for (int later = frame; later < frame + STEADY; later++) {
      if (!track.visible(later)) {
        return false;
      }
    }
    return true;
  }

  private void addEvent(Track track, int frame, int run) {
    for (Hiding hiding : Hiding.values()) {
      if (run >= hiding.least && run <= hiding.most) {
        boolean hit = false;
        for (int later = frame; later < frame + SOON; later++) {
          hit |= track.hit(later);
        }
        events[hiding.ordinal()]++;
        found[hiding.ordinal()] += hit ? 1 : 0;
        kept[hiding.ordinal()] += track.hit(frame + STEADY - 1) ? 1 : 0;
      }
    }
  }

  private static double jaccard(Track track, int from) {
    double sum = 0;
    for (double threshold : THRESHOLDS) {
      int hits = 0;
      int union = 0;
      for (int frame = from; frame < track.frames(); frame++) {
        boolean hit =
            track.visible(frame) && track.called(frame) && track.error(frame) <= threshold;
        hits += hit ? 1 : 0;
        union += (track.visible(frame) ? 1 : 0) + (track.called(frame) ? 1 : 0) - (hit ? 1 : 0);
      }
      sum += (double) hits / union;
    }
    return sum / THRESHOLDS.length;
  }

  /** All measures; those of classes without an event are left out. */
  List<Score> scores(String method, String video) {
    List<Score> scores = new ArrayList<>();
    for (Hiding hiding : Hiding.values()) {
      long count = events[hiding.ordinal()];
      if (count > 0) {
        double foundPercent = 100.0 * found[hiding.ordinal()] / count;
        double keptPercent = 100.0 * kept[hiding.ordinal()] / count;
        scores.add(new Score(method, video, "found" + hiding.suffix(), foundPercent, count));
        scores.add(new Score(method, video, "kept" + hiding.suffix(), keptPercent, count));
      }
    }
    if (hiddenFrames > 0) {
      double percent = 100.0 * falselyVisible / hiddenFrames;
      scores.add(new Score(method, video, "falsely_visible", percent, hiddenFrames));
    }
    List<Double> byDelay = new ArrayList<>();
    for (int delay : DELAYS) {
      List<Double> of =
          returns.stream().filter(r -> r.hidden >= delay).map(Return::meanJaccard).toList();
      if (!of.isEmpty()) {
        byDelay.add(Statistics.mean(of));
      }
    }
    if (!byDelay.isEmpty()) {
      double percent = 100 * Statistics.mean(byDelay);
      scores.add(new Score(method, video, "aj_rd", percent, returns.size()));
    }
    return scores;
  }
}
