package mote.gpu;

import java.util.Arrays;
import mote.cli.bench.LiveClip;
import mote.engine.BackendProvider;
import mote.engine.MoteException;
import mote.engine.Precision;
import mote.engine.Weights;
import mote.engine.WeightsFile;
import mote.engine.live.LiveOptions;
import mote.engine.live.LivePoints;
import mote.engine.live.LiveTracker;

/** The shipped weights in the live tracker as it is, on a clip of which every point is known. */
final class MoteSubject implements LatencyPart.Subject {
  /** Pixels; the clip moves by whole ones, so that half of one is its own error. */
  private static final double MEDIAN_LIMIT = 1;

  private final LiveClip clip;
  private final long row;
  private final float[] first;
  private final Weights weights;
  private final LiveTracker tracker;
  private long frame;

  MoteSubject(Settings settings, Key of, LiveClip clip, BackendProvider provider) {
    this.clip = clip;
    row = 3L * of.width();
    first = clip.points(of.points());
    weights = WeightsFile.open(settings.weights(of.model()));
    LiveOptions options =
        LiveOptions.DEFAULT
            .withCapacity(of.points())
            .withIterations(of.iterations())
            .withSize(of.height(), of.width())
            .withPrecision(Precision.valueOf(of.precision().toUpperCase(java.util.Locale.ROOT)));
    try {
      tracker = LiveTracker.open(weights, provider, options, of.height(), of.width());
    } catch (RuntimeException failure) {
      weights.close();
      throw failure;
    }
    try {
      tracker.pin(clip.slab());
      frame();
      for (int i = 0; i < first.length; i += 2) {
        tracker.add(0, first[i], first[i + 1]);
      }
    } catch (RuntimeException failure) {
      close();
      throw failure;
    }
  }

  @Override
  public void frame() {
    tracker.push(frame, clip.picture(frame), row);
    frame++;
  }

  @Override
  public String check() {
    LivePoints points = tracker.points();
    double[] errors = new double[points.count()];
    for (int i = 0; i < errors.length; i++) {
      float x = LiveClip.x(first[2 * i], points.frame());
      float y = LiveClip.y(first[2 * i + 1], points.frame());
      errors[i] = Math.hypot(points.x(i) - x, points.y(i) - y);
    }
    Arrays.sort(errors); // not a number comes last
    double median = errors[errors.length / 2];
    if (!(median <= MEDIAN_LIMIT)) {
      throw new MoteException(
          "output is wrong, no time is told: frame=%d, median_px=%.3f; run the part golden"
              .formatted(points.frame(), median));
    }
    return "frame %d: median error %.2f px".formatted(points.frame(), median);
  }

  @Override
  public void close() {
    tracker.close();
    weights.close();
  }
}
