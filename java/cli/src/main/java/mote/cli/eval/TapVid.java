package mote.cli.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import mote.cli.eval.TapVidVideo.QueryMode;
import mote.cli.eval.TapVidVideo.Test;

/**
 * TAP-Vid (Doersch et al. 2022): pictures of 256x256, a query each point where it is visible first,
 * or on every fifth frame with tracks to both ends of the video; the mean over videos.
 */
final class TapVid {
  private final List<TapVidVideo> videos;
  private final QueryMode mode;

  /** Makes all tests once, so that what is wrong with one is said before anything is tracked. */
  TapVid(List<TapVidVideo> videos, QueryMode mode) {
    this.videos = videos;
    this.mode = mode;
    videos.forEach(video -> video.test(mode));
  }

  /**
   * The mean over videos of a method's scores. Where hidden points are, TAP-Vid does not know:
   * measures of them are left out.
   */
  List<Score> scores(Method method) {
    List<Score> all = new ArrayList<>();
    for (TapVidVideo video : videos) {
      Test test = video.test(mode);
      Estimate estimate = method.track(test.clip());
      if (mode == QueryMode.STRIDED) {
        estimate = joined(test.clip(), estimate, method.track(test.reversed()));
      }
      TrackingScores.of(
              method, video.name(), test.clip(), test.truth(), estimate, mode == QueryMode.STRIDED)
          .stream()
          .filter(score -> !score.metric().endsWith("_hidden"))
          .filter(score -> !score.metric().equals("survival_16px"))
          .forEach(all::add);
    }
    return TrackingScores.mean(all, "tapvid-" + mode.name().toLowerCase(Locale.ROOT));
  }

  /** What was tracked forward from each query on, and before it what was tracked backward. */
  private static Estimate joined(Clip clip, Estimate forward, Estimate backward) {
    int frames = forward.frames();
    int points = forward.points();
    float[] xy = forward.xy().clone();
    boolean[] visible = forward.visible().clone();
    for (int n = 0; n < points; n++) {
      for (int frame = 0; frame < clip.queryFrames()[n]; frame++) {
        int from = (frames - 1 - frame) * points + n;
        int to = frame * points + n;
        System.arraycopy(backward.xy(), 2 * from, xy, 2 * to, 2);
        visible[to] = backward.visible()[from];
      }
    }
    return new Estimate(frames, points, xy, visible);
  }
}
