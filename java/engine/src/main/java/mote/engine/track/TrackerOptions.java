package mote.engine.track;

import mote.engine.Architecture;
import mote.engine.MoteException;
import mote.engine.Plan;
import mote.engine.Precision;

/**
 * How to track; zero or null means the model's or the engine's own choice.
 *
 * @param iterations refinements per window, 1 to 64; 0: the model's default
 * @param hop frames between window starts, 1 to S - 1; 0: the model's default; {@code pips} chains
 *     by visibility and takes none
 * @param height rows of the working picture; 0 with {@code width} 0: {@link #workingSize}
 * @param width columns of the working picture
 * @param stride pixels per feature pixel; 0: the model's default; {@code pips} runs at 4 and 8
 * @param precision of matrix products; null: the backend's measured default
 * @param backward also track from each query to the past
 * @param carry whether neighbours carry points of visibility 0.65 and less ({@link Carrier});
 *     {@code pips} is tracked as published, without
 */
public record TrackerOptions(
    int iterations,
    int hop,
    int height,
    int width,
    int stride,
    Precision precision,
    boolean backward,
    boolean carry) {

  /** Long side of the default working picture, at most. */
  public static final int LONG_SIDE = 640;

  /** Sides of the default working picture are multiples of this: every stride divides them. */
  public static final int MULTIPLE = 16;

  public static final TrackerOptions DEFAULT = new TrackerOptions(0, 0, 0, 0, 0, null, false, true);

  public TrackerOptions {
    if (iterations < 0 || iterations > 64) {
      throw new MoteException(
          "iterations are out of range: iterations=" + iterations + "; give 1 to 64");
    }
    if (hop < 0 || hop > 7) {
      throw new MoteException("hop is out of range: hop=" + hop + "; give 1 to 7");
    }
    if ((height == 0) != (width == 0)) {
      throw new MoteException(
          "working size is half given: width=" + width + ", height=" + height + "; give both");
    }
  }

  public TrackerOptions withIterations(int value) {
    return new TrackerOptions(value, hop, height, width, stride, precision, backward, carry);
  }

  public TrackerOptions withHop(int value) {
    return new TrackerOptions(iterations, value, height, width, stride, precision, backward, carry);
  }

  public TrackerOptions withSize(int newHeight, int newWidth) {
    return new TrackerOptions(
        iterations, hop, newHeight, newWidth, stride, precision, backward, carry);
  }

  public TrackerOptions withStride(int value) {
    return new TrackerOptions(iterations, hop, height, width, value, precision, backward, carry);
  }

  public TrackerOptions withPrecision(Precision value) {
    return new TrackerOptions(iterations, hop, height, width, stride, value, backward, carry);
  }

  public TrackerOptions withBackward(boolean value) {
    return new TrackerOptions(iterations, hop, height, width, stride, precision, value, carry);
  }

  public TrackerOptions withCarry(boolean value) {
    return new TrackerOptions(iterations, hop, height, width, stride, precision, backward, value);
  }

  /** Whether neighbours carry hidden points of this model. */
  public boolean carries(Architecture architecture) {
    return carry && architecture.family() == Architecture.Family.MOTE;
  }

  /** The plan for frames of that size: a ring of one window, everything else as chosen here. */
  public Plan plan(Architecture architecture, int sourceHeight, int sourceWidth, int points) {
    int[] size = {height, width};
    if (height == 0) {
      size = workingSize(sourceHeight, sourceWidth);
    }
    int pixels = stride == 0 ? architecture.stride() : stride;
    if (architecture.family() == Architecture.Family.MOTE && pixels != architecture.stride()) {
      throw new MoteException(
          "stride does not fit the model: stride=%d, model=%s; use %d"
              .formatted(pixels, architecture.name(), architecture.stride()));
    }
    if (architecture.family() == Architecture.Family.PIPS && hop != 0) {
      throw new MoteException(
          "hop does not fit the model: hop=%d, model=%s; leave it out, visibility decides"
              .formatted(hop, architecture.name()));
    }
    return new Plan(
        sourceHeight, sourceWidth, size[0], size[1], pixels, architecture.window(), points);
  }

  /**
   * The default working size, (height, width): the source's own, reduced until the long side is at
   * most {@link #LONG_SIDE}, each side rounded to the nearest multiple of {@link #MULTIPLE} (32 at
   * least).
   */
  public static int[] workingSize(int sourceHeight, int sourceWidth) {
    double scale = Math.min(1, (double) LONG_SIDE / Math.max(sourceHeight, sourceWidth));
    return new int[] {rounded(sourceHeight * scale), rounded(sourceWidth * scale)};
  }

  private static int rounded(double side) {
    return Math.max(Plan.SMALLEST, MULTIPLE * (int) Math.round(side / MULTIPLE));
  }
}
