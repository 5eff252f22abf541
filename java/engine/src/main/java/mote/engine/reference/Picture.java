package mote.engine.reference;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import mote.engine.Plan;

/** A picture as the encoder takes it: resized to the working size, red, green, blue in [-1, 1]. */
final class Picture {
  private Picture() {}

  static Planes read(MemorySegment picture, long rowStrideBytes, Plan plan) {
    Planes planes = new Planes(3, plan.sourceHeight(), plan.sourceWidth());
    for (int y = 0; y < plan.sourceHeight(); y++) {
      for (int x = 0; x < plan.sourceWidth(); x++) {
        for (int c = 0; c < 3; c++) {
          byte value = picture.get(ValueLayout.JAVA_BYTE, y * rowStrideBytes + 3L * x + c);
          planes.values()[planes.index(c, y, x)] = 2 * (Byte.toUnsignedInt(value) / 255.0) - 1;
        }
      }
    }
    boolean unscaled = plan.sourceHeight() == plan.height() && plan.sourceWidth() == plan.width();
    return unscaled ? planes : Resize.antialiased(planes, plan.height(), plan.width());
  }
}
