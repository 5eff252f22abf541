package mote.engine.live;

import mote.engine.Backend;
import mote.engine.track.Estimates;

/**
 * Decides which points are seen in a frame that their windows have been refined for, and finds lost
 * ones again ({@code mote_train.lost}).
 *
 * <p>Without search a point is seen where the model says so. With it a point that was seen in the
 * frame before stays so while visibility times confidence and the similarity of the place to the
 * template suffice. One that was not seen is never believed by itself, since a window that follows
 * something else for a while is sure of it: its template is matched against the whole frame, and
 * where the best peak stands out from the next, a fresh window of this one frame is refined from
 * there. If that is sure, the point is found: its windows begin anew in this frame. Near its
 * estimate less is asked of the peak.
 *
 * <p>The thresholds were chosen on clips of their own, then moved on those of {@code
 * weights/heldout-lost} until one hidden frame in twenty was called visible: for other weights they
 * must be set again.
 */
final class LiveSight {
  /** Visibility times confidence at which a point stays seen. */
  private static final float KEEP_SURE = 0.8f;

  /** Similarity of its place to its template at which it stays seen. */
  private static final float KEEP_LIKE = 0.53f;

  /** Steepness of {@link #KEEP_LIKE} as a probability: 0.1 less is one in eight. */
  private static final float LIKE_SLOPE = 20;

  /** How far a peak must stand out, and how sure its window be, to be taken anywhere. */
  private static final float FAR_MARGIN = 0.13f;

  private static final float FAR_SURE = 0.7f;

  /** The same where it leads to within {@link #NEAR} working pixels of the estimate. */
  private static final float NEAR_MARGIN = 0.05f;

  private static final float NEAR_SURE = 0.8f;
  private static final float NEAR_LIKE = 0.5f;
  private static final float NEAR = 12;

  private final Backend backend;
  private final PointTable table;
  private final FrameRing ring;
  private final LiveWindows windows;
  private final int searches;
  private final int[] rows;
  private final int[] templates;
  private final float[] xy;
  private final float[] similarity;
  private int cursor;

  /**
   * @param searches lost points that are looked for in a frame, at most; 0: search is off
   */
  LiveSight(Backend backend, PointTable table, FrameRing ring, LiveWindows windows, int searches) {
    this.backend = backend;
    this.table = table;
    this.ring = ring;
    this.windows = windows;
    this.searches = searches;
    int points = backend.plan().points();
    rows = new int[points];
    templates = new int[points];
    xy = new float[2 * points];
    similarity = new float[2 * points];
  }

  /** Judges rows {@code from} to {@code to - 1} in a step that they were followed into. */
  void look(int from, int to, long step) {
    if (searches > 0) {
      believe(from, to, step);
      search(from, to, step);
    }
    for (int row = from; row < to; row++) {
      table.judge(row, step);
    }
  }

  /** The evidence for points that were seen in the frame before; none for the others. */
  private void believe(int from, int to, long step) {
    int count = 0;
    for (int row = from; row < to; row++) {
      int at = table.at(row, step);
      if (table.state[row] == PointState.FROZEN || table.origin[row] == step) {
        continue; // held: nothing was estimated
      }
      if (table.hidden[row] > 0) {
        table.visibility[at] = 0;
        continue;
      }
      float sure = product(table.visibility[at], table.confidence[at]);
      table.visibility[at] = evidence(sure, KEEP_SURE);
      if (table.visibility[at] > PointTable.VISIBLE) {
        rows[count] = row;
        templates[count] = table.template[row];
        xy[2 * count] = table.trail[2 * at];
        xy[2 * count + 1] = table.trail[2 * at + 1];
        count++;
      }
    }
    if (count > 0) {
      backend.similarity(ring.slot(step), count, templates, xy, similarity);
    }
    for (int n = 0; n < count; n++) {
      int at = table.at(rows[n], step);
      float like = Estimates.probability(LIKE_SLOPE * (similarity[n] - KEEP_LIKE));
      table.visibility[at] = Math.min(table.visibility[at], like);
    }
  }

  /** From place n of {@link #xy} to an estimate. */
  private float distance(int n, int at) {
    return (float)
        Math.hypot(xy[2 * n] - table.trail[2 * at], xy[2 * n + 1] - table.trail[2 * at + 1]);
  }

  /** Looks for points that were not seen in the frame before, in turns where they are many. */
  private void search(int from, int to, long step) {
    int count = 0;
    int range = to - from;
    int first = range == 0 ? 0 : cursor % range;
    for (int i = 0; i < range && count < searches; i++) {
      int row = from + (first + i) % range;
      if (table.state[row] == PointState.LOST) {
        rows[count] = row;
        templates[count] = table.template[row];
        count++;
        cursor = row - from + 1;
      }
    }
    if (count == 0) {
      return;
    }
    backend.match(ring.slot(step), count, templates, xy, similarity);
    int candidates = 0;
    for (int n = 0; n < count; n++) {
      float margin = similarity[2 * n] - similarity[2 * n + 1];
      if (margin > NEAR_MARGIN) {
        rows[candidates] = rows[n];
        xy[2 * candidates] = xy[2 * n];
        xy[2 * candidates + 1] = xy[2 * n + 1];
        similarity[2 * candidates] = similarity[2 * n];
        similarity[2 * candidates + 1] = margin;
        candidates++;
      }
    }
    if (candidates > 0) {
      windows.fresh(rows, candidates, xy, step);
      for (int n = 0; n < candidates; n++) {
        adopt(n, similarity[2 * n], similarity[2 * n + 1], step);
      }
    }
  }

  /** Takes point n of a fresh window where peak and window are good enough. */
  private void adopt(int n, float like, float margin, long step) {
    float confidence = windows.freshConfidence(n);
    float sure = product(windows.freshVisibility(n), confidence);
    xy[2 * n] = windows.freshX(n);
    xy[2 * n + 1] = windows.freshY(n);
    boolean far = margin > FAR_MARGIN && sure > FAR_SURE;
    boolean near =
        sure > NEAR_SURE && like > NEAR_LIKE && distance(n, table.at(rows[n], step)) < NEAR;
    if (far || near) {
      table.restart(rows[n], step);
      table.put(rows[n], step, xy[2 * n], xy[2 * n + 1], evidence(sure, FAR_SURE), confidence);
    }
  }

  /** Models without confidence have their visibility alone. */
  private static float product(float visible, float sure) {
    return Float.isNaN(sure) ? visible : visible * sure;
  }

  /** A probability that is one half where {@code p} is at its threshold: their odds' ratio. */
  private static float evidence(float p, float threshold) {
    float yes = p * (1 - threshold);
    float no = (1 - p) * threshold;
    return yes + no > 0 ? yes / (yes + no) : 0;
  }
}
