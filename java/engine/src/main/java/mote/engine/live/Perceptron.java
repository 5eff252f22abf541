package mote.engine.live;

/**
 * A network of one hidden layer: {@code output = bias2 + weights2 . relu(weights1 inputs + bias1)}.
 * Its output is the logit of a probability.
 *
 * @param weights1 (hidden, inputs)
 * @param bias1 (hidden)
 * @param weights2 (hidden)
 * @param bias2 of the only output
 */
record Perceptron(float[][] weights1, float[] bias1, float[] weights2, float bias2) {
  /**
   * @param in as many values as there are inputs at least; more are ignored
   */
  float logit(float[] in) {
    float out = bias2;
    for (int h = 0; h < weights1.length; h++) {
      float sum = bias1[h];
      for (int i = 0; i < weights1[h].length; i++) {
        sum += weights1[h][i] * in[i];
      }
      out += weights2[h] * Math.max(sum, 0);
    }
    return out;
  }
}
