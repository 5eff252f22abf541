package mote.cuda;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import mote.engine.Architecture;
import mote.engine.Plan;

/** The launches of the operations on points, for calls of at most so many. */
final class PointKernels {
  private static final int WARPS = 8;
  private static final int CORRELATE_WARPS = 4;
  private static final int LINEAR_ROWS = 16;

  final Launch sample;
  final Launch start;
  final Launch correlate;

  /** Null for {@code pips}, whose correlations go into the mixer as they are. */
  final Launch correlationLinear;

  final Launch embed;
  final List<Step> mixer;

  /** Null for {@code mote}, whose features stay. */
  final Launch updateFeatures;

  final Launch update;
  final Launch visibility;

  /** Of what {@link #visibility} has just written. */
  final Launch similarity;

  private final Architecture architecture;
  private final Plan plan;
  private final Kernels kernels;
  private final Ring ring;
  private final PointBuffers buffers;
  private final PointWeights weights;
  private final Arena arena;
  private final CallLayout call;
  private final PointBuffers.Widths widths;
  private final boolean pips;
  private final int points;
  private final int rows;

  /**
   * @param arena holds the launches' parameters
   * @param mixerForm is open
   */
  PointKernels(
      Kernels kernels,
      Ring ring,
      PointBuffers buffers,
      PointWeights weights,
      Mixer mixerForm,
      Arena arena,
      CallLayout call) {
    this.kernels = kernels;
    this.ring = ring;
    this.buffers = buffers;
    this.weights = weights;
    this.arena = arena;
    this.call = call;
    architecture = ring.architecture();
    plan = ring.plan();
    widths = new PointBuffers.Widths(architecture);
    pips = architecture.family() == Architecture.Family.PIPS;
    points = call.points();
    rows = points * architecture.window();
    sample = sample();
    start = start();
    correlate = correlate();
    correlationLinear = pips ? null : correlationLinear();
    embed = embed();
    mixer = mixerForm.steps(arena, buffers, buffers.active(), points);
    updateFeatures = pips ? updateFeatures() : null;
    update = update();
    visibility = visibility();
    similarity = similarity();
  }

  /** What an iteration runs, in order. */
  List<Step> iteration() {
    List<Step> steps = new ArrayList<>();
    steps.add(correlate);
    if (!pips) {
      steps.add(correlationLinear);
    }
    steps.add(embed);
    steps.addAll(mixer);
    if (pips) {
      steps.add(updateFeatures);
    }
    steps.add(update);
    return steps;
  }

  private Structs.Struct struct(String name) {
    return new Structs.Struct(arena, name).set("call", buffers.call());
  }

  private long ids() {
    return buffers.call().address() + call.ids();
  }

  private long xyOfCall() {
    return buffers.call().address() + call.xy();
  }

  private Launch sample() {
    Structs.Struct params = struct("SampleParams");
    ring.shape(params.member("shape"));
    params.set("ids", ids()).set("xy", xyOfCall()).set("templates", buffers.templates());
    long vectors = (long) points * widths.template() / widths.features();
    return launch("sample", kernels.typed("sample", "sample"), params, blocks(vectors, WARPS), 256);
  }

  private Launch start() {
    Structs.Struct params =
        struct("StartParams")
            .set("ids", ids())
            .set("first", xyOfCall())
            .set("templates", buffers.templates())
            .set("xy", buffers.xy())
            .set("state", buffers.state())
            .set("active", buffers.active())
            .set("taken", buffers.taken())
            .set("pips", pips ? 1 : 0)
            .set("state_pitch", widths.state());
    return launch("start", kernels.plain("start", "start"), params, blocks(rows, WARPS), 256);
  }

  private Launch correlate() {
    Structs.Struct params = struct("CorrelateParams");
    ring.shape(params.member("shape"));
    params
        .set("ids", ids())
        .set("template_version", buffers.call().address() + call.versions())
        .set("active", buffers.active())
        .set("templates", buffers.templates())
        .set("xy", buffers.xy())
        .set("state", buffers.state())
        .set("kept_keys", buffers.keptKeys())
        .set("kept_dots", buffers.keptDots())
        .set("out", pips ? buffers.input() : buffers.correlations())
        .set("row_pitch", pips ? widths.input() : widths.correlation())
        .set("level_pitch", widths.level())
        .set("first", pips ? architecture.features() : 0)
        .set("state_pitch", widths.state())
        .set("kept_templates", buffers.keptTemplates());
    int side = 2 * architecture.radius() + 2;
    int shared = CORRELATE_WARPS * architecture.patch() * side * side * Float.BYTES;
    return new Launch(
        kernels,
        "correlate",
        kernels.typed("correlate", "correlate"),
        params,
        blocks((long) rows * architecture.levels(), CORRELATE_WARPS),
        1,
        32 * CORRELATE_WARPS,
        shared);
  }

  private Launch correlationLinear() {
    Structs.Struct params =
        struct("CorrelationLinearParams")
            .set("active", buffers.active())
            .set("in", buffers.correlations())
            .set("weights", weights.correlationWeight())
            .set("bias", weights.correlationBias())
            .set("out", buffers.input())
            .set("row_pitch", widths.correlation())
            .set("level_pitch", widths.level())
            .set("outputs", architecture.correlationWidth())
            .set("groups", Packing.pitch(architecture.correlationWidth()) / 16)
            .set("out_pitch", widths.input());
    int shared = LINEAR_ROWS * (widths.level() + kernels.pad()) * kernels.operandBytes();
    return new Launch(
        kernels,
        "correlation_linear",
        kernels.typed("correlation_linear", "correlation_linear"),
        params,
        blocks(rows, LINEAR_ROWS),
        architecture.levels(),
        128,
        shared);
  }

  private Launch embed() {
    int correlations =
        pips
            ? architecture.correlations()
            : architecture.levels() * architecture.correlationWidth();
    Structs.Struct params =
        struct("EmbedParams")
            .set("ids", ids())
            .set("active", buffers.active())
            .set("templates", buffers.templates())
            .set("xy", buffers.xy())
            .set("state", buffers.state())
            .set("out", buffers.input())
            .set("pips", pips ? 1 : 0)
            .set("stride", plan.stride())
            .set("features", architecture.features())
            .set("pitch", widths.features())
            .set("template_size", widths.template())
            .set("centre", pips ? 0 : (long) architecture.patch() / 2 * widths.features())
            .set("state_pitch", widths.state())
            .set("frequencies", architecture.frequencies())
            .set("correlations", correlations)
            .set("inputs", architecture.mixerInputs())
            .set("out_pitch", widths.input());
    long values = (long) rows * (architecture.mixerInputs() - correlations);
    return launch("embed", kernels.typed("embed", "embed"), params, blocks(values, 256), 256);
  }

  private Launch updateFeatures() {
    Structs.Struct params =
        struct("UpdateFeaturesParams")
            .set("active", buffers.active())
            .set("delta", buffers.delta())
            .set("norm_weight", weights.featureNormWeight())
            .set("norm_bias", weights.featureNormBias())
            .set("weight", weights.featureWeight())
            .set("bias", weights.featureBias())
            .set("state", buffers.state())
            .set("features", architecture.features())
            .set("pitch", widths.features());
    int shared = LINEAR_ROWS * (widths.features() + kernels.pad()) * kernels.operandBytes();
    return new Launch(
        kernels,
        "update_features",
        kernels.typed("update_features", "update_features"),
        params,
        blocks(rows, LINEAR_ROWS),
        1,
        128,
        shared);
  }

  private Launch update() {
    Structs.Struct params =
        struct("UpdateParams")
            .set("active", buffers.active())
            .set("taken", buffers.taken())
            .set("locked", buffers.call().address() + call.locked())
            .set("delta", buffers.delta())
            .set("xy", buffers.xy())
            .set("state", buffers.state())
            .set("pips", pips ? 1 : 0)
            .set("state_pitch", widths.state())
            .set("features", architecture.features())
            .setFloat("step", pips ? plan.stride() : 4f * plan.stride());
    return launch("update", kernels.plain("update", "update"), params, blocks(points, WARPS), 256);
  }

  private Launch visibility() {
    Structs.Struct params =
        struct("VisibilityParams")
            .set("taken", buffers.taken())
            .set("xy", buffers.xy())
            .set("state", buffers.state())
            .set("weight", weights.visibilityWeight())
            .set("bias", weights.visibilityBias())
            .set("out", buffers.result())
            .set("pips", pips ? 1 : 0)
            .set("state_pitch", widths.state())
            .set("features", architecture.features());
    return launch(
        "visibility", kernels.plain("visibility", "visibility"), params, blocks(rows, WARPS), 256);
  }

  private Launch similarity() {
    Structs.Struct params = struct("MatchParams");
    ring.shape(params.member("shape"));
    params
        .set("ids", ids())
        .set("xy", buffers.result())
        .set("templates", buffers.templates())
        .set(
            "out",
            buffers.result().address() + PointBuffers.similarityOffset(architecture, points));
    return launch(
        "similarity", kernels.typed("match", "similarity"), params, blocks(points, WARPS), 256);
  }

  private Launch launch(
      String name,
      jcuda.driver.CUfunction function,
      Structs.Struct params,
      long blocks,
      int threads) {
    return new Launch(kernels, name, function, params, blocks, 1, threads, 0);
  }

  private static long blocks(long size, int block) {
    return (size + block - 1) / block;
  }
}
