package mote.engine.track;

import java.util.Arrays;
import java.util.List;
import mote.engine.Backend;
import mote.engine.Frames;

/**
 * One pass over the frames of a video in one direction. Each frame is encoded once into a ring of S
 * feature maps; a window is served as soon as its last frame is there, so the earliest is served
 * first, and all points whose windows start on the same frame are refined together.
 *
 * <p>Memory does not depend on the length of the video, results apart.
 */
final class Pass {
  private static final long NOT_JOINED = -1;

  private final Backend backend;
  private final Tracks tracks;
  private final Chaining chaining;
  private final int iterations;
  private final int direction;
  private final int window;
  private final int points;

  /** Step at which each point's next window starts. */
  private final long[] next;

  /** Last step for which each point has an estimate. */
  private final long[] known;

  /** Whether each point was in a window already. */
  private final boolean[] refined;

  /** Working pixels of the last S estimates, (points, S, 2), by step modulo S. */
  private final float[] estimates;

  private final int[] slots;
  private final int[] templates;
  private final boolean[] locked;
  private final float[] xy;
  private final float[] visibility;
  private final float[] confidence;
  private final float[] chances;
  private long steps;
  private long originFrame;

  /**
   * @param direction 1 to the future, -1 to the past: frames come in that order
   */
  Pass(Backend backend, Tracks tracks, Chaining chaining, int iterations, int direction) {
    this.backend = backend;
    this.tracks = tracks;
    this.chaining = chaining;
    this.iterations = iterations;
    this.direction = direction;
    window = backend.architecture().window();
    points = tracks.points();
    next = new long[points];
    known = new long[points];
    Arrays.fill(next, NOT_JOINED);
    Arrays.fill(known, NOT_JOINED);
    refined = new boolean[points];
    estimates = new float[points * window * 2];
    slots = new int[window];
    templates = new int[points];
    locked = new boolean[points];
    xy = new float[window * points * 2];
    visibility = new float[window * points];
    confidence = backend.architecture().hasConfidence() ? new float[window * points] : null;
    chances = new float[window];
  }

  /** Takes one frame more: encodes it, lets the points of this frame join, serves its window. */
  void frame(Frames batch, int i) {
    if (steps == 0) {
      originFrame = batch.frame(i);
    }
    int slot = (int) (steps % window);
    backend.encode(slot, batch.picture(i), 3L * batch.width());
    join(batch.frame(i), slot);
    steps++;
    long start = steps - window;
    if (start >= 0) {
      serve(start, Long.MAX_VALUE);
    }
  }

  /** The video is over: serves the windows that reach past its end, earliest first. */
  void finish() {
    long last = steps - 1;
    for (int p = 0; p < points; p++) {
      boolean complete = refined[p] ? chaining.warmStart() : direction < 0; // no past at all
      if (complete && known[p] >= last) {
        next[p] = Chaining.DONE;
      }
    }
    for (long start = Math.max(0, steps - window); start <= last; start++) {
      serve(start, last);
    }
  }

  /** Index of the first query whose frame did not come, or -1. */
  int firstMissing() {
    for (int p = 0; p < points; p++) {
      if (next[p] == NOT_JOINED) {
        return p;
      }
    }
    return -1;
  }

  private void join(long frame, int slot) {
    List<Query> queries = tracks.queries();
    int count = 0;
    for (int p = 0; p < points; p++) {
      Query query = queries.get(p);
      if (query.frame() == frame) {
        float x = backend.plan().workingX(query.x());
        float y = backend.plan().workingY(query.y());
        templates[count] = p;
        xy[2 * count] = x;
        xy[2 * count + 1] = y;
        count++;
        next[p] = steps;
        known[p] = steps;
        int at = estimate(p, steps);
        estimates[at] = x;
        estimates[at + 1] = y;
      }
    }
    if (count > 0) {
      backend.sample(slot, count, templates, xy);
    }
  }

  private void serve(long start, long last) {
    int count = 0;
    for (int p = 0; p < points; p++) {
      if (next[p] == start) {
        templates[count] = p;
        locked[count] = frameOf(start) == tracks.queries().get(p).frame();
        count++;
      }
    }
    if (count == 0) {
      return;
    }
    for (int s = 0; s < window; s++) {
      slots[s] = (int) (Math.min(start + s, last) % window);
    }
    for (int n = 0; n < count; n++) {
      firstEstimate(templates[n], start, n, count);
    }
    backend.refine(slots, count, templates, locked, iterations, 0, xy, visibility, confidence);
    for (int n = 0; n < count; n++) {
      keep(templates[n], start, last, n, count);
    }
  }

  /** Earlier estimates where there are any and the chaining wants them, then at rest. */
  private void firstEstimate(int point, long start, int n, int count) {
    long end = chaining.warmStart() ? known[point] : start;
    for (int s = 0; s < window; s++) {
      int from = estimate(point, Math.min(start + s, end));
      int to = (s * count + n) * 2;
      xy[to] = estimates[from];
      xy[to + 1] = estimates[from + 1];
    }
  }

  private void keep(int point, long start, long last, int n, int count) {
    Query query = tracks.queries().get(point);
    for (int s = 0; s < window; s++) {
      int row = s * count + n;
      float x = xy[2 * row];
      float y = xy[2 * row + 1];
      chances[s] = Estimates.probability(visibility[row]);
      float sure = confidence == null ? Float.NaN : Estimates.probability(confidence[row]);
      long step = start + s;
      Estimates.requireNumbers(point, frameOf(Math.min(step, last)), x, y, chances[s]);
      if (step > last) {
        continue;
      }
      int at = estimate(point, step);
      estimates[at] = x;
      estimates[at + 1] = y;
      long frame = frameOf(step);
      if (direction > 0) {
        put(frame, point, x, y, chances[s], sure, frame == query.frame());
      } else if (frame < query.frame()) {
        put(frame, point, x, y, chances[s], sure, false);
      }
    }
    tracks.windowServed(point, frameOf(start));
    refined[point] = true;
    known[point] = Math.min(start + window - 1, last);
    next[point] = chaining.next(start, last, chances);
  }

  private void put(
      long frame, int point, float x, float y, float visible, float sure, boolean query) {
    if (query) {
      // The query is the user's own word: not even rounding touches it.
      Query asked = tracks.queries().get(point);
      tracks.set(frame, point, asked.x(), asked.y(), visible, sure);
    } else {
      tracks.set(frame, point, backend.plan().sourceX(x), backend.plan().sourceY(y), visible, sure);
    }
  }

  private int estimate(int point, long step) {
    return (point * window + (int) (step % window)) * 2;
  }

  private long frameOf(long step) {
    return originFrame + direction * step;
  }
}
