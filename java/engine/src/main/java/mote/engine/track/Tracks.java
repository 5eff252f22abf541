package mote.engine.track;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import mote.engine.Plan;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The result of tracking: for each frame and point a position in pixels of the frames as they came,
 * a visibility and, where the model has one, a confidence, both probabilities. Read it here by
 * frame and point, or as Arrow record batches through {@link #read}.
 */
public final class Tracks implements TrackRows {
  private static final int X = 0;
  private static final int Y = 1;
  private static final int VISIBILITY = 2;
  private static final int CONFIDENCE = 3;
  private static final int VALUES = 4;

  private final List<Query> queries;
  private final Plan plan;
  private final String model;
  private final List<float[]> rows = new ArrayList<>();
  private final List<List<Long>> windowStarts = new ArrayList<>();
  private long[] timestamps = new long[64];
  private long firstFrame;

  /**
   * Empty tracks, to be filled frame by frame.
   *
   * @param plan the sizes it is tracked at
   * @param model its name, as its weight file says
   */
  public Tracks(List<Query> queries, Plan plan, String model) {
    this.queries = List.copyOf(queries);
    this.plan = plan;
    this.model = model;
    for (int i = 0; i < queries.size(); i++) {
      windowStarts.add(new ArrayList<>());
    }
  }

  /** The points as they were asked for; a point's index here is its {@code point} everywhere. */
  @Override
  public List<Query> queries() {
    return queries;
  }

  public int points() {
    return queries.size();
  }

  /** The sizes it was tracked at. */
  public Plan plan() {
    return plan;
  }

  @Override
  public int width() {
    return plan.sourceWidth();
  }

  @Override
  public int height() {
    return plan.sourceHeight();
  }

  /** Name of the model, as its weight file says. */
  @Override
  public String model() {
    return model;
  }

  /** Index in the video of the first frame that was tracked. */
  @Override
  public long firstFrame() {
    return firstFrame;
  }

  /** Frames that were read; their indices are {@code firstFrame()} and on. */
  @Override
  public long frames() {
    return rows.size();
  }

  /** The frame's time in its video. */
  @Override
  public long timestampNanos(long frame) {
    return timestamps[row(frame)];
  }

  /** Whether there is a position: not before the query (unless tracked to the past). */
  @Override
  public boolean has(long frame, int point) {
    return !Float.isNaN(value(frame, point, X));
  }

  /** Pixels of the frame as it came, pixel centres at integers; NaN where there is none. */
  @Override
  public float x(long frame, int point) {
    return value(frame, point, X);
  }

  /** As {@link #x}. */
  @Override
  public float y(long frame, int point) {
    return value(frame, point, Y);
  }

  /** Probability that the point is seen; NaN where there is no position. */
  @Override
  public float visibility(long frame, int point) {
    return value(frame, point, VISIBILITY);
  }

  /**
   * Probability of an error under {@code mote.arch}'s confidence_px working pixels; NaN where there
   * is no position or the model has none.
   */
  @Override
  public float confidence(long frame, int point) {
    return value(frame, point, CONFIDENCE);
  }

  /** First frames of the windows that refined this point, in the order they were served. */
  public List<Long> windowStarts(int point) {
    return List.copyOf(windowStarts.get(point));
  }

  /**
   * The tracks as Arrow record batches in frame order: {@code frame int64, timestamp_ns int64,
   * point int64, x float32, y float32, visibility float32, confidence float32 (nullable)}.
   *
   * @param rowsPerBatch at least 1
   */
  public TracksReader read(BufferAllocator allocator, int rowsPerBatch) {
    return new TracksReader(this, allocator, rowsPerBatch);
  }

  /**
   * Adds a frame without positions.
   *
   * @param frame the one after the last
   */
  public void addFrame(long frame, long timestampNanos) {
    if (rows.isEmpty()) {
      firstFrame = frame;
    }
    if (frame != firstFrame + rows.size()) {
      throw new IllegalArgumentException(
          "frames are not consecutive: frame="
              + frame
              + ", expected="
              + (firstFrame + rows.size())
              + "; give every frame of the video in order");
    }
    if (rows.size() == timestamps.length) {
      timestamps = Arrays.copyOf(timestamps, 2 * timestamps.length);
    }
    timestamps[rows.size()] = timestampNanos;
    float[] values = new float[points() * VALUES];
    Arrays.fill(values, Float.NaN);
    rows.add(values);
  }

  /** Sets a position, in pixels of the frame as it came, with its probabilities. */
  public void set(long frame, int point, float x, float y, float visibility, float confidence) {
    float[] values = rows.get(row(frame));
    int at = point * VALUES;
    values[at + X] = x;
    values[at + Y] = y;
    values[at + VISIBILITY] = visibility;
    values[at + CONFIDENCE] = confidence;
  }

  void windowServed(int point, long start) {
    windowStarts.get(point).add(start);
  }

  private float value(long frame, int point, int what) {
    Objects.checkIndex(point, points());
    return rows.get(row(frame))[point * VALUES + what];
  }

  private int row(long frame) {
    return (int) Objects.checkIndex(frame - firstFrame, (long) rows.size());
  }
}
