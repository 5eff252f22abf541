package mote.engine;

import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/**
 * Checks the arguments of {@link Backend}'s operations against its plan, so that every backend
 * refuses the same things in the same words and no size reaches native code unchecked. It remembers
 * which slots hold a picture and which templates were sampled: what was never written, or was being
 * written when the device failed, cannot be read.
 */
public final class Arguments {
  private final Architecture architecture;
  private final Plan plan;
  private final BitSet encoded;
  private final BitSet sampled;

  /**
   * @throws MoteException if the model cannot run with that plan
   */
  public Arguments(Architecture architecture, Plan plan) {
    this.architecture = architecture;
    this.plan = plan;
    encoded = new BitSet(plan.slots());
    sampled = new BitSet(plan.points());
    if (architecture.family() == Architecture.Family.MOTE && plan.stride() != 4) {
      throw new MoteException(
          "stride is not supported: family=mote, stride=" + plan.stride() + "; use 4");
    }
    if (plan.slots() < architecture.window()) {
      throw new MoteException(
          "slots are too few for the window: slots=%d, window=%d; give at least %d"
              .formatted(plan.slots(), architecture.window(), architecture.window()));
    }
    int top = architecture.levels() - 1;
    if (architecture.levelHeight(plan.height(), plan.stride(), top) < 1
        || architecture.levelWidth(plan.width(), plan.stride(), top) < 1) {
      throw new MoteException(
          "picture is too small for the pyramid: height=%d, width=%d, stride=%d, levels=%d; give a larger working size"
              .formatted(plan.height(), plan.width(), plan.stride(), architecture.levels()));
    }
  }

  /**
   * Checks {@link Backend#encode}. The slot holds nothing from here on, until {@link #encoded} says
   * that the device has written it.
   */
  public void encode(int slot, MemorySegment picture, long rowStrideBytes) {
    range("slot", slot, 0, plan.slots() - 1);
    long row = 3L * plan.sourceWidth();
    if (rowStrideBytes < row || rowStrideBytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "row stride does not fit the picture: row_stride_bytes=%d, width=%d; give %d or more"
              .formatted(rowStrideBytes, plan.sourceWidth(), row));
    }
    long bytes = (plan.sourceHeight() - 1) * rowStrideBytes + row;
    if (!picture.isNative() || picture.byteSize() < bytes) {
      throw new IllegalArgumentException(
          "picture is no native memory of its size: native=%b, bytes=%d; give %d bytes of native memory"
              .formatted(picture.isNative(), picture.byteSize(), bytes));
    }
    encoded.clear(slot);
  }

  /** The slot holds a picture. */
  public void encoded(int slot) {
    encoded.set(slot);
  }

  /**
   * Checks {@link Backend#sample}. The templates hold nothing from here on, until {@link #sampled}
   * says that the device has written them.
   */
  public void sample(int slot, int count, int[] templates, float[] xy) {
    slot(slot);
    BitSet named = named(count, templates);
    finite("xy", xy, 2L * count);
    sampled.andNot(named);
  }

  private BitSet named(int count, int[] templates) {
    range("count", count, 1, plan.points());
    length("templates", templates.length, count);
    BitSet named = new BitSet(plan.points());
    for (int i = 0; i < count; i++) {
      range("template", templates[i], 0, plan.points() - 1);
      if (named.get(templates[i])) {
        throw new IllegalArgumentException(
            "template is named twice: template=" + templates[i] + "; give each point its own");
      }
      named.set(templates[i]);
    }
    return named;
  }

  /** The first {@code count} of these templates hold what was sampled. */
  public void sampled(int count, int[] templates) {
    for (int i = 0; i < count; i++) {
      sampled.set(templates[i]);
    }
  }

  /** Checks {@link Backend#restore}; the templates hold nothing until {@link #sampled}. */
  public void restore(int count, int[] templates, float[] values) {
    BitSet named = named(count, templates);
    finite("values", values, (long) count * architecture.templateSize());
    sampled.andNot(named);
  }

  /** Checks {@link Backend#match}. */
  public void match(int slot, int count, int[] templates, float[] xy, float[] similarity) {
    slot(slot);
    templates(count, templates);
    length("xy", xy.length, 2L * count);
    length("similarity", similarity.length, 2L * count);
  }

  /** Checks {@link Backend#similarity}. */
  public void similarity(int slot, int count, int[] templates, float[] xy, float[] similarity) {
    slot(slot);
    templates(count, templates);
    finite("xy", xy, 2L * count);
    length("similarity", similarity.length, count);
  }

  private void templates(int count, int[] templates) {
    range("count", count, 1, plan.points());
    length("templates", templates.length, count);
    for (int i = 0; i < count; i++) {
      template(templates[i]);
    }
  }

  /** Checks {@link Backend#refine}. */
  public void refine(
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
    window(slots, count, templates, xy);
    if (architecture.family() == Architecture.Family.MOTE) {
      length("locked", locked.length, count);
    }
    range("iterations", iterations, 1, 1 << 20);
    if (!(settle >= 0 && settle <= Plan.LARGEST)) {
      throw new IllegalArgumentException(
          "threshold is out of range: settle=%s; give pixels, 0 to %d"
              .formatted(settle, Plan.LARGEST));
    }
    long frames = (long) architecture.window() * count;
    length("visibility", visibility.length, frames);
    if (architecture.hasConfidence()) {
      length("confidence", confidence.length, frames);
    }
    range("compared", compared, -1, architecture.window() - 1);
    if (compared >= 0) {
      if (similarity == null) {
        throw new IllegalArgumentException(
            "nowhere to put similarities: compared=%d, similarity=null; give an array or compare nothing"
                .formatted(compared));
      }
      length("similarity", similarity.length, count);
    }
  }

  /** Checks {@link Backend.Stages#features}. */
  public void features(int slot, int level, float[] out) {
    slot(slot);
    range("level", level, 0, architecture.levels() - 1);
    long rows = architecture.levelHeight(plan.height(), plan.stride(), level);
    long columns = architecture.levelWidth(plan.width(), plan.stride(), level);
    length("out", out.length, rows * columns * architecture.features());
  }

  /** Checks {@link Backend.Stages#template}. */
  public void template(int template, float[] out) {
    template(template);
    length("out", out.length, architecture.templateSize());
  }

  /** Checks {@link Backend.Stages#correlate}. */
  public void correlate(
      int[] slots, int count, int[] templates, float[] xy, float[] state, float[] out) {
    windowStage(slots, count, templates, xy, state, out, architecture.correlations());
  }

  /** Checks {@link Backend.Stages#mixerInput}. */
  public void mixerInput(
      int[] slots, int count, int[] templates, float[] xy, float[] state, float[] out) {
    windowStage(slots, count, templates, xy, state, out, architecture.mixerInputs());
  }

  /** Checks {@link Backend.Stages#mixer}. */
  public void mixer(int count, float[] in, float[] out) {
    range("count", count, 1, plan.points());
    length("in", in.length, (long) count * architecture.window() * architecture.mixerInputs());
    length("out", out.length, (long) count * architecture.mixerOutputs());
  }

  private void windowStage(
      int[] slots,
      int count,
      int[] templates,
      float[] xy,
      float[] state,
      float[] out,
      long outputs) {
    window(slots, count, templates, xy);
    long frames = (long) count * architecture.window();
    if (state != null) {
      length("state", state.length, frames * architecture.stateSize());
    }
    length("out", out.length, frames * outputs);
  }

  private void window(int[] slots, int count, int[] templates, float[] xy) {
    length("slots", slots.length, architecture.window());
    for (int s = 0; s < architecture.window(); s++) {
      slot(slots[s]);
    }
    templates(count, templates);
    finite("xy", xy, 2L * architecture.window() * count);
  }

  private void slot(int slot) {
    range("slot", slot, 0, plan.slots() - 1);
    if (!encoded.get(slot)) {
      throw new IllegalArgumentException(
          "slot holds no picture: slot=" + slot + "; encode one into it first");
    }
  }

  private void template(int template) {
    range("template", template, 0, plan.points() - 1);
    if (!sampled.get(template)) {
      throw new IllegalArgumentException(
          "template was not sampled: template=" + template + "; sample it first");
    }
  }

  private static void range(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "argument does not fit the plan: %s=%d; give %d to %d"
              .formatted(name, value, least, most));
    }
  }

  private static void length(String name, int length, long least) {
    if (length < least) {
      throw new IllegalArgumentException(
          "array is too short: name=%s, length=%d; give at least %d"
              .formatted(name, length, least));
    }
  }

  private static void finite(String name, float[] values, long count) {
    length(name, values.length, count);
    for (int i = 0; i < count; i++) {
      if (!Float.isFinite(values[i])) {
        throw new IllegalArgumentException(
            "number is not finite: %s[%d]=%s; give finite numbers".formatted(name, i, values[i]));
      }
    }
  }
}
