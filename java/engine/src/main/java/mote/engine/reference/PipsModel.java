package mote.engine.reference;

import mote.engine.Architecture;

/**
 * The published model. A template is the feature at the query; the state is the point's feature in
 * each frame, updated by every iteration. Feature pixel f stands for picture pixel f * stride.
 */
final class PipsModel implements Model {
  private final Architecture architecture;
  private final int stride;
  private final PipsEncoder encoder;
  private final Correlation correlation;
  private final Mixer mixer;
  private final LayerNorm featureNorm;
  private final Linear featureUpdate;
  private final Linear visibility;

  PipsModel(Architecture architecture, Parameters parameters, int stride) {
    this.architecture = architecture;
    this.stride = stride;
    encoder = new PipsEncoder(parameters);
    correlation = new Correlation(architecture.radius(), architecture.correlationScale());
    mixer = Mixer.of(architecture, parameters);
    featureNorm = parameters.layerNorm("norm");
    featureUpdate = parameters.linear("ffeat_updater.0");
    visibility = parameters.linear("vis_predictor.0");
  }

  @Override
  public FeatureMap[] encode(Planes picture) {
    FeatureMap map = FeatureMap.of(encoder.apply(picture, stride));
    return FeatureMap.pyramid(map, architecture.levels(), false);
  }

  @Override
  public double[] template(FeatureMap[] pyramid, double x, double y) {
    double[] template = new double[architecture.features()];
    pyramid[0].sample(x / stride, y / stride, template, 0);
    return template;
  }

  @Override
  public double[] match(FeatureMap[] pyramid, double[] template) {
    double[] best = new Similarity(0, true).best(pyramid[0], template);
    best[0] *= stride;
    best[1] *= stride;
    return best;
  }

  @Override
  public double similarity(FeatureMap[] pyramid, double[] template, double x, double y) {
    return new Similarity(0, true).at(pyramid[0], template, x / stride, y / stride);
  }

  @Override
  public double[][] firstState(double[] template) {
    double[][] state = new double[architecture.window()][];
    for (int s = 0; s < state.length; s++) {
      state[s] = template.clone();
    }
    return state;
  }

  /**
   * The published neighbourhood is built from (dy, dx) in row-major order but added to (x, y):
   * entry (i, j) looks at (x + i - r, y + j - r), the transpose of the usual order. Faithful, not
   * to be fixed: the weights were trained with it.
   */
  @Override
  public double[] correlate(
      FeatureMap[] pyramid, double[] template, double[] state, double x, double y) {
    int positions = correlation.positions();
    int side = 2 * architecture.radius() + 1;
    double[] out = new double[architecture.correlations()];
    double[] usual = new double[positions];
    for (int level = 0; level < pyramid.length; level++) {
      double scale = stride * (double) (1 << level);
      correlation.apply(pyramid[level], state, 0, x / scale, y / scale, usual, 0);
      for (int i = 0; i < side; i++) {
        for (int j = 0; j < side; j++) {
          out[level * positions + i * side + j] = usual[j * side + i];
        }
      }
    }
    return out;
  }

  @Override
  public double[][] mixerInput(
      FeatureMap[][] window, double[] template, double[][] xy, double[][] state) {
    int features = architecture.features();
    double[][] input = new double[xy.length][architecture.mixerInputs()];
    for (int s = 0; s < xy.length; s++) {
      double[] correlations = correlate(window[s], template, state[s], xy[s][0], xy[s][1]);
      System.arraycopy(state[s], 0, input[s], 0, features);
      System.arraycopy(correlations, 0, input[s], features, correlations.length);
      double dx = (xy[s][0] - xy[0][0]) / stride;
      double dy = (xy[s][1] - xy[0][1]) / stride;
      double t = (double) s * xy.length / (xy.length - 1);
      int at = features + correlations.length;
      Embedding.pips(dx, dy, t, architecture.frequencies(), input[s], at);
    }
    return input;
  }

  @Override
  public double[][] mixer(double[][] input) {
    return mixer.apply(input);
  }

  @Override
  public void update(double[][] output, double[][] xy, double[][] state, boolean locked) {
    int features = architecture.features();
    for (int s = 0; s < xy.length; s++) {
      int at = s * (2 + features);
      if (s > 0) {
        xy[s][0] += output[0][at] * stride;
        xy[s][1] += output[0][at + 1] * stride;
      }
      double[] delta = new double[features];
      System.arraycopy(output[0], at + 2, delta, 0, features);
      double[] step = Gelu.apply(featureUpdate.apply(featureNorm.apply(delta)));
      for (int c = 0; c < features; c++) {
        state[s][c] += step[c];
      }
    }
  }

  @Override
  public double visibility(double[] state) {
    return visibility.apply(state)[0];
  }

  @Override
  public double confidence(double[] state) {
    return Double.NaN;
  }
}
