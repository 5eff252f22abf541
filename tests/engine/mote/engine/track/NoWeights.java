package mote.engine.track;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import mote.engine.Architecture;
import mote.engine.Weights;

/** An architecture without a tensor, for backends that compute nothing. */
public record NoWeights(Architecture architecture) implements Weights {
  public static NoWeights of(Architecture architecture) {
    return new NoWeights(architecture);
  }

  @Override
  public Map<String, String> metadata() {
    return Map.of();
  }

  @Override
  public MemorySegment tensor(String name) {
    throw new AssertionError("a tracker does not look at tensors");
  }

  @Override
  public void close() {
    // Nothing is held.
  }
}
