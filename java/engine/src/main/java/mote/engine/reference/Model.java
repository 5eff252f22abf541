package mote.engine.reference;

import mote.engine.Architecture;

/**
 * What the two families compute differently. Points are independent of each other, so everything
 * after the encoder is about one point: its trajectory {@code xy} (S, 2) in pixels of the working
 * picture, and its state (S, stateSize) between iterations.
 */
sealed interface Model permits PipsModel, MoteModel {
  static Model of(Architecture architecture, Parameters parameters, int stride) {
    return architecture.family() == Architecture.Family.PIPS
        ? new PipsModel(architecture, parameters, stride)
        : new MoteModel(architecture, parameters);
  }

  /** A picture (3, H, W) in [-1, 1] to the levels of its feature pyramid. */
  FeatureMap[] encode(Planes picture);

  /** The template of a point in its query frame. */
  double[] template(FeatureMap[] pyramid, double x, double y);

  /**
   * The finest level's position that is most like a template.
   *
   * @return x and y in pixels of the working picture, the similarity there and at the next best
   *     peak
   */
  double[] match(FeatureMap[] pyramid, double[] template);

  /** How much the picture is like a template at x, y: pixels of the working picture. */
  double similarity(FeatureMap[] pyramid, double[] template, double x, double y);

  /** The state before the first iteration. */
  double[][] firstState(double[] template);

  /**
   * Correlates in one frame.
   *
   * @param state of that frame
   * @return (levels, patch, positions)
   */
  double[] correlate(FeatureMap[] pyramid, double[] template, double[] state, double x, double y);

  /**
   * The mixer's input, (S, mixerInputs).
   *
   * @param window the pyramids of the S frames
   */
  double[][] mixerInput(FeatureMap[][] window, double[] template, double[][] xy, double[][] state);

  /** Mixer and head, as {@link Mixer#apply}. */
  double[][] mixer(double[][] input);

  /**
   * Applies the mixer's output to trajectory and state, in place.
   *
   * @param locked whether frame 0 stays where it is; the published model locks it always
   */
  void update(double[][] output, double[][] xy, double[][] state, boolean locked);

  /** The logit of visibility, read off the state of one frame. */
  double visibility(double[] state);

  /** The logit of confidence, read off the state of one frame; NaN where the model has none. */
  double confidence(double[] state);
}
