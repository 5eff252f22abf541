package mote.engine.track;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import mote.engine.Architecture;
import mote.engine.Weights;

/** An architecture without a tensor, for backends that compute nothing. */
public record NoWeights(Architecture architecture, Map<String, String> metadata)
    implements Weights {
  public static NoWeights of(Architecture architecture) {
    return new NoWeights(architecture, Map.of());
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
