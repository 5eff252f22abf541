package mote.contract;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import mote.engine.Plan;

/** A smooth pattern with noise that moves from frame to frame, in native memory. */
final class Clip implements AutoCloseable {
  private final Arena arena = Arena.ofConfined();
  private final Plan plan;

  Clip(Plan plan) {
    this.plan = plan;
  }

  /** Bytes from a row to the next without padding. */
  long row() {
    return 3L * plan.sourceWidth();
  }

  MemorySegment frame(int t) {
    return frame(t, row(), (byte) 0);
  }

  /**
   * The same picture with padded rows; the segment ends with the last row's last pixel, so that
   * reading the padding behind it would be out of bounds.
   */
  MemorySegment frame(int t, long rowStride, byte padding) {
    long bytes = (plan.sourceHeight() - 1) * rowStride + row();
    MemorySegment picture = arena.allocate(bytes).fill(padding);
    for (int y = 0; y < plan.sourceHeight(); y++) {
      for (int x = 0; x < plan.sourceWidth(); x++) {
        for (int c = 0; c < 3; c++) {
          picture.set(ValueLayout.JAVA_BYTE, y * rowStride + 3L * x + c, value(t, y, x, c));
        }
      }
    }
    return picture;
  }

  private static byte value(int t, int y, int x, int c) {
    double u = x - 1.5 * t;
    double v = y + 0.75 * t;
    double smooth =
        Math.sin(0.21 * u + c) + Math.sin(0.13 * v - 2 * c) + Math.sin(0.05 * (u + 2 * v));
    int noise = Math.floorMod((x * 73 + y * 151 + c * 31 + t * 7) * 2654435, 41);
    return (byte) Math.clamp(Math.round(118 + 33 * smooth) + noise, 0, 255);
  }

  @Override
  public void close() {
    arena.close();
  }
}
