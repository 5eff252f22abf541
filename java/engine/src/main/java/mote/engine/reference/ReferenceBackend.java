package mote.engine.reference;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.IntStream;
import mote.engine.Architecture;
import mote.engine.Arguments;
import mote.engine.Backend;
import mote.engine.OpenResources;
import mote.engine.Plan;
import mote.engine.Precision;
import mote.engine.Weights;

/**
 * The plain-Java backend. It holds feature maps, templates and trajectories in double precision;
 * working memory inside a call comes and goes with it, since here clarity goes before speed.
 */
final class ReferenceBackend implements Backend {
  private final Architecture architecture;
  private final Plan plan;
  private final Model model;
  private final long bytes;
  private final Arguments arguments;
  private final FeatureMap[][] slots;
  private final double[][] templates;
  private final Stages stages = new ReferenceStages();
  private boolean closed;

  ReferenceBackend(Weights weights, Plan plan) {
    architecture = weights.architecture();
    this.plan = plan;
    arguments = new Arguments(architecture, plan);
    model = Model.of(architecture, new Parameters(weights), plan.stride());
    slots = new FeatureMap[plan.slots()][];
    templates = new double[plan.points()][];
    bytes = Float.BYTES * architecture.parameters() + Double.BYTES * valuesHeld();
    OpenResources.opened("ReferenceBackend");
  }

  private long valuesHeld() {
    long perSlot = 0;
    for (int level = 0; level < architecture.levels(); level++) {
      perSlot +=
          (long) architecture.levelHeight(plan.height(), plan.stride(), level)
              * architecture.levelWidth(plan.width(), plan.stride(), level)
              * architecture.features();
    }
    return plan.slots() * perSlot + (long) plan.points() * architecture.templateSize();
  }

  @Override
  public String name() {
    return "reference";
  }

  @Override
  public String description() {
    return "plain Java in double precision, "
        + Runtime.getRuntime().availableProcessors()
        + " threads: the slow one that the others are checked with";
  }

  @Override
  public Architecture architecture() {
    return architecture;
  }

  @Override
  public Plan plan() {
    return plan;
  }

  @Override
  public Precision precision() {
    return Precision.F32;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public void encode(int slot, MemorySegment picture, long rowStrideBytes) {
    ensureOpen();
    arguments.encode(slot, picture, rowStrideBytes);
    slots[slot] = model.encode(Picture.read(picture, rowStrideBytes, plan));
    arguments.encoded(slot);
  }

  @Override
  public void sample(int slot, int count, int[] templates, float[] xy) {
    ensureOpen();
    arguments.sample(slot, count, templates, xy);
    for (int n = 0; n < count; n++) {
      this.templates[templates[n]] = model.template(slots[slot], xy[2 * n], xy[2 * n + 1]);
    }
    arguments.sampled(count, templates);
  }

  @Override
  public void restore(int count, int[] templates, float[] values) {
    ensureOpen();
    arguments.restore(count, templates, values);
    int size = architecture.templateSize();
    for (int n = 0; n < count; n++) {
      double[] template = new double[size];
      for (int i = 0; i < size; i++) {
        template[i] = values[n * size + i];
      }
      this.templates[templates[n]] = template;
    }
    arguments.sampled(count, templates);
  }

  @Override
  public void match(int slot, int count, int[] templates, float[] xy, float[] similarity) {
    ensureOpen();
    arguments.match(slot, count, templates, xy, similarity);
    IntStream.range(0, count)
        .parallel()
        .forEach(
            n -> {
              double[] best = model.match(slots[slot], this.templates[templates[n]]);
              for (int i = 0; i < 2; i++) {
                xy[2 * n + i] = (float) best[i];
                similarity[2 * n + i] = (float) best[2 + i];
              }
            });
  }

  @Override
  public void similarity(int slot, int count, int[] templates, float[] xy, float[] similarity) {
    ensureOpen();
    arguments.similarity(slot, count, templates, xy, similarity);
    for (int n = 0; n < count; n++) {
      double[] template = this.templates[templates[n]];
      similarity[n] = (float) model.similarity(slots[slot], template, xy[2 * n], xy[2 * n + 1]);
    }
  }

  @Override
  public int refine(
      int[] slots,
      int count,
      int[] templates,
      boolean[] locked,
      int iterations,
      float settle,
      float[] xy,
      float[] visibility,
      float[] confidence,
      int compared,
      float[] similarity) {
    ensureOpen();
    arguments.refine(
        slots,
        count,
        templates,
        locked,
        iterations,
        settle,
        xy,
        visibility,
        confidence,
        compared,
        similarity);
    FeatureMap[][] window = window(slots);
    boolean allLocked = architecture.family() == Architecture.Family.PIPS;
    return IntStream.range(0, count)
        .parallel()
        .map(
            n -> {
              double[] template = this.templates[templates[n]];
              double[][] trajectory = trajectory(xy, n, count);
              double[][] state = model.firstState(template);
              boolean fixed = allLocked || locked[n];
              int done = 0;
              boolean moving = true;
              while (moving && done < iterations) {
                double[][] before = copy(trajectory);
                double[][] input = model.mixerInput(window, template, trajectory, state);
                model.update(model.mixer(input), trajectory, state, fixed);
                moving = settle == 0 || largestStep(before, trajectory) >= settle;
                done++;
              }
              for (int s = 0; s < trajectory.length; s++) {
                int at = s * count + n;
                xy[2 * at] = (float) trajectory[s][0];
                xy[2 * at + 1] = (float) trajectory[s][1];
                visibility[at] = (float) model.visibility(state[s]);
                if (architecture.hasConfidence()) {
                  confidence[at] = (float) model.confidence(state[s]);
                }
              }
              if (compared >= 0) {
                int at = 2 * (compared * count + n); // as the caller sees it
                similarity[n] =
                    (float) model.similarity(window[compared], template, xy[at], xy[at + 1]);
              }
              return done;
            })
        .max()
        .orElseThrow();
  }

  private static double[][] copy(double[][] trajectory) {
    return Arrays.stream(trajectory).map(double[]::clone).toArray(double[][]::new);
  }

  /** Along x or y, in any frame. */
  private static double largestStep(double[][] from, double[][] to) {
    double largest = 0;
    for (int s = 0; s < to.length; s++) {
      for (int axis = 0; axis < 2; axis++) {
        largest = Math.max(largest, Math.abs(to[s][axis] - from[s][axis]));
      }
    }
    return largest;
  }

  private FeatureMap[][] window(int[] slots) {
    FeatureMap[][] window = new FeatureMap[architecture.window()][];
    for (int s = 0; s < window.length; s++) {
      window[s] = this.slots[slots[s]];
    }
    return window;
  }

  /** Point n of (S, count, 2). */
  private double[][] trajectory(float[] xy, int n, int count) {
    double[][] trajectory = new double[architecture.window()][];
    for (int s = 0; s < trajectory.length; s++) {
      int at = 2 * (s * count + n);
      trajectory[s] = new double[] {xy[at], xy[at + 1]};
    }
    return trajectory;
  }

  @Override
  public Stages stages() {
    ensureOpen();
    return stages;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      Arrays.fill(slots, null);
      Arrays.fill(templates, null);
      OpenResources.closed("ReferenceBackend");
    }
  }

  private void ensureOpen() {
    if (closed) {
      throw new IllegalStateException("ReferenceBackend is closed: plan=" + plan + "; open one");
    }
  }

  private final class ReferenceStages implements Stages {
    @Override
    public void features(int slot, int level, float[] out) {
      ensureOpen();
      arguments.features(slot, level, out);
      copy(slots[slot][level].values(), out, 0);
    }

    @Override
    public void template(int template, float[] out) {
      ensureOpen();
      arguments.template(template, out);
      copy(templates[template], out, 0);
    }

    @Override
    public void correlate(
        int[] slots, int count, int[] templates, float[] xy, float[] state, float[] out) {
      ensureOpen();
      arguments.correlate(slots, count, templates, xy, state, out);
      FeatureMap[][] window = window(slots);
      for (int n = 0; n < count; n++) {
        double[] template = ReferenceBackend.this.templates[templates[n]];
        double[][] trajectory = trajectory(xy, n, count);
        double[][] states = states(state, n, template);
        for (int s = 0; s < window.length; s++) {
          double[] values =
              model.correlate(window[s], template, states[s], trajectory[s][0], trajectory[s][1]);
          copy(values, out, (n * window.length + s) * values.length);
        }
      }
    }

    @Override
    public void mixerInput(
        int[] slots, int count, int[] templates, float[] xy, float[] state, float[] out) {
      ensureOpen();
      arguments.mixerInput(slots, count, templates, xy, state, out);
      FeatureMap[][] window = window(slots);
      for (int n = 0; n < count; n++) {
        double[] template = ReferenceBackend.this.templates[templates[n]];
        double[][] input =
            model.mixerInput(
                window, template, trajectory(xy, n, count), states(state, n, template));
        for (int s = 0; s < window.length; s++) {
          copy(input[s], out, (n * window.length + s) * input[s].length);
        }
      }
    }

    @Override
    public void mixer(int count, float[] in, float[] out) {
      ensureOpen();
      arguments.mixer(count, in, out);
      int frames = architecture.window();
      int inputs = architecture.mixerInputs();
      IntStream.range(0, count)
          .parallel()
          .forEach(
              n -> {
                double[][] result = model.mixer(rows(in, n * frames, frames, inputs));
                for (int row = 0; row < result.length; row++) {
                  copy(result[row], out, (n * result.length + row) * result[row].length);
                }
              });
    }

    /** The states of point n, or those before the first iteration. */
    private double[][] states(float[] state, int n, double[] template) {
      int frames = architecture.window();
      return state == null
          ? model.firstState(template)
          : rows(state, n * frames, frames, architecture.stateSize());
    }

    private double[][] rows(float[] values, int first, int count, int size) {
      double[][] rows = new double[count][size];
      for (int row = 0; row < count; row++) {
        for (int i = 0; i < size; i++) {
          rows[row][i] = values[(first + row) * size + i];
        }
      }
      return rows;
    }

    private void copy(double[] values, float[] out, int at) {
      for (int i = 0; i < values.length; i++) {
        out[at + i] = (float) values[i];
      }
    }
  }
}
