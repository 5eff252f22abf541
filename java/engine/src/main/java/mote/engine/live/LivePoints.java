package mote.engine.live;

/**
 * The live points in the newest frame, a row each in order of identity. One object for the life of
 * its tracker; what it says changes with every call of the tracker. Positions are pixels of the
 * frames as they come.
 *
 * <p>A row's earlier frames may be read as well, while they are in the window: a point's estimate
 * of the frame {@code age} frames ago is revised with every frame until {@code age} is 7, and final
 * then (smoothed tracks with a fixed lag); where it was hidden what was said stays. Rows and ages
 * out of range are an {@link IndexOutOfBoundsException}.
 */
public final class LivePoints {
  private final LiveTracker tracker;

  LivePoints(LiveTracker tracker) {
    this.tracker = tracker;
  }

  /** Rows. */
  public int count() {
    return tracker.table().count();
  }

  /** The number of the newest frame; -1 before the first. */
  public long frame() {
    return tracker.frame();
  }

  /** The number of the frame that came {@code age} frames before the newest. */
  public long frame(int age) {
    FrameRing ring = tracker.ring();
    return ring.frame(ring.newest() - java.util.Objects.checkIndex(age, ages()));
  }

  /** Frames of the window that have come: ages 0 to this - 1 can be asked for by {@link #frame}. */
  public int ages() {
    return (int) Math.min(tracker.backend().architecture().window(), tracker.ring().newest() + 1);
  }

  /**
   * Ages 0 to this - 1 of a row have estimates: the point was live, and not frozen, from there. At
   * least 1: after a change of size, before the first frame, that is where the point is held.
   */
  public int ages(int row) {
    check(row);
    long since = tracker.ring().newest() - tracker.table().origin[row] + 1;
    return Math.clamp(since, 1, Math.max(1, ages()));
  }

  /** The point's identity. */
  public long point(int row) {
    check(row);
    return tracker.table().id(row);
  }

  public PointState state(int row) {
    check(row);
    return tracker.table().state[row];
  }

  /** Frames since the point was last seen; 0: it is visible in the newest. */
  public int hidden(int row) {
    check(row);
    return tracker.table().hidden[row];
  }

  public float x(int row) {
    return x(row, 0);
  }

  public float y(int row) {
    return y(row, 0);
  }

  /** Probability that the point is visible. */
  public float visibility(int row) {
    return visibility(row, 0);
  }

  /** Probability of an error under 12 working pixels; NaN where the model has none. */
  public float confidence(int row) {
    return confidence(row, 0);
  }

  public float x(int row, int age) {
    return tracker.backend().plan().sourceX(tracker.table().said.placeX(row, step(row, age)));
  }

  public float y(int row, int age) {
    return tracker.backend().plan().sourceY(tracker.table().said.placeY(row, step(row, age)));
  }

  public float visibility(int row, int age) {
    return tracker.table().visibility[at(row, age)];
  }

  public float confidence(int row, int age) {
    return tracker.table().confidence[at(row, age)];
  }

  private int at(int row, int age) {
    return tracker.table().at(row, step(row, age));
  }

  private long step(int row, int age) {
    java.util.Objects.checkIndex(age, ages(row));
    return tracker.ring().newest() - age;
  }

  private void check(int row) {
    java.util.Objects.checkIndex(row, count());
  }
}
