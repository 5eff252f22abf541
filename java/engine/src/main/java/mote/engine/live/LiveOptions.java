package mote.engine.live;

import mote.engine.Architecture;
import mote.engine.MoteException;
import mote.engine.Plan;
import mote.engine.Precision;
import mote.engine.track.TrackerOptions;

/**
 * How to track live; zero or null means the model's or the engine's own choice.
 *
 * @param capacity points that may be live at once, 1 to {@link Plan#MOST_POINTS}
 * @param iterations refinements per frame, at most, 1 to 64; 0: {@link #ITERATIONS} for {@code
 *     mote}, the model's default for {@code pips}
 * @param settle working pixels; a point that an iteration moves by less takes no further one; 0:
 *     all take all
 * @param history frames behind the window that points may still be added in, 0 to 1024: each costs
 *     a feature map
 * @param searches lost points that are looked for in the whole picture of a frame, at most (in
 *     turns where there are more); 0: none; -1: {@link #SEARCHES} where the weights have {@code
 *     mote.sight}, which judges what is found, else none
 * @param cuts whether scene cuts are detected in the pictures; {@link LiveTracker#cut} works
 *     without
 * @param carry whether neighbours carry points of visibility 0.65 and less ({@link
 *     mote.engine.track.Carrier}); {@code pips} goes without
 * @param height rows of the working picture; 0 with {@code width} 0: {@link
 *     TrackerOptions#workingSize}
 * @param width columns of the working picture
 * @param precision of matrix products; null: the backend's measured default
 */
public record LiveOptions(
    int capacity,
    int iterations,
    float settle,
    int history,
    int searches,
    boolean cuts,
    boolean carry,
    int height,
    int width,
    Precision precision) {

  /** What more iterations gain: {@code mote eval scenes}. */
  public static final int ITERATIONS = 1;

  /** After a cut, 256 lost points have each been looked for within four frames. */
  public static final int SEARCHES = 64;

  public static final LiveOptions DEFAULT =
      new LiveOptions(256, 0, 0, 8, -1, false, true, 0, 0, null);

  public LiveOptions {
    if (capacity < 1 || capacity > Plan.MOST_POINTS) {
      throw new MoteException(
          "capacity is out of range: points=" + capacity + "; give 1 to " + Plan.MOST_POINTS);
    }
    if (iterations < 0 || iterations > 64) {
      throw new MoteException(
          "iterations are out of range: iterations=" + iterations + "; give 1 to 64");
    }
    if (!(settle >= 0 && settle <= 64)) {
      throw new MoteException(
          "threshold is out of range: settle=" + settle + "; give working pixels, 0 to 64");
    }
    if (history < 0 || history > 1024) {
      throw new MoteException(
          "history is out of range: history=" + history + "; give 0 to 1024 frames");
    }
    if (searches < -1 || searches > Plan.MOST_POINTS) {
      throw new MoteException(
          "searches are out of range: searches=" + searches + "; give 0 to " + Plan.MOST_POINTS);
    }
    if ((height == 0) != (width == 0)) {
      throw new MoteException(
          "working size is half given: width=" + width + ", height=" + height + "; give both");
    }
  }

  public LiveOptions withCapacity(int value) {
    return new LiveOptions(
        value, iterations, settle, history, searches, cuts, carry, height, width, precision);
  }

  public LiveOptions withIterations(int value) {
    return new LiveOptions(
        capacity, value, settle, history, searches, cuts, carry, height, width, precision);
  }

  public LiveOptions withSettle(float value) {
    return new LiveOptions(
        capacity, iterations, value, history, searches, cuts, carry, height, width, precision);
  }

  public LiveOptions withHistory(int value) {
    return new LiveOptions(
        capacity, iterations, settle, value, searches, cuts, carry, height, width, precision);
  }

  public LiveOptions withSearches(int value) {
    return new LiveOptions(
        capacity, iterations, settle, history, value, cuts, carry, height, width, precision);
  }

  public LiveOptions withCuts(boolean value) {
    return new LiveOptions(
        capacity, iterations, settle, history, searches, value, carry, height, width, precision);
  }

  public LiveOptions withCarry(boolean value) {
    return new LiveOptions(
        capacity, iterations, settle, history, searches, cuts, value, height, width, precision);
  }

  public LiveOptions withSize(int newHeight, int newWidth) {
    return new LiveOptions(
        capacity,
        iterations,
        settle,
        history,
        searches,
        cuts,
        carry,
        newHeight,
        newWidth,
        precision);
  }

  public LiveOptions withPrecision(Precision value) {
    return new LiveOptions(
        capacity, iterations, settle, history, searches, cuts, carry, height, width, value);
  }

  /** Whether neighbours carry hidden points of this model. */
  public boolean carries(Architecture architecture) {
    return carry && architecture.family() == Architecture.Family.MOTE;
  }

  /** Iterations that a frame takes at most with this model. */
  public int iterations(Architecture architecture) {
    if (iterations > 0) {
      return iterations;
    }
    return architecture.family() == Architecture.Family.MOTE
        ? ITERATIONS
        : architecture.iterations();
  }

  /**
   * Lost points that are looked for in a frame, at most.
   *
   * @param sighted whether the weights have what judges them
   */
  public int searches(boolean sighted) {
    if (searches >= 0) {
      return searches;
    }
    return sighted ? SEARCHES : 0;
  }

  /** The plan for frames of that size. */
  public Plan plan(Architecture architecture, int sourceHeight, int sourceWidth) {
    int[] size =
        height == 0
            ? TrackerOptions.workingSize(sourceHeight, sourceWidth)
            : new int[] {height, width};
    return new Plan(
        sourceHeight,
        sourceWidth,
        size[0],
        size[1],
        architecture.stride(),
        architecture.window() + history,
        capacity);
  }
}
