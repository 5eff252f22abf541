package mote.gpu;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import mote.cli.bench.LiveClip;
import mote.engine.Architecture;
import mote.engine.Backend;
import mote.engine.BackendProvider;
import mote.engine.FormulaWeights;
import mote.engine.Plan;
import mote.engine.Precision;

/**
 * The published architecture with weights by formula: each frame is encoded once, into a ring of
 * eight, and a window that ends there is refined from rest. With such weights trajectories mean
 * nothing, and chained they would leave the picture; so every window starts at the points. Before
 * it is timed, a golden pack is met at the same precision.
 */
final class PipsSubject implements LatencyPart.Subject {
  /** Any will do. */
  private static final int SEED = 2;

  private static final int STRIDE = 4;

  /** What was met before, by what runs. */
  private static final Map<String, String> CHECKED = new HashMap<>();

  private final LiveClip clip;
  private final int iterations;
  private final int count;
  private final int window;
  private final long row;
  private final FormulaWeights weights;
  private final Backend backend;
  private final float[] start;
  private final float[] xy;
  private final float[] visibility;
  private final int[] slots;
  private final int[] templates;
  private final boolean[] locked;
  private final String checked;
  private long frame;

  PipsSubject(Settings settings, Key of, LiveClip clip, BackendProvider provider) {
    this.clip = clip;
    Precision precision = Precision.valueOf(of.precision().toUpperCase(java.util.Locale.ROOT));
    checked =
        CHECKED.computeIfAbsent(
            of.gemm() + of.form() + precision,
            first ->
                GoldenPart.require(
                    settings, settings.pipsPack, precision, LatencyPart.provider(of)));
    iterations = of.iterations();
    count = of.points();
    row = 3L * of.width();
    Architecture architecture = Architecture.pips();
    window = architecture.window();
    weights = FormulaWeights.of(architecture, SEED);
    Plan plan = Plan.unscaled(of.height(), of.width(), STRIDE, window, count);
    try {
      backend = provider.open(weights, plan, precision);
    } catch (RuntimeException failure) {
      weights.close();
      throw failure;
    }
    templates = new int[count];
    Arrays.setAll(templates, i -> i);
    locked = new boolean[count];
    Arrays.fill(locked, true);
    slots = new int[window];
    xy = new float[2 * window * count];
    visibility = new float[window * count];
    start = new float[xy.length];
    float[] points = clip.points(count);
    for (int s = 0; s < window; s++) {
      System.arraycopy(points, 0, start, 2 * s * count, 2 * count);
    }
    try {
      backend.pin(clip.slab()); // ends with the backend
      while (frame < window) {
        encode();
      }
      backend.sample(0, count, templates, points);
    } catch (RuntimeException failure) {
      close();
      throw failure;
    }
  }

  private void encode() {
    backend.encode((int) (frame % window), clip.picture(frame), row);
    frame++;
  }

  @Override
  public void frame() {
    encode();
    for (int s = 0; s < window; s++) {
      slots[s] = (int) ((frame + s) % window); // the oldest first
    }
    System.arraycopy(start, 0, xy, 0, start.length);
    backend.refine(slots, count, templates, locked, iterations, 0, xy, visibility, null);
  }

  @Override
  public String check() {
    return checked;
  }

  @Override
  public void close() {
    backend.close();
    weights.close();
  }
}
