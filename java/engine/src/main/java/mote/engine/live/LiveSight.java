package mote.engine.live;

import mote.engine.Backend;
import mote.engine.track.Estimates;

/**
 * Decides which points are seen in a frame that their windows have been refined for, and finds lost
 * ones again ({@code mote_train.lost} defines it).
 *
 * <p>Without search a point is seen where the model says so. With it three gates that were fitted
 * for the weights decide ({@link SightModel}). One that was seen in the frame before stays so while
 * the first gate says so of its estimate. One that was not is looked for: its template is matched
 * against the whole frame, and a fresh window of this one frame is refined from the best peak. The
 * second gate judges its own estimate, the third what was found; the better of the two is taken if
 * its gate says that the point is seen there. Where that is what was found, the point's windows
 * begin anew in this frame.
 *
 * <p>How distinct a point is decides more than all else: one whose template fits elsewhere in its
 * query's own frame, on stripes or checks, is believed less ({@link LiveTemplates}). What a lost
 * point's {@link Neighbours} say of a place comes next.
 */
final class LiveSight {
  /** Logits beyond these say no more. */
  private static final float SUREST = 8;

  /** How far a peak must stand out from the next to be looked at. */
  private static final float LEAST_MARGIN = 0.02f;

  private final Backend backend;
  private final PointTable table;
  private final FrameRing ring;
  private final LiveWindows windows;
  private final Neighbours neighbours;
  private final SightModel model;
  private final int searches;
  private final int[] rows;
  private final int[] templates;

  /** Working pixels, (points, 2): of estimates and of what was found. */
  private final float[] xy;

  private final float[] peaks;

  /** Of each peak: how well the template fits, and by how much better than at the next. */
  private final float[] fit;

  private final float[] similarity;

  /** What the gates see of each row's estimate in the newest frame, (points, KEEP). */
  private final float[] features;

  /** Logit of each lost row that was looked for: how surely it is seen at its own estimate. */
  private final float[] stays;

  /** What neighbours say of each lost row's estimate, (points, SUPPORT). */
  private final float[] local;

  private final float[] in = new float[SightModel.FIND];
  private int cursor;

  /**
   * @param model may be null where searches is 0
   * @param searches lost points that are looked for in a frame, at most; 0: search is off
   */
  LiveSight(
      Backend backend,
      PointTable table,
      FrameRing ring,
      LiveWindows windows,
      SightModel model,
      int searches) {
    this.backend = backend;
    this.table = table;
    this.ring = ring;
    this.windows = windows;
    this.model = model;
    this.searches = searches;
    int points = backend.plan().points();
    rows = new int[points];
    templates = new int[points];
    xy = new float[2 * points];
    peaks = new float[2 * points];
    fit = new float[2 * points];
    similarity = new float[points];
    features = new float[SightModel.KEEP * points];
    stays = new float[points];
    local = new float[Neighbours.SUPPORT * points];
    neighbours = new Neighbours(table, points);
  }

  /** Judges rows {@code from} to {@code to - 1} in a step that they were followed into. */
  void look(int from, int to, long step) {
    if (searches > 0) {
      compare(from, to, step);
      search(from, to, step);
    }
    for (int row = from; row < to; row++) {
      boolean before = table.hidden[row] == 0;
      table.judge(row, step);
      if (table.state[row] == PointState.FROZEN) {
        continue;
      }
      if (searches > 0 && table.hidden[row] == 0) {
        table.said.setFirm(row, step, true); // the gates know more than the model alone
      } else if (searches > 0 && before) {
        lose(row, step);
      }
    }
  }

  private void lose(int row, long step) {
    if (step == ring.newest()) {
      neighbours.remember(row, step);
    } else {
      neighbours.forget(row);
    }
  }

  /** While a point is caught up with, nobody is heard: the others' trails are of newer frames. */
  private void hear(int row, long step) {
    if (step == ring.newest()) {
      neighbours.hear(row, step);
    } else {
      neighbours.silence();
    }
  }

  /** A row's neighbours are of another scene. */
  void forget(int row) {
    neighbours.forget(row);
  }

  /** Compares all estimates with their templates, and judges the points that were seen before. */
  private void compare(int from, int to, long step) {
    int count = 0;
    for (int row = from; row < to; row++) {
      if (table.state[row] == PointState.FROZEN) {
        continue;
      }
      if (table.origin[row] < step) {
        keep(row, step, windows.similarity(row));
      } else { // after a cut nothing leads into this frame
        int at = table.at(row, step);
        xy[2 * count] = table.trail[2 * at];
        xy[2 * count + 1] = table.trail[2 * at + 1];
        templates[count] = table.template[row];
        rows[count++] = row;
      }
    }
    if (count > 0) {
      backend.similarity(ring.slot(step), count, templates, xy, similarity);
    }
    for (int n = 0; n < count; n++) {
      keep(rows[n], step, similarity[n]);
    }
  }

  private void keep(int row, long step, float like) {
    describe(row, step, like);
    table.like[row] = like;
    boolean seen = table.hidden[row] == 0;
    float visible = seen ? Estimates.probability(model.keep().logit(in)) : 0;
    table.visibility[table.at(row, step)] = visible;
    table.call(row, step, visible > PointTable.VISIBLE);
  }

  /** The first {@link SightModel#KEEP} inputs of both gates at the estimate. */
  private void describe(int row, long step, float like) {
    int at = table.at(row, step);
    int before = table.at(row, step - 1);
    double moved =
        Math.hypot(
            table.trail[2 * at] - table.trail[2 * before],
            table.trail[2 * at + 1] - table.trail[2 * before + 1]);
    in[0] = logit(table.visibility[at]);
    in[1] = logit(table.confidence[at]);
    in[2] = like;
    in[3] = table.own[row];
    in[4] = table.second[row];
    in[5] = (float) Math.min(moved / 4, 4);
    in[6] = like - table.like[row];
    System.arraycopy(in, 0, features, SightModel.KEEP * row, SightModel.KEEP);
  }

  /** Looks for points that were not seen in the frame before, in turns where they are many. */
  private void search(int from, int to, long step) {
    int count = 0;
    int range = to - from;
    int first = range == 0 ? 0 : cursor % range;
    for (int i = 0; i < range && count < searches; i++) {
      int row = from + (first + i) % range;
      if (table.state[row] == PointState.LOST) {
        templates[count] = table.template[row];
        rows[count++] = row;
        if (range > 1) { // a point that catches up alone is not anybody's turn
          cursor = row - from + 1;
        }
      }
    }
    if (count == 0) {
      return;
    }
    backend.match(ring.slot(step), count, templates, peaks, fit);
    int candidates = 0;
    for (int n = 0; n < count; n++) {
      stay(rows[n], step, fit[2 * n]);
      float margin = fit[2 * n] - fit[2 * n + 1];
      if (margin > LEAST_MARGIN) {
        rows[candidates] = rows[n];
        peaks[2 * candidates] = peaks[2 * n];
        peaks[2 * candidates + 1] = peaks[2 * n + 1];
        fit[2 * candidates] = fit[2 * n];
        fit[2 * candidates + 1] = margin;
        candidates++;
      }
    }
    if (candidates > 0) {
      refresh(candidates, step);
    }
  }

  /**
   * Whether a lost point is seen at its own estimate, given how well its template fits elsewhere.
   */
  private void stay(int row, long step, float best) {
    System.arraycopy(features, SightModel.KEEP * row, in, 0, SightModel.KEEP);
    in[7] = best - in[2];
    in[8] = Math.min(table.hidden[row] / 8f, 8);
    int at = 2 * table.at(row, step);
    hear(row, step);
    neighbours.support(table.trail[at], table.trail[at + 1], in, 9);
    in[12] = neighbours.voices();
    System.arraycopy(in, 9, local, Neighbours.SUPPORT * row, Neighbours.SUPPORT);
    stays[row] = model.stay().logit(in);
    table.visibility[table.at(row, step)] = Estimates.probability(stays[row]);
  }

  /** Refines fresh windows from the first peaks, and takes up what is seen there. */
  private void refresh(int candidates, long step) {
    windows.fresh(rows, candidates, peaks, step);
    for (int n = 0; n < candidates; n++) {
      xy[2 * n] = windows.freshX(n);
      xy[2 * n + 1] = windows.freshY(n);
      int row = rows[n];
      int at = table.at(row, step);
      float logit = found(n, row, at, step);
      float seen = Estimates.probability(logit);
      if (seen > PointTable.VISIBLE && logit >= stays[row]) {
        table.restart(row, step);
        table.put(row, step, xy[2 * n], xy[2 * n + 1], seen, windows.freshConfidence(n));
        table.like[row] = windows.freshSimilarity(n);
      }
    }
  }

  /** The logit that candidate n is the point of that row, whose estimate lies at {@code at}. */
  private float found(int n, int row, int at, long step) {
    int features = SightModel.KEEP * row;
    double far =
        Math.hypot(xy[2 * n] - table.trail[2 * at], xy[2 * n + 1] - table.trail[2 * at + 1]);
    in[0] = logit(windows.freshVisibility(n));
    in[1] = logit(windows.freshConfidence(n));
    in[2] = windows.freshSimilarity(n);
    in[3] = fit[2 * n];
    in[4] = fit[2 * n + 1];
    in[5] = table.own[row];
    in[6] = table.second[row];
    in[7] = (float) Math.min(far / 16, 4);
    in[8] = Math.min(distance(xy, peaks, n) / 4, 4);
    in[9] = Math.min(table.hidden[row] / 8f, 8);
    System.arraycopy(this.features, features, in, 10, 3);
    hear(row, step);
    neighbours.support(xy[2 * n], xy[2 * n + 1], in, 13);
    System.arraycopy(local, Neighbours.SUPPORT * row, in, 16, Neighbours.SUPPORT);
    in[19] = neighbours.voices();
    return model.find().logit(in);
  }

  private static float distance(float[] a, float[] b, int n) {
    return (float) Math.hypot(a[2 * n] - b[2 * n], a[2 * n + 1] - b[2 * n + 1]);
  }

  /** Of a probability; beyond {@link #SUREST} it says no more. Models without confidence give 0. */
  private static float logit(float probability) {
    if (Float.isNaN(probability)) {
      return 0;
    }
    double logit = Math.log(probability / (1.0 - probability));
    return (float) Math.max(-SUREST, Math.min(SUREST, logit));
  }
}
