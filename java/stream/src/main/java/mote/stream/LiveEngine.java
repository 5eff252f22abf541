package mote.stream;

import java.lang.foreign.MemorySegment;
import mote.engine.BackendProvider;
import mote.engine.Weights;
import mote.engine.live.LiveOptions;
import mote.engine.live.LivePoints;
import mote.engine.live.LiveTracker;

/** The engine of real connections: a {@link LiveTracker}. */
public final class LiveEngine implements PointEngine {
  private final LiveTracker tracker;
  private final LivePoints points;

  private LiveEngine(LiveTracker tracker) {
    this.tracker = tracker;
    points = tracker.points();
  }

  /**
   * Opens trackers of one model.
   *
   * @param weights stay owned by the caller; open until the last engine is closed
   */
  public static PointEngine.Opener opener(
      Weights weights, BackendProvider provider, LiveOptions options) {
    return (height, width) ->
        new LiveEngine(LiveTracker.open(weights, provider, options, height, width));
  }

  @Override
  public void pin(MemorySegment memory) {
    tracker.pin(memory);
  }

  @Override
  public void resize(int height, int width) {
    tracker.resize(height, width);
  }

  @Override
  public void push(long frame, MemorySegment picture, long rowStrideBytes) {
    tracker.push(frame, picture, rowStrideBytes);
  }

  @Override
  public long add(long frame, float x, float y) {
    return tracker.add(frame, x, y);
  }

  @Override
  public void remove(long point) {
    tracker.remove(point);
  }

  @Override
  public void move(long point, long frame, float x, float y) {
    tracker.move(point, frame, x, y);
  }

  @Override
  public void freeze(long point) {
    tracker.freeze(point);
  }

  @Override
  public void thaw(long point) {
    tracker.thaw(point);
  }

  @Override
  public void cut() {
    tracker.cut();
  }

  @Override
  public int count() {
    return points.count();
  }

  @Override
  public long point(int row) {
    return points.point(row);
  }

  @Override
  public float x(int row) {
    return points.x(row);
  }

  @Override
  public float y(int row) {
    return points.y(row);
  }

  @Override
  public float visibility(int row) {
    return points.visibility(row);
  }

  @Override
  public float confidence(int row) {
    return points.confidence(row);
  }

  @Override
  public void close() {
    tracker.close();
  }
}
