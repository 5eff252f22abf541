package mote.cuda;

import mote.engine.Architecture;
import mote.engine.Plan;

/**
 * Device memory of the operations on points. Rows are (point, frame).
 *
 * @param call what the host says, see {@link CallLayout}
 * @param templates (points, template) float
 * @param active (points) int
 * @param taken (points) int
 * @param xy (points, S, 2) float
 * @param state (points, S, statePitch) float
 * @param correlations (points, S, correlationPitch) operands; {@code mote} only
 * @param input (points, S, inputPitch) operands: what goes into the mixer
 * @param delta what comes out of it, float
 * @param result what the host gets: xy, visibility, confidence, iterations; behind room for those
 *     of all points the similarities
 * @param keptKeys and
 * @param keptDots dot products of the first {@code keptTemplates} templates
 */
record PointBuffers(
    DeviceBuffer call,
    DeviceBuffer templates,
    DeviceBuffer active,
    DeviceBuffer taken,
    DeviceBuffer xy,
    DeviceBuffer state,
    DeviceBuffer correlations,
    DeviceBuffer input,
    DeviceBuffer delta,
    DeviceBuffer result,
    DeviceBuffer keptKeys,
    DeviceBuffer keptDots,
    int keptTemplates) {
  /** Device bytes for kept dot products, at most. */
  private static final long KEPT_BYTES = 256L << 20;

  static PointBuffers declare(
      Architecture architecture, Plan plan, Memory memory, int operandBytes) {
    Widths widths = new Widths(architecture);
    long points = plan.points();
    long rows = points * architecture.window();
    boolean pips = architecture.family() == Architecture.Family.PIPS;
    int side = 2 * architecture.radius() + 2;
    long keys = (long) architecture.window() * architecture.levels();
    long dots = keys * architecture.patch() * side * side * Float.BYTES;
    int kept = pips ? 0 : (int) Math.min(points, Math.max(1, KEPT_BYTES / dots));
    long keyBytes = Structs.layout("KeptKey").byteSize();
    return new PointBuffers(
        memory.device("call", new CallLayout(plan.points()).bytes()),
        memory.device("templates", points * widths.template() * Float.BYTES),
        memory.device("active", points * Integer.BYTES),
        memory.device("taken", points * Integer.BYTES),
        memory.device("xy", rows * 2 * Float.BYTES),
        memory.device("state", rows * widths.state() * Float.BYTES),
        pips ? null : memory.device("correlations", rows * widths.correlation() * operandBytes),
        memory.device("mixer input", rows * widths.input() * operandBytes),
        memory.device("mixer output", points * architecture.mixerOutputs() * Float.BYTES),
        memory.device("result", resultBytes(architecture, plan.points())),
        pips ? null : memory.device("kept keys", kept * keys * keyBytes),
        pips ? null : memory.device("kept dot products", kept * dots),
        kept);
  }

  /** Bytes of a result of so many points, before their similarities. */
  static long similarityOffset(Architecture architecture, int points) {
    return (4L * architecture.window() + 1) * points * Float.BYTES;
  }

  /** Bytes of a result of so many points. */
  static long resultBytes(Architecture architecture, int points) {
    return similarityOffset(architecture, points) + (long) points * Float.BYTES;
  }

  /** Elements of rows as stored. */
  record Widths(Architecture architecture) {
    private boolean pips() {
      return architecture.family() == Architecture.Family.PIPS;
    }

    int features() {
      return Packing.pitch(architecture.features());
    }

    int template() {
      return features() * (pips() ? 1 : architecture.levels() * architecture.patch());
    }

    int state() {
      return pips() ? features() : 2;
    }

    /** Of a level's correlations. */
    int level() {
      int values = architecture.patch() * architecture.positions();
      return pips() ? values : Packing.pitch(values);
    }

    int correlation() {
      return level() * architecture.levels();
    }

    int input() {
      return Packing.pitch(architecture.mixerInputs());
    }
  }
}
