package mote.engine.live;

import mote.engine.Backend;

/**
 * Decides which points are seen in a frame that their windows have been refined for, and finds lost
 * ones again.
 *
 * <p>Without search a point is seen where the model says so. With it a point that was seen in the
 * frame before is believed where visibility times confidence and the similarity of the place to the
 * template both suffice. One that was not is never believed by itself, since a window that follows
 * something else for a while is sure of it: its template is matched against the whole frame, and
 * where the best peak stands out from the next, a fresh window of this one frame is refined from
 * there. If that is sure, the point is found: its windows begin anew in this frame.
 *
 * <p>The thresholds were chosen on the clips of {@code weights/heldout-lost} for at most one hidden
 * frame in twenty that is called visible.
 */
final class LiveSight {
  /** Visibility times confidence at which a point that is followed counts as seen. */
  private static final float SEEN = 0.4f;

  /** The same for one that is to be found. */
  private static final float FOUND = 0.5f;

  /** Similarity of its place to its template that a seen point has. */
  private static final float LIKE = 0.5f;

  /** Steepness of {@link #LIKE} as a probability: 0.1 more or less is one in eight. */
  private static final float LIKE_SLOPE = 20;

  /** How far the best peak of a match must stand out from the next. */
  private static final float MARGIN = 0.12f;

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
      table.visibility[at] = evidence(product(table.visibility[at], table.confidence[at]), SEEN);
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
      float like = LiveWindows.sigmoid(LIKE_SLOPE * (similarity[n] - LIKE));
      table.visibility[at] = Math.min(table.visibility[at], like);
    }
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
    int found = 0;
    for (int n = 0; n < count; n++) {
      if (similarity[2 * n] - similarity[2 * n + 1] > MARGIN) {
        rows[found] = rows[n];
        xy[2 * found] = xy[2 * n];
        xy[2 * found + 1] = xy[2 * n + 1];
        found++;
      }
    }
    if (found > 0) {
      windows.fresh(rows, found, xy, step);
      for (int n = 0; n < found; n++) {
        adopt(n, step);
      }
    }
  }

  /** Takes point n of a fresh window where it is sure of itself. */
  private void adopt(int n, long step) {
    float visible = windows.freshVisibility(n);
    float sure = windows.freshConfidence(n);
    float evidence = evidence(product(visible, sure), FOUND);
    if (evidence > PointTable.VISIBLE) {
      table.restart(rows[n], step);
      table.put(rows[n], step, windows.freshX(n), windows.freshY(n), evidence, sure);
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
