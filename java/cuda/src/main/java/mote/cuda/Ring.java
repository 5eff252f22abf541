package mote.cuda;

import mote.engine.Architecture;
import mote.engine.Plan;

/**
 * The feature maps of all slots in device memory: slot, level, row, column, pitch operands.
 *
 * @param levelOffsets of each level in a slot, elements
 * @param slotSize elements of a slot
 */
record Ring(
    Architecture architecture, Plan plan, DeviceBuffer maps, long[] levelOffsets, long slotSize) {
  static Ring declare(Architecture architecture, Plan plan, Memory memory, int operandBytes) {
    long[] offsets = new long[architecture.levels()];
    long size = 0;
    for (int level = 0; level < offsets.length; level++) {
      offsets[level] = size;
      size +=
          (long) architecture.levelHeight(plan.height(), plan.stride(), level)
              * architecture.levelWidth(plan.width(), plan.stride(), level)
              * Packing.pitch(architecture.features());
    }
    DeviceBuffer maps = memory.device("feature maps", plan.slots() * size * operandBytes);
    return new Ring(architecture, plan, maps, offsets, size);
  }

  int height(int level) {
    return architecture.levelHeight(plan.height(), plan.stride(), level);
  }

  int width(int level) {
    return architecture.levelWidth(plan.width(), plan.stride(), level);
  }

  /** Elements of a feature vector as stored. */
  int pitch() {
    return Packing.pitch(architecture.features());
  }

  /** Fills in a PointShape of params.h. */
  void shape(Structs.Struct shape) {
    for (int level = 0; level < architecture.levels(); level++) {
      shape
          .member("level[" + level + "]")
          .set("offset", levelOffsets[level])
          .set("height", height(level))
          .set("width", width(level));
    }
    shape
        .set("ring", maps)
        .set("slot_size", slotSize)
        .set("levels", architecture.levels())
        .set("features", architecture.features())
        .set("pitch", pitch())
        .set("radius", architecture.radius())
        .set("support", architecture.support())
        .set("pips", architecture.family() == Architecture.Family.PIPS ? 1 : 0)
        .set("stride", plan.stride())
        .setFloat("scale", (float) architecture.correlationScale());
  }
}
