package mote.engine.profile;

import java.util.List;
import mote.engine.Architecture;
import mote.engine.Plan;

/**
 * What the stages of a model cost by the direct method: 2 operations for each multiply-add of every
 * convolution, linear layer and correlation, and the few of resizing. A cheaper algorithm
 * (Winograd) or one that keeps what it has computed (correlation) does with fewer, and may so come
 * out faster than a floor of these numbers. Those of the encoder are for one picture, the others
 * for {@code n} points and one iteration.
 */
public final class Costs {
  private static final int FLOAT = 4;
  private static final int STEM = 7;

  private final Architecture architecture;
  private final Plan plan;
  private final int operandBytes;
  private final boolean pips;
  private final int window;

  /**
   * @param operandBytes of a stored activation, feature or weight
   */
  public Costs(Architecture architecture, Plan plan, int operandBytes) {
    this.architecture = architecture;
    this.plan = plan;
    this.operandBytes = operandBytes;
    pips = architecture.family() == Architecture.Family.PIPS;
    window = architecture.window();
  }

  /** A picture to the working size, as floats: two filters of at least two values each. */
  public Work resize() {
    double source = 3.0 * plan.sourceHeight() * plan.sourceWidth();
    double working = 3.0 * plan.height() * plan.width();
    boolean scaled = plan.sourceHeight() != plan.height() || plan.sourceWidth() != plan.width();
    return new Work(2 * working + (scaled ? 8 * working : 0), source + FLOAT * working);
  }

  /** The feature map of a picture: all convolutions, each reading and writing its planes once. */
  public Work encoder() {
    List<Integer> channels = architecture.channels();
    int features = architecture.features();
    int h = half(plan.height());
    int w = half(plan.width());
    Work work = convolution(h, w, channels.get(0), 3, STEM, 2);
    int in = channels.get(0);
    int[] heights = new int[4];
    int[] widths = new int[4];
    for (int stage = 0; stage < 4; stage++) {
      int out = channels.get(stage);
      int stride = stage > 0 ? 2 : 1;
      if (stage > 0) {
        h = half(h);
        w = half(w);
        work = work.plus(convolution(h, w, out, in, 1, 2));
      }
      heights[stage] = h;
      widths[stage] = w;
      work = work.plus(convolution(h, w, out, in, 3, stride));
      // The mote family's first stage is one residual block, every other stage is two.
      int more = pips || stage > 0 ? 3 : 1;
      work = work.plus(convolution(h, w, out, out, 3, 1).times(more));
      in = out;
    }
    if (pips) {
      int joined = channels.stream().mapToInt(Integer::intValue).sum();
      h = plan.height() / plan.stride();
      w = plan.width() / plan.stride();
      return work.plus(convolution(h, w, architecture.neck(), joined, 3, 1))
          .plus(convolution(h, w, features, architecture.neck(), 1, 1));
    }
    return work.plus(convolution(heights[1], widths[1], features, channels.get(0), 3, 2))
        .plus(convolution(heights[1], widths[1], features, channels.get(1), 3, 1))
        .plus(convolution(heights[2], widths[2], features, channels.get(2), 1, 1))
        .plus(convolution(heights[3], widths[3], features, channels.get(3), 1, 1))
        .plus(convolution(heights[1], widths[1], features, features, 3, 1));
  }

  /** The feature map's pyramid: each level the mean of 2x2 pixels of the one before. */
  public Work pyramid() {
    Work work = Work.NONE;
    for (int level = 1; level < architecture.levels(); level++) {
      double from = pixels(level - 1) * architecture.features();
      double to = pixels(level) * architecture.features();
      work = work.plus(new Work(4 * to, (from + to) * operandBytes));
    }
    return work;
  }

  /** Templates, bilinear: four feature vectors in, one out. */
  public Work sample(double n) {
    double values = architecture.templateSize() * n;
    return new Work(7 * values, values * (4 * operandBytes + FLOAT));
  }

  /** Dot products at the integer positions around each estimate, and their interpolation. */
  public Work correlate(double n) {
    int side = 2 * architecture.radius() + 2; // integer positions under a window of real ones
    double warps = n * window * architecture.levels();
    double products = (double) architecture.patch() * side * side;
    double features = architecture.features();
    double bytes =
        side * side * features * operandBytes
            + architecture.patch() * features * FLOAT
            + architecture.patch() * architecture.positions() * operandBytes;
    return new Work(warps * 2 * products * features, warps * bytes);
  }

  /** {@code mote}: each level's correlations through a linear layer; {@code pips}: nothing. */
  public Work correlationLinear(double n) {
    if (pips) {
      return Work.NONE;
    }
    int in = architecture.patch() * architecture.positions();
    return linear(window * n, in, architecture.correlationWidth()).times(architecture.levels());
  }

  /** The mixer's inputs that are no correlations: a multiply-add and a sine count as 4 each. */
  public Work embed(double n) {
    double rows = n * window;
    double sines = (pips ? 6.0 : 4.0) * architecture.frequencies();
    double correlations =
        pips
            ? architecture.correlations()
            : architecture.levels() * architecture.correlationWidth();
    double values = architecture.mixerInputs() - correlations;
    return new Work(rows * 4 * sines, rows * (values * operandBytes + 2 * FLOAT));
  }

  /** The MLP-Mixer with its head. */
  public Work mixer(double n) {
    int width = architecture.width();
    int tokens = window * architecture.tokenExpansion();
    int hidden = width * architecture.channelExpansion();
    Work token = product(n * width, window, tokens).plus(product(n * width, tokens, window));
    Work channel = product(n * window, width, hidden).plus(product(n * window, hidden, width));
    int outputs = architecture.mixerOutputs();
    Work head = pips ? product(n, width, outputs) : product(n * window, width, outputs / window);
    double ends = n * (window * architecture.mixerInputs() * operandBytes + outputs * FLOAT);
    return product(n * window, architecture.mixerInputs(), width)
        .plus(token.plus(channel).times(architecture.depth()))
        .plus(head)
        .plus(new Work(0, ends));
  }

  /** {@code pips}: the features' update; {@code mote}: nothing. */
  public Work updateFeatures(double n) {
    int features = architecture.features();
    return pips ? linear(n * window, features, features) : Work.NONE;
  }

  /** Positions and logits after an iteration: in and out once. */
  public Work update(double n) {
    double rows = n * window;
    double values = pips ? 2 : 4;
    return new Work(rows * 2 * values, rows * 3 * values * FLOAT);
  }

  /** What a window returns. */
  public Work visibility(double n) {
    double rows = n * window;
    double state = architecture.stateSize();
    return new Work(pips ? rows * 2 * state : 0, rows * (state + 6) * FLOAT);
  }

  /** Templates against the whole finest level, and their peaks. */
  public Work match(double n) {
    double positions = pixels(0) * n;
    double template = (double) architecture.patch() * architecture.features();
    return new Work(
        2 * template * positions,
        pixels(0) * architecture.features() * operandBytes
            + n * template * FLOAT
            + 2 * positions * FLOAT);
  }

  /** Templates at one place each, bilinear. */
  public Work similarity(double n) {
    double template = (double) architecture.patch() * architecture.features();
    return new Work(4 * 2 * template * n, n * template * (4 * operandBytes + FLOAT));
  }

  /** {@link mote.engine.Backend#encode}. */
  public Work encode() {
    return resize().plus(encoder()).plus(pyramid());
  }

  /** An iteration of {@link mote.engine.Backend#refine}. */
  public Work iteration(double n) {
    return correlate(n)
        .plus(correlationLinear(n))
        .plus(embed(n))
        .plus(mixer(n))
        .plus(updateFeatures(n))
        .plus(update(n));
  }

  /** A convolution of stored channels, norm and ReLU for nothing. */
  public Work convolution(double height, double width, int out, int in, int kernel, int stride) {
    double pixels = height * width;
    double weights = (double) out * in * kernel * kernel;
    double bytes = pixels * (in * stride * stride + out) + weights;
    return new Work(2 * pixels * weights, bytes * operandBytes);
  }

  /** A linear layer from memory to memory. */
  private Work linear(double rows, int in, int out) {
    return product(rows, in, out).plus(new Work(0, rows * (in + out) * operandBytes));
  }

  /** A linear layer whose rows are on the chip. */
  private Work product(double rows, int in, int out) {
    return new Work(2 * rows * in * out, (double) in * out * operandBytes);
  }

  private double pixels(int level) {
    return (double) architecture.levelHeight(plan.height(), plan.stride(), level)
        * architecture.levelWidth(plan.width(), plan.stride(), level);
  }

  private static int half(int size) {
    return (size + 1) / 2;
  }
}
