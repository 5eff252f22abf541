package mote.engine.live;

import java.util.Arrays;
import mote.engine.Backend;
import mote.engine.track.Estimates;

/**
 * Refines the live points' windows. A window ends at the newest frame and starts S - 1 frames
 * before it, or at the point's origin where that is later: then the newest frame stands for those
 * that have not come. It starts from the last estimates and, in the newest frame, half of the last
 * motion further on; frame 0 is locked while it is the query's own.
 *
 * <p>Points that begin on the same frame share one call. In a steady stream that is one call a
 * frame, and up to S - 1 small ones while points that were added lately have no full window.
 */
final class LiveWindows {
  /** Share of the last motion that the newest frame starts further on; all of it overshoots. */
  private static final float ONWARD = 0.5f;

  private final Backend backend;
  private final PointTable table;
  private final FrameRing ring;
  private final int iterations;
  private final float settle;
  private final int window;
  private final int[] slots;
  private final int[] rows;
  private final int[] templates;
  private final boolean[] locked;
  private final float[] xy;
  private final float[] visibility;
  private final float[] confidence;

  /** Of the points of a call; null where nothing is compared. */
  private final float[] similarity;

  /** By row, in the newest frame that it was followed into. */
  private final float[] like;

  /**
   * @param compares whether points are compared with their templates where they are followed to
   */
  LiveWindows(
      Backend backend,
      PointTable table,
      FrameRing ring,
      int iterations,
      float settle,
      boolean compares) {
    this.backend = backend;
    this.table = table;
    this.ring = ring;
    this.iterations = iterations;
    this.settle = settle;
    window = backend.architecture().window();
    int points = backend.plan().points();
    slots = new int[window];
    rows = new int[points];
    templates = new int[points];
    locked = new boolean[points];
    xy = new float[window * points * 2];
    visibility = new float[window * points];
    confidence = backend.architecture().hasConfidence() ? new float[window * points] : null;
    similarity = compares ? new float[points] : null;
    like = new float[points];
  }

  /**
   * Follows all points into a step that has just been encoded.
   *
   * @return iterations of the point that took the most
   */
  int follow(long step) {
    int most = 0;
    long first = Math.max(0, step - window + 1);
    for (long start = first; start < step; start++) {
      int count = 0;
      for (int row = 0; row < table.count(); row++) {
        if (table.state[row] != PointState.FROZEN && Math.max(table.origin[row], first) == start) {
          rows[count++] = row;
        }
      }
      if (count > 0) {
        most = Math.max(most, refine(start, step, count));
      }
    }
    return most;
  }

  /**
   * Follows one point into a step that is still in the ring, from estimates up to the one before.
   */
  void follow(int row, long step) {
    rows[0] = row;
    refine(Math.max(table.origin[row], step - window + 1), step, 1);
  }

  /**
   * Refines points once from given places in windows that show one step only; the table stays as it
   * is. Read the results before the next call.
   *
   * @param xy (count, 2) working pixels
   */
  void fresh(int[] points, int count, float[] xy, long step) {
    Arrays.fill(slots, ring.slot(step));
    for (int n = 0; n < count; n++) {
      templates[n] = table.template[points[n]];
      locked[n] = false;
      for (int s = 0; s < window; s++) {
        this.xy[2 * (s * count + n)] = xy[2 * n];
        this.xy[2 * (s * count + n) + 1] = xy[2 * n + 1];
      }
    }
    backend.refine(
        slots,
        count,
        templates,
        locked,
        1,
        0,
        this.xy,
        visibility,
        confidence,
        similarity == null ? -1 : 0,
        similarity);
  }

  /** Of a row's template and its estimate in the step that it was last followed into. */
  float similarity(int row) {
    return like[row];
  }

  float freshSimilarity(int n) {
    return similarity[n];
  }

  float freshX(int n) {
    return xy[2 * n];
  }

  float freshY(int n) {
    return xy[2 * n + 1];
  }

  float freshVisibility(int n) {
    return Estimates.probability(visibility[n]);
  }

  /** NaN where the model has none. */
  float freshConfidence(int n) {
    return confidence == null ? Float.NaN : Estimates.probability(confidence[n]);
  }

  /**
   * The points of the first {@code count} of {@link #rows}, from step {@code start} to {@code end}.
   */
  private int refine(long start, long end, int count) {
    for (int s = 0; s < window; s++) {
      slots[s] = ring.slot(Math.min(start + s, end));
    }
    for (int n = 0; n < count; n++) {
      int row = rows[n];
      templates[n] = table.template[row];
      locked[n] = table.anchored[row] && table.origin[row] == start;
      for (int s = 0; s < window; s++) {
        long known = Math.min(start + s, end - 1);
        boolean moving = start + s >= end && known > start;
        int from = 2 * table.at(row, known);
        int before = 2 * table.at(row, moving ? known - 1 : known);
        int to = 2 * (s * count + n);
        xy[to] = onward(table.trail[from], table.trail[before]);
        xy[to + 1] = onward(table.trail[from + 1], table.trail[before + 1]);
      }
    }
    int most =
        backend.refine(
            slots,
            count,
            templates,
            locked,
            iterations,
            settle,
            xy,
            visibility,
            confidence,
            similarity == null ? -1 : (int) (end - start),
            similarity);
    for (int n = 0; n < count; n++) {
      if (similarity != null) {
        like[rows[n]] = similarity[n];
      }
      keep(rows[n], n, count, start, end);
    }
    return most;
  }

  private static float onward(float last, float before) {
    return last + ONWARD * (last - before);
  }

  private void keep(int row, int n, int count, long start, long end) {
    for (int s = 0; s <= end - start; s++) {
      int from = s * count + n;
      float visible = Estimates.probability(visibility[from]);
      float x = xy[2 * from];
      float y = xy[2 * from + 1];
      Estimates.requireNumbers(table.id(row), ring.frame(start + s), x, y, visible);
      int to = table.at(row, start + s);
      if (start + s == end) {
        table.said.estimate(row, end, x, y, visible);
      } else {
        table.trail[2 * to] = x;
        table.trail[2 * to + 1] = y;
      }
      // What was judged not to be seen stays unseen: only positions are revised.
      if (start + s == end || table.visibility[to] > PointTable.VISIBLE) {
        table.visibility[to] = visible;
      }
      table.confidence[to] =
          confidence == null ? Float.NaN : Estimates.probability(confidence[from]);
    }
  }
}
