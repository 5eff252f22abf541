package mote.media;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import mote.engine.MoteException;

/**
 * Draws tracked points on RGB frames in place: a dot in the point's own colour with a thin dark
 * edge, a hollow ring where the point is hidden, and behind it a trail of its last positions that
 * thins and fades. Sizes grow with the picture.
 *
 * <p>The overlay remembers the trail itself: call {@link #draw} once a frame, in order. It serves
 * live and offline use alike and allocates nothing per frame once trails have been seen. One thread
 * at a time.
 */
public final class Overlay {
  /** Frames of trail unless the caller wishes otherwise. */
  public static final int DEFAULT_TRAIL = 12;

  /** A point whose visibility is below this is drawn as hidden. */
  public static final float HIDDEN_BELOW = 0.5f;

  private static final int DARK = 0x101010;
  private static final int TRUTH = 0xffffff;
  private static final float TRAIL_ALPHA = 0.95f;
  private static final float HIDDEN_TRAIL_ALPHA = 0.45f;

  /** Dot radius over the side of a square as large as the picture; 3.5 pixels at 854x480. */
  private static final float DOT_SIZE = 0.0055f;

  /** Steps of a trail in pixels (sum of both directions) that are worth a stroke. */
  private static final float SHORTEST_STEP = 1.5f;

  private static final float SMALLEST_DOT = 2.2f;

  private final int height;
  private final int width;
  private final int capacity;
  private final int trail;
  private final float dot;
  private final float line;
  private final Canvas canvas;
  private final int[] colours;

  /** Positions of the last {@code trail + 1} frames, newest at {@code frames % (trail + 1)}. */
  private final float[][] xs;

  private final float[][] ys;
  private final boolean[][] hidden;
  private long frames;

  /**
   * @param height rows of every frame
   * @param width columns of every frame
   * @param capacity points at most
   * @param trail frames of trail behind a point, 0 for none
   */
  public Overlay(int height, int width, int capacity, int trail) {
    if (height < 1 || width < 1 || capacity < 0 || trail < 0) {
      throw new MoteException(
          "an overlay's sizes are impossible: height=%d, width=%d, capacity=%d, trail=%d; give a size of at least 1x1 and no negative number"
              .formatted(height, width, capacity, trail));
    }
    this.height = height;
    this.width = width;
    this.capacity = capacity;
    this.trail = trail;
    dot = Math.max(SMALLEST_DOT, DOT_SIZE * (float) Math.sqrt((double) height * width));
    line = Math.max(0.9f, 0.4f * dot);
    canvas = new Canvas(height, width);
    colours = new int[capacity];
    Arrays.setAll(colours, PointColours::of);
    xs = new float[trail + 1][capacity];
    ys = new float[trail + 1][capacity];
    hidden = new boolean[trail + 1][capacity];
    reset();
  }

  /** Forgets all trails: before another video, or after a jump in time. */
  public void reset() {
    frames = 0;
    for (float[] x : xs) {
      Arrays.fill(x, Float.NaN);
    }
  }

  /**
   * Draws a frame's points and remembers them for the trails of the next frames.
   *
   * @param picture height * width RGB triples
   * @param points how many entries of the arrays are meant, at most the capacity
   * @param x pixels, pixel centres at integers; NaN where a point does not exist on this frame
   * @param y pixels
   * @param visibility probability from 0 to 1
   */
  public void draw(MemorySegment picture, int points, float[] x, float[] y, float[] visibility) {
    requireSizes(picture, points, x.length, y.length, visibility.length);
    int now = (int) (frames++ % (trail + 1));
    Arrays.fill(xs[now], Float.NaN);
    System.arraycopy(x, 0, xs[now], 0, points);
    System.arraycopy(y, 0, ys[now], 0, points);
    for (int i = 0; i < points; i++) {
      hidden[now][i] = !(visibility[i] >= HIDDEN_BELOW);
    }
    for (int i = 0; i < points; i++) {
      drawTrail(picture, i, now);
    }
    for (int i = 0; i < points; i++) {
      drawPoint(picture, i, now);
    }
  }

  /**
   * Draws true positions as white crosses with a dark edge.
   *
   * @param x pixels; NaN where there is no truth
   */
  public void drawTruth(MemorySegment picture, int points, float[] x, float[] y) {
    requireSizes(picture, points, x.length, y.length, points);
    for (int pass = 0; pass < 2; pass++) {
      float radius = pass == 0 ? 0.25f * dot + 0.6f : 0.25f * dot - 0.1f;
      for (int i = 0; i < points; i++) {
        for (int arm = 0; arm < 4; arm++) {
          float dx = arm % 2 == 0 ? dot : -dot;
          float dy = arm < 2 ? dot : -dot;
          canvas.stroke(x[i], y[i], x[i] + dx, y[i] + dy, radius, 1);
        }
      }
      canvas.paint(picture, pass == 0 ? DARK : TRUTH);
    }
  }

  private void drawTrail(MemorySegment picture, int point, int now) {
    float x = xs[now][point];
    float y = ys[now][point];
    int length = (int) Math.min(trail, frames - 1);
    float x0 = Float.NaN;
    float y0 = Float.NaN;
    for (int age = length; age >= 0; age--) {
      int at = Math.floorMod(now - age, trail + 1);
      float x1 = xs[at][point];
      float y1 = ys[at][point];
      if (Float.isNaN(x0) || Float.isNaN(x1)) {
        x0 = x1;
        y0 = y1;
        continue;
      }
      // Steps that are too small to be seen are joined with the next, and what lies under the dot
      // is left out: most points of most videos hardly move.
      boolean tiny = age > 0 && distance(x0, y0, x1, y1) < SHORTEST_STEP;
      if (tiny || distance(x0, y0, x, y) < dot && distance(x1, y1, x, y) < dot) {
        continue;
      }
      float youth = 1 - (age + 0.5f) / (trail + 0.5f);
      float alpha = youth * (hidden[at][point] ? HIDDEN_TRAIL_ALPHA : TRAIL_ALPHA);
      canvas.stroke(x0, y0, x1, y1, line * (0.45f + 0.55f * youth), alpha);
      x0 = x1;
      y0 = y1;
    }
    canvas.paint(picture, colours[point]);
  }

  private static float distance(float x0, float y0, float x1, float y1) {
    return Math.abs(x1 - x0) + Math.abs(y1 - y0);
  }

  private void drawPoint(MemorySegment picture, int point, int now) {
    float x = xs[now][point];
    float y = ys[now][point];
    int colour = colours[point];
    float edge = Math.max(0.8f, 0.22f * dot);
    if (hidden[now][point]) {
      float outer = 1.35f * dot;
      float inner = outer - Math.max(1.1f, 0.5f * dot);
      canvas.ring(picture, x, y, inner - 0.4f * edge, outer + 0.8f * edge, 0.65f, DARK);
      canvas.ring(picture, x, y, inner, outer, 1, colour);
    } else {
      canvas.ring(picture, x, y, dot - 0.5f, dot + edge, 0.75f, DARK);
      canvas.ring(picture, x, y, -1, dot, 1, colour);
    }
  }

  private void requireSizes(MemorySegment picture, int points, int... lengths) {
    if (picture.byteSize() != 3L * height * width) {
      throw new MoteException(
          "a picture has another size than the overlay: bytes=%d, height=%d, width=%d; give height * width RGB triples"
              .formatted(picture.byteSize(), height, width));
    }
    int shortest = Arrays.stream(lengths).min().orElse(0);
    if (points < 0 || points > capacity || points > shortest) {
      throw new MoteException(
          "an overlay got another number of points than it can draw: points=%d, capacity=%d, shortest_array=%d; open it with the capacity that is needed"
              .formatted(points, capacity, shortest));
    }
  }
}
