package mote.cuda;

import java.util.function.IntUnaryOperator;
import mote.engine.Architecture;

/**
 * Parameters of the operations on points but for the mixer; null where the family has none.
 *
 * @param correlationWeight {@code mote}: (levels) packed
 * @param correlationBias (levels, outputs)
 * @param featureWeight {@code pips}: of the feature update, packed
 * @param visibilityWeight (C)
 */
record PointWeights(
    DeviceBuffer correlationWeight,
    DeviceBuffer correlationBias,
    DeviceBuffer featureNormWeight,
    DeviceBuffer featureNormBias,
    DeviceBuffer featureWeight,
    DeviceBuffer featureBias,
    DeviceBuffer visibilityWeight,
    DeviceBuffer visibilityBias) {

  static PointWeights declare(Architecture architecture, Parameters parameters) {
    return architecture.family() == Architecture.Family.PIPS
        ? pips(architecture, parameters)
        : mote(architecture, parameters);
  }

  private static PointWeights pips(Architecture architecture, Parameters parameters) {
    int features = architecture.features();
    int pitch = Packing.pitch(features);
    return new PointWeights(
        null,
        null,
        parameters.floats("norm.weight", features),
        parameters.floats("norm.bias", features),
        parameters.linear("ffeat_updater.0.weight", pitch / 16, pitch, IntUnaryOperator.identity()),
        parameters.floats("ffeat_updater.0.bias", features),
        parameters.floats("vis_predictor.0.weight", features),
        parameters.floats("vis_predictor.0.bias", 1));
  }

  /**
   * The levels' linear layers one after the other. Their weights stand position by position, the
   * correlations patch pixel by patch pixel.
   */
  private static PointWeights mote(Architecture architecture, Parameters parameters) {
    int width = architecture.correlationWidth();
    int patch = architecture.patch();
    int positions = architecture.positions();
    int values = patch * positions;
    int outputs = Packing.pitch(width);
    DeviceBuffer weight =
        parameters.packed(
            "cl.weight",
            architecture.levels() * outputs / 16,
            Packing.pitch(values),
            (output, input) -> {
              int level = output / outputs;
              int row = output % outputs;
              int column = input % positions * patch + input / positions;
              return row < width && input < values
                  ? parameters.value("cl." + level + ".weight", row * values + column)
                  : 0;
            });
    DeviceBuffer bias =
        parameters.gathered(
            "cl.bias",
            architecture.levels() * width,
            i -> parameters.value("cl." + i / width + ".bias", i % width));
    return new PointWeights(weight, bias, null, null, null, null, null, null);
  }
}
