package mote.cli.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import mote.engine.Backend;
import mote.engine.BackendProvider;
import mote.engine.FrameSource;
import mote.engine.Frames;
import mote.engine.Plan;
import mote.engine.Weights;
import mote.engine.track.TrackerOptions;
import org.apache.arrow.memory.RootAllocator;

/**
 * Nearest-neighbour matching with our encoder's features, in the role of DINO in Particle Video
 * Revisited: on each frame a point is where the whole feature map is most like the query's ({@link
 * Backend#match}), whatever it was on the frame before. Positions are centres of feature pixels,
 * and every point is called visible: nothing is known about hiding.
 */
final class FeatureMatching implements Method {
  private final Weights weights;
  private final BackendProvider provider;
  private final TrackerOptions options;

  /**
   * @param weights stay owned by the caller
   * @param options the working size is the protocol's, whatever they say
   */
  FeatureMatching(Weights weights, BackendProvider provider, TrackerOptions options) {
    this.weights = weights;
    this.provider = provider;
    this.options = options;
  }

  @Override
  public String id() {
    return "match";
  }

  @Override
  public Estimate track(Clip clip) {
    List<float[]> positions = new ArrayList<>();
    try (FrameSource source = clip.frames().get();
        RootAllocator allocator = new RootAllocator();
        Frames batch = new Frames(allocator, source.height(), source.width(), 1);
        Backend backend = provider.open(weights, plan(clip, source), options.precision())) {
      float[] xy = clip.queries().clone();
      while (source.read(batch) > 0) {
        backend.encode(0, batch.picture(0), 3L * source.width());
        int frame = positions.size();
        sample(backend, clip, frame);
        match(backend, clip, frame, xy);
        positions.add(xy.clone());
      }
    }
    return estimate(clip, positions);
  }

  private Plan plan(Clip clip, FrameSource source) {
    return options
        .withSize(clip.height(), clip.width())
        .plan(weights.architecture(), source.height(), source.width(), clip.points());
  }

  private static void sample(Backend backend, Clip clip, int frame) {
    int[] points =
        IntStream.range(0, clip.points()).filter(n -> clip.queryFrames()[n] == frame).toArray();
    if (points.length > 0) {
      float[] queries = new float[points.length * 2];
      for (int i = 0; i < points.length; i++) {
        System.arraycopy(clip.queries(), 2 * points[i], queries, 2 * i, 2);
      }
      backend.sample(0, points.length, points, queries);
    }
  }

  private static void match(Backend backend, Clip clip, int frame, float[] xy) {
    int[] points =
        IntStream.range(0, clip.points()).filter(n -> clip.queryFrames()[n] < frame).toArray();
    if (points.length > 0) {
      float[] peaks = new float[points.length * 2];
      backend.match(0, points.length, points, peaks, new float[points.length * 2]);
      for (int i = 0; i < points.length; i++) {
        System.arraycopy(peaks, 2 * i, xy, 2 * points[i], 2);
      }
    }
  }

  private static Estimate estimate(Clip clip, List<float[]> positions) {
    int row = clip.points() * 2;
    float[] xy = new float[positions.size() * row];
    for (int frame = 0; frame < positions.size(); frame++) {
      System.arraycopy(positions.get(frame), 0, xy, frame * row, row);
    }
    boolean[] visible = new boolean[xy.length / 2];
    java.util.Arrays.fill(visible, true);
    return new Estimate(positions.size(), clip.points(), xy, visible);
  }
}
