package mote.cuda;

import mote.engine.Architecture;
import mote.engine.Plan;
import mote.engine.profile.Costs;
import mote.engine.profile.Work;

/**
 * What each kernel has to do, by the formulas at the heads of kernels/*.cu: operations of the model
 * (not of channels that padding adds), bytes as stored, each once; weights once a launch, however
 * often blocks of threads read them.
 */
final class KernelCosts {
  private static final int FLOAT = Float.BYTES;
  private static final int STEM = 7 * 7 * 3;

  private final Architecture architecture;
  private final Plan plan;
  private final Costs costs;
  private final int operandBytes;

  KernelCosts(Architecture architecture, Plan plan, int operandBytes) {
    this.architecture = architecture;
    this.plan = plan;
    this.operandBytes = operandBytes;
    costs = new Costs(architecture, plan, operandBytes);
  }

  /**
   * @param points of the call that still take part
   */
  Work of(Step step, int points) {
    return step instanceof Product product ? product.work() : of((Launch) step, points);
  }

  /**
   * @throws IllegalStateException if the kernel has no formula here
   */
  private Work of(Launch launch, int points) {
    Structs.Struct params = launch.parameters();
    return switch (launch.name()) {
      case "stem" -> stem(launch, params);
      case "conv" -> convolution(launch, params);
      case "statistics" -> statistics(params);
      case "resize_concat" -> resize(params, 7);
      case "resize_sum" -> resize(params, 7 * 4);
      case "normalise" -> normalise(params);
      case "pyramid" -> pyramid(params);
      case "start" -> start(points);
      case "sample" -> costs.sample(points);
      case "correlate" -> costs.correlate(points);
      case "correlation_linear" -> costs.correlationLinear(points);
      case "embed" -> costs.embed(points);
      case "mixer" -> costs.mixer(points);
      case "bias_rows" -> rows(params, 0, FLOAT);
      case "layer_norm", "layer_norm_mean" -> rows(params, 8, FLOAT + operandBytes);
      case "bias_gelu" -> rows(params, 10, 2 * operandBytes);
      case "update_features" -> costs.updateFeatures(points);
      case "update" -> costs.update(points);
      case "visibility" -> costs.visibility(points);
      case "match" -> costs.match(points);
      case "peaks" -> peaks(points);
      case "similarity" -> costs.similarity(points);
      default ->
          throw new IllegalStateException(
              "kernel has no cost: name=" + launch.name() + "; add its formula to KernelCosts");
    };
  }

  private Work stem(Launch launch, Structs.Struct params) {
    double pixels = (double) params.get("out_height") * params.get("out_width");
    double picture = 3.0 * plan.sourceHeight() * plan.sourceWidth();
    return new Work(
        2 * STEM * launch.outputs() * pixels,
        picture + pixels * params.get("out_channels") * operandBytes);
  }

  private Work convolution(Launch launch, Structs.Struct params) {
    Structs.Struct in = params.member("in");
    double taps = Math.pow(params.get("kernel"), 2);
    double inputs = plane(in);
    double pixels = (double) params.get("out_height") * params.get("out_width");
    double outputs = pixels * params.get("out_channels");
    double read = in.get("shortcut") == 0 ? inputs : 2 * inputs;
    double kept = params.get("joined") == 0 ? 0 : inputs;
    double weights = taps * in.get("channels") * params.get("out_channels");
    return new Work(
        2 * taps * launch.inputs() * launch.outputs() * pixels,
        (read + kept + weights + outputs) * operandBytes);
  }

  private Work statistics(Structs.Struct params) {
    double sums = 2.0 * params.get("tiles") * params.get("channels");
    return new Work(sums, sums * FLOAT + 2.0 * params.get("channels") * FLOAT);
  }

  /** Seven operations for each value that is interpolated. */
  private Work resize(Structs.Struct params, int operations) {
    double values = (double) params.get("height") * params.get("width") * params.get("channels");
    double in = 0;
    for (int i = 0; i < 4; i++) {
      Structs.Struct source = params.member("in[" + i + "]");
      in += plane(source) * (source.get("shortcut") == 0 ? 1 : 2);
    }
    return new Work(operations * values, (in + values) * operandBytes);
  }

  private Work normalise(Structs.Struct params) {
    double values = (double) params.get("height") * params.get("width") * params.get("channels");
    return new Work(params.get("unit") == 0 ? 0 : 3 * values, 2 * values * operandBytes);
  }

  private Work pyramid(Structs.Struct params) {
    double from = (double) params.get("height") * params.get("width") * params.get("channels");
    return new Work(from, 1.25 * from * operandBytes);
  }

  private Work start(int points) {
    double rows = (double) points * architecture.window();
    return new Work(0, rows * (4 + 2.0 * architecture.stateSize()) * FLOAT);
  }

  /** Of the unfused mixer, whose kernels take no point out. */
  private static Work rows(Structs.Struct params, int operations, int bytes) {
    double values = (double) params.get("rows") * params.get("pitch");
    return new Work(operations * values, bytes * values);
  }

  /** A comparison with each of 5x5 neighbours. */
  private Work peaks(int points) {
    double values =
        (double) points
            * architecture.levelHeight(plan.height(), plan.stride(), 0)
            * architecture.levelWidth(plan.width(), plan.stride(), 0);
    return new Work(25 * values, values * FLOAT);
  }

  private static double plane(Structs.Struct source) {
    return (double) source.get("height") * source.get("width") * source.get("channels");
  }
}
