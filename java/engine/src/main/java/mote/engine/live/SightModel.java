package mote.engine.live;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import mote.engine.MoteException;
import mote.engine.Weights;

/**
 * What decides whether a live point is seen, fitted for the weights that it comes with ({@code
 * mote_train.sight}) and kept in their metadata under {@value #KEY}. Each gate is a {@link
 * Perceptron} whose output is the logit that the point is seen there, its threshold at 0.
 *
 * @param keep for a point that was seen in the frame before, at its estimate; {@link #KEEP} inputs
 * @param stay for one that was not, at its estimate; {@link #STAY} inputs
 * @param find for one that was not, where its template fits best; {@link #FIND} inputs
 */
record SightModel(Perceptron keep, Perceptron stay, Perceptron find) {
  static final String KEY = "mote.sight";
  static final int KEEP = 7;
  static final int STAY = 13;
  static final int FIND = 20;

  private static final int MOST_HIDDEN = 256;

  /** Of a number: with the largest inputs no sum of such products leaves the numbers of float. */
  private static final float LARGEST = 1e9f;

  private static final ObjectMapper MAPPER =
      new ObjectMapper()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

  /**
   * The gates of these weights, null where they have none.
   *
   * @throws MoteException if there are some that are not sound
   */
  static SightModel of(Weights weights) {
    String json = weights.metadata().get(KEY);
    if (json == null) {
      return null;
    }
    JsonNode document;
    try {
      document = MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw refused("document", "JSON");
    }
    return new SightModel(
        gate(document, "keep", KEEP), gate(document, "stay", STAY), gate(document, "find", FIND));
  }

  private static Perceptron gate(JsonNode document, String name, int inputs) {
    JsonNode gate = document.path(name);
    float[] bias1 = row(gate.path("bias1"), name + ".bias1", -1);
    JsonNode rows = gate.path("weights1");
    if (!rows.isArray() || rows.size() != bias1.length) {
      throw refused(name + ".weights1", bias1.length + " rows");
    }
    float[][] weights1 = new float[bias1.length][];
    for (int h = 0; h < bias1.length; h++) {
      weights1[h] = row(rows.get(h), name + ".weights1", inputs);
    }
    float[] weights2 = row(gate.path("weights2"), name + ".weights2", bias1.length);
    return new Perceptron(weights1, bias1, weights2, number(gate.path("bias2"), name + ".bias2"));
  }

  /**
   * @param length that it must have; -1: any from 1 to {@link #MOST_HIDDEN}
   */
  private static float[] row(JsonNode node, String name, int length) {
    boolean fits =
        length < 0 ? node.size() >= 1 && node.size() <= MOST_HIDDEN : node.size() == length;
    if (!node.isArray() || !fits) {
      throw refused(name, length < 0 ? "1 to " + MOST_HIDDEN + " numbers" : length + " numbers");
    }
    float[] values = new float[node.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = number(node.get(i), name);
    }
    return values;
  }

  private static float number(JsonNode node, String name) {
    float value = (float) node.asDouble(Double.NaN);
    if (!node.isNumber() || !(Math.abs(value) <= LARGEST)) {
      throw refused(name, "numbers from -1e9 to 1e9");
    }
    return value;
  }

  private static MoteException refused(String field, String expected) {
    return new MoteException(
        "mote.sight is not sound: field=%s, expected=%s; export the weights again"
            .formatted(field, expected));
  }
}
