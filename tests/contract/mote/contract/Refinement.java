package mote.contract;

import mote.engine.Backend;

/** Inputs and results of a call of {@link Backend#refine}. */
record Refinement(float[] xy, float[] visibility, float[] confidence) {
  static final int[] FRAMES = Pair.counted(Pair.WINDOW);

  /** Refines points 0 to count - 1 from given trajectories, which stay as they are. */
  static Refinement of(
      Backend backend, int[] slots, int[] templates, boolean[] locked, int iterations, float[] xy) {
    int count = templates.length;
    float[] visibility = new float[Pair.WINDOW * count];
    float[] confidence =
        backend.architecture().hasConfidence() ? new float[Pair.WINDOW * count] : null;
    float[] result = xy.clone();
    backend.refine(slots, count, templates, locked, iterations, 0, result, visibility, confidence);
    return new Refinement(result, visibility, confidence);
  }

  /** Every second point locked. */
  static boolean[] alternating(int count) {
    boolean[] locked = new boolean[count];
    for (int n = 0; n < count; n += 2) {
      locked[n] = true;
    }
    return locked;
  }
}
