package mote.engine.reference;

import mote.engine.Architecture;

/**
 * Our own model. A template is a patch of the query frame at each level and never changes; the
 * state is the last pair of logits, visibility and confidence. Feature pixel f of the first level
 * is the middle of picture pixels 4 f to 4 f + 3, and level l averages 2^l of them.
 */
final class MoteModel implements Model {
  private static final int STRIDE = 4;

  /** The head's outputs are in units of 4 feature pixels and 4 logits. */
  private static final double STEP = 4;

  private final Architecture architecture;
  private final MoteEncoder encoder;
  private final Correlation correlation;
  private final Linear[] correlationLayers;
  private final Mixer mixer;

  MoteModel(Architecture architecture, Parameters parameters) {
    this.architecture = architecture;
    encoder = new MoteEncoder(parameters);
    correlation = new Correlation(architecture.radius(), architecture.correlationScale());
    correlationLayers = new Linear[architecture.levels()];
    for (int level = 0; level < correlationLayers.length; level++) {
      correlationLayers[level] = parameters.linear("cl." + level);
    }
    mixer = Mixer.of(architecture, parameters);
  }

  @Override
  public FeatureMap[] encode(Planes picture) {
    FeatureMap map = FeatureMap.of(encoder.apply(picture));
    return FeatureMap.pyramid(map, architecture.levels(), true);
  }

  /** Feature pixels of a level from picture pixels, the same along x and y. */
  private static double atLevel(double pixel, int level) {
    double feature = (pixel - (STRIDE - 1) / 2.0) / STRIDE;
    return (feature - 0.5 * ((1 << level) - 1)) / (1 << level);
  }

  @Override
  public double[] template(FeatureMap[] pyramid, double x, double y) {
    int support = architecture.support();
    int features = architecture.features();
    double[] template = new double[architecture.templateSize()];
    int at = 0;
    for (int level = 0; level < pyramid.length; level++) {
      for (int dy = -support; dy <= support; dy++) {
        for (int dx = -support; dx <= support; dx++) {
          pyramid[level].sample(atLevel(x, level) + dx, atLevel(y, level) + dy, template, at);
          at += features;
        }
      }
    }
    return template;
  }

  @Override
  public double[] match(FeatureMap[] pyramid, double[] template) {
    double[] best = new Similarity(architecture.support(), false).best(pyramid[0], template);
    best[0] = best[0] * STRIDE + (STRIDE - 1) / 2.0;
    best[1] = best[1] * STRIDE + (STRIDE - 1) / 2.0;
    return best;
  }

  @Override
  public double similarity(FeatureMap[] pyramid, double[] template, double x, double y) {
    Similarity similarity = new Similarity(architecture.support(), false);
    return similarity.at(pyramid[0], template, atLevel(x, 0), atLevel(y, 0));
  }

  @Override
  public double[][] firstState(double[] template) {
    return new double[architecture.window()][architecture.stateSize()];
  }

  @Override
  public double[] correlate(
      FeatureMap[] pyramid, double[] template, double[] state, double x, double y) {
    double[] out = new double[architecture.correlations()];
    for (int level = 0; level < pyramid.length; level++) {
      for (int pixel = 0; pixel < architecture.patch(); pixel++) {
        int index = level * architecture.patch() + pixel;
        correlation.apply(
            pyramid[level],
            template,
            index * architecture.features(),
            atLevel(x, level),
            atLevel(y, level),
            out,
            index * correlation.positions());
      }
    }
    return out;
  }

  /** The linear layer of a level reads its correlations position by position. */
  private double[] embed(double[] correlations, int level) {
    int patch = architecture.patch();
    int positions = correlation.positions();
    double[] in = new double[patch * positions];
    for (int pixel = 0; pixel < patch; pixel++) {
      for (int position = 0; position < positions; position++) {
        in[position * patch + pixel] = correlations[(level * patch + pixel) * positions + position];
      }
    }
    return Gelu.apply(correlationLayers[level].apply(in));
  }

  @Override
  public double[][] mixerInput(
      FeatureMap[][] window, double[] template, double[][] xy, double[][] state) {
    int features = architecture.features();
    int frequencies = architecture.frequencies();
    int centre = architecture.patch() / 2 * features;
    double[][] input = new double[xy.length][architecture.mixerInputs()];
    for (int s = 0; s < xy.length; s++) {
      double[] correlations = correlate(window[s], template, state[s], xy[s][0], xy[s][1]);
      int at = 0;
      for (int level = 0; level < correlationLayers.length; level++) {
        double[] embedded = embed(correlations, level);
        System.arraycopy(embedded, 0, input[s], at, embedded.length);
        at += embedded.length;
      }
      double dx = (xy[s][0] - xy[0][0]) / STRIDE;
      double dy = (xy[s][1] - xy[0][1]) / STRIDE;
      Embedding.mote(dx, dy, frequencies, input[s], at);
      at += 2 + 4 * frequencies;
      input[s][at++] = Math.clamp(state[s][0], -8, 8) / 4;
      input[s][at++] = Math.clamp(state[s][1], -8, 8) / 4;
      System.arraycopy(template, centre, input[s], at, features);
    }
    return input;
  }

  @Override
  public double[][] mixer(double[][] input) {
    return mixer.apply(input);
  }

  @Override
  public void update(double[][] output, double[][] xy, double[][] state, boolean locked) {
    for (int s = 0; s < xy.length; s++) {
      if (s > 0 || !locked) {
        xy[s][0] += output[s][0] * STEP * STRIDE;
        xy[s][1] += output[s][1] * STEP * STRIDE;
      }
      state[s][0] = output[s][2] * STEP;
      state[s][1] = output[s][3] * STEP;
    }
  }

  @Override
  public double visibility(double[] state) {
    return state[0];
  }

  @Override
  public double confidence(double[] state) {
    return state[1];
  }
}
