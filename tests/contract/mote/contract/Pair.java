package mote.contract;

import java.util.Arrays;
import mote.engine.Architecture;
import mote.engine.Backend;
import mote.engine.BackendProvider;
import mote.engine.FormulaWeights;
import mote.engine.Plan;
import mote.engine.Precision;
import mote.engine.reference.ReferenceProvider;

/** The backend under test and the reference, opened alike and fed alike. */
final class Pair implements AutoCloseable {
  static final int WINDOW = 8;
  private static final long SEED = 11;

  final Architecture architecture;
  final Plan plan;
  final Backend subject;
  final Backend reference;
  final Clip clip;
  private final FormulaWeights weights;

  Pair(BackendProvider provider, SmallModel model, Plan plan, Precision precision) {
    this.plan = plan;
    architecture = model.architecture();
    weights = FormulaWeights.of(architecture, SEED);
    subject = provider.open(weights, plan, precision);
    reference = new ReferenceProvider().open(weights, plan, Precision.F32);
    clip = new Clip(plan);
  }

  /** With a working picture of that size, unscaled. */
  static Pair of(BackendProvider provider, SmallModel model, int height, int width, int points) {
    Plan plan = Plan.unscaled(height, width, 4, WINDOW, points);
    return new Pair(provider, model, plan, Precision.F32);
  }

  /** Encodes frames 0 to 7 into slots 0 to 7 of both. */
  Pair encoded() {
    for (int t = 0; t < WINDOW; t++) {
      encode(t, t);
    }
    return this;
  }

  void encode(int slot, int t) {
    subject.encode(slot, clip.frame(t), clip.row());
    reference.encode(slot, clip.frame(t), clip.row());
  }

  /** Samples templates 0 to count - 1 from slot 0 of both. */
  Pair sampled(int count) {
    float[] xy = points(count);
    subject.sample(0, count, counted(count), xy);
    reference.sample(0, count, counted(count), xy);
    return this;
  }

  static int[] counted(int count) {
    int[] numbers = new int[count];
    Arrays.setAll(numbers, i -> i);
    return numbers;
  }

  /**
   * Points of the picture, its corners and places outside among them; multiples of 1/8, so that
   * their differences are exact in float32 and the embedding's large arguments with them.
   */
  float[] points(int count) {
    float right = plan.width() - 1;
    float bottom = plan.height() - 1;
    float[][] special = {
      {right / 2, bottom / 2},
      {0, 0},
      {right, bottom},
      {-9.5f, bottom / 3},
      {right + 21.25f, bottom + 4},
      {1.5f, 1.5f},
      {right, 0},
      {-300, -300}
    };
    float[] xy = new float[2 * count];
    for (int n = 0; n < count; n++) {
      boolean named = n < special.length;
      xy[2 * n] = eighth(named ? special[n][0] : n * 37.375f % right);
      xy[2 * n + 1] = eighth(named ? special[n][1] : n * 23.625f % bottom);
    }
    return xy;
  }

  private static float eighth(float value) {
    return Math.round(value * 8) / 8f;
  }

  /** Trajectories (S, count, 2) that drift away from the points. */
  float[] trajectories(int count) {
    float[] start = points(count);
    float[] xy = new float[WINDOW * count * 2];
    for (int s = 0; s < WINDOW; s++) {
      for (int n = 0; n < count; n++) {
        xy[2 * (s * count + n)] = start[2 * n] + eighth(1.7f * s - 0.3f * s * n % 5);
        xy[2 * (s * count + n) + 1] = start[2 * n + 1] - eighth(0.9f * s);
      }
    }
    return xy;
  }

  /** A level of a slot's pyramid. */
  float[] features(Backend backend, int slot, int level) {
    int rows = architecture.levelHeight(plan.height(), plan.stride(), level);
    int columns = architecture.levelWidth(plan.width(), plan.stride(), level);
    float[] out = new float[rows * columns * architecture.features()];
    backend.stages().features(slot, level, out);
    return out;
  }

  float[] template(Backend backend, int template) {
    float[] out = new float[architecture.templateSize()];
    backend.stages().template(template, out);
    return out;
  }

  @Override
  public void close() {
    subject.close();
    reference.close();
    clip.close();
    weights.close();
  }
}
