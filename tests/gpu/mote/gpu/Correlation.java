package mote.gpu;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.Arrays;
import java.util.Locale;
import mote.cli.bench.LiveClip;
import mote.engine.Architecture;
import mote.engine.Backend;
import mote.engine.FormulaWeights;
import mote.engine.MoteException;
import mote.engine.Plan;
import mote.engine.Precision;
import mote.engine.Weights;
import mote.engine.WeightsFile;
import mote.engine.profile.Profile;

/**
 * The correlation of one iteration while nothing is kept: templates are sampled anew before each.
 * In a tracker's frame most of mote's products are taken from what was kept, and how many says
 * nobody; here every byte that the kernel asks for is known.
 */
final class Correlation {
  private static final int WARM_UP = 3;
  private static final int SEED = 2;
  private static final int FLOAT = Float.BYTES;

  /**
   * @param of the case; only one of its iterations is timed
   * @param micros of the kernel
   * @param bytes that its loads and stores ask for: of maps those positions that lie inside (the L1
   *     may answer for some that two warps ask for)
   */
  record Row(@JsonUnwrapped Key of, double micros, double bytes) {}

  private Correlation() {}

  /**
   * @param frames that are timed
   */
  static Row measure(Settings settings, Key of, LiveClip clip, int frames) {
    Precision precision = Precision.valueOf(of.precision().toUpperCase(Locale.ROOT));
    Profile profile = new Profile(0);
    try (Weights weights = weights(settings, of)) {
      Architecture architecture = weights.architecture();
      int window = architecture.window();
      Plan plan =
          Plan.unscaled(of.height(), of.width(), architecture.stride(), window, of.points());
      try (Backend backend = profile.of(LatencyPart.provider(of)).open(weights, plan, precision)) {
        for (int slot = 0; slot < window; slot++) {
          backend.encode(slot, clip.picture(slot), 3L * of.width());
        }
        float[] points = clip.points(of.points());
        for (int i = 0; i < WARM_UP + frames; i++) {
          if (i == WARM_UP) {
            profile.start();
          }
          iterate(backend, points);
        }
        profile.stop();
      }
      int operandBytes = precision == Precision.F32 ? FLOAT : Short.BYTES;
      // There is room for those of 3,640 templates of mote-s, more than anybody times.
      int kept = architecture.family() == Architecture.Family.PIPS ? 0 : of.points();
      double bytes = bytes(architecture, plan, clip.points(of.points()), operandBytes, kept);
      return new Row(of, micros(profile, frames), bytes);
    }
  }

  private static Weights weights(Settings settings, Key of) {
    return of.model().equals("pips")
        ? FormulaWeights.of(Architecture.pips(), SEED)
        : WeightsFile.open(settings.weights(of.model()));
  }

  /** From the points at rest. */
  private static void iterate(Backend backend, float[] points) {
    int count = points.length / 2;
    int window = backend.architecture().window();
    int[] slots = new int[window];
    int[] templates = new int[count];
    Arrays.setAll(slots, i -> i);
    Arrays.setAll(templates, i -> i);
    boolean[] locked = new boolean[count];
    float[] xy = new float[window * points.length];
    for (int s = 0; s < window; s++) {
      System.arraycopy(points, 0, xy, s * points.length, points.length);
    }
    float[] logits = new float[window * count];
    float[] confidence = backend.architecture().hasConfidence() ? logits.clone() : null;
    backend.sample(0, count, templates, points);
    backend.refine(slots, count, templates, locked, 1, 0, xy, logits, confidence);
  }

  private static double micros(Profile profile, int frames) {
    for (Profile.Row row : profile.rows()) {
      if (row.name().equals("correlate") && row.calls() == frames) {
        return row.nanos() / 1e3 / frames;
      }
    }
    throw new MoteException(
        "correlation did not run once a frame: frames=%d, rows=%s; report it"
            .formatted(frames, profile.rows()));
  }

  /**
   * What kernels/correlate.cu asks for at points that rest in all frames.
   *
   * @param xy x and y of each point in turn, working pixels
   * @param kept points whose products are written for later as well: none of {@code pips}
   */
  static double bytes(
      Architecture architecture, Plan plan, float[] xy, int operandBytes, int kept) {
    int side = 2 * architecture.radius() + 2;
    long inside = 0;
    for (int i = 0; i < xy.length; i += 2) {
      for (int level = 0; level < architecture.levels(); level++) {
        int columns = architecture.levelWidth(plan.width(), plan.stride(), level);
        int rows = architecture.levelHeight(plan.height(), plan.stride(), level);
        inside +=
            (long) covered(first(architecture, plan, xy[i], level), side, columns)
                * covered(first(architecture, plan, xy[i + 1], level), side, rows);
      }
    }
    double warps = 0.5 * xy.length * architecture.levels();
    double template = (double) architecture.patch() * architecture.features() * FLOAT;
    double products = (double) kept * architecture.levels() * architecture.patch() * side * side;
    double out = (double) architecture.patch() * architecture.positions() * operandBytes;
    double maps = (double) inside * architecture.features() * operandBytes;
    return architecture.window() * (maps + warps * (template + out) + products * FLOAT);
  }

  /** The first integer position along x or y, as at_level in kernels/points.cuh has it. */
  private static int first(Architecture architecture, Plan plan, float pixel, int level) {
    float size = 1 << level;
    float at =
        architecture.family() == Architecture.Family.PIPS
            ? pixel / (plan.stride() * size)
            : ((pixel - 1.5f) * 0.25f - 0.5f * (size - 1)) / size;
    return (int) Math.floor(at) - architecture.radius();
  }

  /** How many of {@code side} places from {@code first} on are of a map of that size. */
  private static int covered(int first, int side, int size) {
    return Math.max(0, Math.min(first + side, size) - Math.max(first, 0));
  }
}
