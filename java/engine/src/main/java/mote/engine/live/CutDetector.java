package mote.engine.live;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import mote.engine.Plan;

/**
 * Notices that a frame shows another scene than the one before. Two signs must agree: the grey
 * levels of a coarse grid differ much where they lie, and their histogram differs as well. Motion
 * alone changes the first, a change of light the second.
 *
 * <p>Reads {@value #SIDE} x {@value #SIDE} pixels of a frame and allocates nothing.
 */
final class CutDetector {
  private static final int SIDE = 64;
  private static final int BINS = 32;

  /** Mean difference of grey levels (0 to 255) at the same places. */
  private static final double PLACES = 24;

  /** Share of the pixels that would have to change their bin. */
  private static final double HISTOGRAM = 0.25;

  private final int height;
  private final int width;
  private int[] grey = new int[SIDE * SIDE];
  private int[] before = new int[SIDE * SIDE];
  private final int[] bins = new int[BINS];
  private boolean first = true;

  /** For frames of the plan's source size. */
  CutDetector(Plan plan) {
    height = plan.sourceHeight();
    width = plan.sourceWidth();
  }

  /** Whether this frame begins another scene; the first frame begins none. */
  boolean isCut(MemorySegment picture, long rowStrideBytes) {
    int[] swap = before;
    before = grey;
    grey = swap;
    for (int y = 0; y < SIDE; y++) {
      long row = (y * 2L + 1) * height / (2 * SIDE) * rowStrideBytes;
      for (int x = 0; x < SIDE; x++) {
        long at = row + (x * 2L + 1) * width / (2 * SIDE) * 3;
        grey[y * SIDE + x] =
            (77 * value(picture, at) + 150 * value(picture, at + 1) + 29 * value(picture, at + 2))
                >> 8;
      }
    }
    if (first) {
      first = false;
      return false;
    }
    return placesDiffer() > PLACES && histogramsDiffer() > HISTOGRAM;
  }

  private double placesDiffer() {
    long sum = 0;
    for (int i = 0; i < grey.length; i++) {
      sum += Math.abs(grey[i] - before[i]);
    }
    return (double) sum / grey.length;
  }

  private double histogramsDiffer() {
    for (int bin = 0; bin < BINS; bin++) {
      bins[bin] = 0;
    }
    for (int i = 0; i < grey.length; i++) {
      bins[grey[i] * BINS / 256]++;
      bins[before[i] * BINS / 256]--;
    }
    int moved = 0;
    for (int bin = 0; bin < BINS; bin++) {
      moved += Math.max(0, bins[bin]);
    }
    return (double) moved / grey.length;
  }

  private static int value(MemorySegment picture, long at) {
    return Byte.toUnsignedInt(picture.get(ValueLayout.JAVA_BYTE, at));
  }
}
