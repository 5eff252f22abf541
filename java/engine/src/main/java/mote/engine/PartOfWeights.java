package mote.engine;

import java.lang.foreign.MemorySegment;
import java.util.Map;

/**
 * One of the two trackers of a model that has a fine one, as a model of its own.
 *
 * @param weights of both; they stay their owner's
 * @param prefix of the names of this one's parameters
 */
record PartOfWeights(Weights weights, String prefix) implements Weights {
  static PartOfWeights coarse(Weights weights) {
    return new PartOfWeights(weights, "");
  }

  static PartOfWeights fine(Weights weights) {
    return new PartOfWeights(weights, Architecture.FINE);
  }

  @Override
  public Architecture architecture() {
    return weights.architecture().single();
  }

  @Override
  public Map<String, String> metadata() {
    return weights.metadata();
  }

  @Override
  public MemorySegment tensor(String name) {
    return weights.tensor(prefix + name);
  }

  /** Does nothing: the weights are closed by their owner. */
  @Override
  public void close() {}
}
