package mote.cli.eval;

import java.util.ArrayList;
import java.util.List;
import mote.engine.BackendProvider;
import mote.engine.FrameSource;
import mote.engine.Weights;
import mote.engine.track.Query;
import mote.engine.track.Tracker;
import mote.engine.track.TrackerOptions;
import mote.engine.track.Tracks;

/** Our own tracker, offline, with the protocol's picture as its working picture. */
public final class MoteMethod implements Method {
  /** A point counts as seen from this probability on. */
  private static final double SEEN = 0.5;

  private final Weights weights;
  private final BackendProvider provider;
  private final TrackerOptions options;

  /**
   * @param weights stay owned by the caller
   * @param options the working size is the protocol's, whatever they say
   */
  public MoteMethod(Weights weights, BackendProvider provider, TrackerOptions options) {
    this.weights = weights;
    this.provider = provider;
    this.options = options;
  }

  @Override
  public String id() {
    return "mote";
  }

  @Override
  public Estimate track(Clip clip) {
    return estimate(clip, tracks(clip));
  }

  /** The tracks in pixels of the video as it came, for files and pictures of them. */
  public Tracks tracks(Clip clip) {
    TrackerOptions sized = options.withSize(clip.height(), clip.width());
    try (FrameSource source = clip.frames().get()) {
      return new Tracker(weights, provider, sized).track(source, queries(clip, source));
    }
  }

  /** Those tracks in pixels of the protocol's picture. */
  public static Estimate estimate(Clip clip, Tracks tracks) {
    int frames = (int) tracks.frames();
    int points = clip.points();
    float[] xy = new float[frames * points * 2];
    boolean[] visible = new boolean[frames * points];
    for (int frame = 0; frame < frames; frame++) {
      for (int n = 0; n < points; n++) {
        int at = frame * points + n;
        boolean has = tracks.has(frame, n);
        xy[2 * at] = has ? tracks.plan().workingX(tracks.x(frame, n)) : clip.queries()[2 * n];
        xy[2 * at + 1] =
            has ? tracks.plan().workingY(tracks.y(frame, n)) : clip.queries()[2 * n + 1];
        visible[at] = !has || tracks.visibility(frame, n) > SEEN;
      }
    }
    return new Estimate(frames, points, xy, visible);
  }

  /**
   * From the protocol's picture to the video's. An annotation on the outermost half pixel of the
   * one lies just outside the other and is moved to its border.
   */
  static List<Query> queries(Clip clip, FrameSource source) {
    double sx = (double) source.width() / clip.width();
    double sy = (double) source.height() / clip.height();
    List<Query> queries = new ArrayList<>();
    for (int n = 0; n < clip.points(); n++) {
      double x = (clip.queries()[2 * n] + 0.5) * sx - 0.5;
      double y = (clip.queries()[2 * n + 1] + 0.5) * sy - 0.5;
      queries.add(
          new Query(
              clip.queryFrames()[n],
              (float) Math.clamp(x, 0, source.width() - 1),
              (float) Math.clamp(y, 0, source.height() - 1)));
    }
    return queries;
  }
}
