package mote.engine.live;

import mote.engine.Backend;
import mote.engine.MoteException;
import mote.engine.Plan;

/**
 * Takes the points' templates, and learns how distinct each is in the frame that it was taken from:
 * one that fits elsewhere, too, is believed less ({@link LiveSight}). Learning matches a template
 * against the whole picture; all that were taken in a frame share one call, which waits until
 * somebody asks: {@link #learn} comes before the next frame, whose slot may be theirs.
 */
final class LiveTemplates {
  /** Working pixels around its query in which a peak is the point itself. */
  private static final float SELF = 10;

  private final Backend backend;
  private final PointTable table;
  private final FrameRing ring;
  private final boolean learns;
  private final int[] one = new int[1];
  private final float[] place = new float[2];
  private final int[] rows;
  private final int[] templates;

  /** Working pixels, (points, 2). */
  private final float[] places;

  private final float[] peaks;

  /** Of each peak: how well the template fits, and how well at the next. */
  private final float[] fit;

  private final float[] similarity;

  /**
   * @param learns whether anybody wants to know how distinct points are
   */
  LiveTemplates(Backend backend, PointTable table, FrameRing ring, boolean learns) {
    this.backend = backend;
    this.table = table;
    this.ring = ring;
    this.learns = learns;
    int points = backend.plan().points();
    rows = new int[points];
    templates = new int[points];
    places = new float[2 * points];
    peaks = new float[2 * points];
    fit = new float[2 * points];
    similarity = new float[points];
  }

  void requireInside(float x, float y) {
    Plan plan = backend.plan();
    int right = plan.sourceWidth() - 1;
    int bottom = plan.sourceHeight() - 1;
    if (!(x >= 0 && x <= right && y >= 0 && y <= bottom)) {
      throw new MoteException(
          "point lies outside the picture: x=%s, y=%s, width=%d, height=%d; give 0 <= x <= %d and 0 <= y <= %d"
              .formatted(x, y, plan.sourceWidth(), plan.sourceHeight(), right, bottom));
    }
  }

  /**
   * Takes a template.
   *
   * @param x pixels of the frame, inside
   * @param y pixels of the frame, inside
   */
  void take(int template, long step, float x, float y) {
    one[0] = template;
    place[0] = backend.plan().workingX(x);
    place[1] = backend.plan().workingY(y);
    backend.sample(ring.slot(step), 1, one, place);
  }

  /** The template that was taken last is that row's, whose windows begin there. */
  void begin(int row, long taken, long from) {
    table.begin(row, from, place[0], place[1], true);
    table.taken[row] = taken;
    table.takenAt[2 * row] = place[0];
    table.takenAt[2 * row + 1] = place[1];
  }

  /** Learns all that was taken and not learned yet: two calls a frame that was taken from. */
  void learn() {
    if (!learns) {
      return;
    }
    for (int row = 0; row < table.count(); row++) {
      if (table.taken[row] != PointTable.LEARNED) {
        learn(row, table.taken[row]);
      }
    }
  }

  /** Those of one frame; none stands before the first row. */
  private void learn(int first, long step) {
    int count = 0;
    for (int row = first; row < table.count(); row++) {
      if (table.taken[row] == step) {
        templates[count] = table.template[row];
        places[2 * count] = table.takenAt[2 * row];
        places[2 * count + 1] = table.takenAt[2 * row + 1];
        rows[count++] = row;
      }
    }
    backend.match(ring.slot(step), count, templates, peaks, fit);
    backend.similarity(ring.slot(step), count, templates, places, similarity);
    for (int n = 0; n < count; n++) {
      int row = rows[n];
      double far = Math.hypot(peaks[2 * n] - places[2 * n], peaks[2 * n + 1] - places[2 * n + 1]);
      table.own[row] = similarity[n];
      table.second[row] = (float) far <= SELF ? fit[2 * n + 1] : fit[2 * n];
      table.like[row] = similarity[n];
      table.taken[row] = PointTable.LEARNED;
    }
  }

  /** Gives all templates to another backend with the same model. */
  void copyTo(Backend other) {
    float[] values = new float[backend.architecture().templateSize()];
    for (int row = 0; row < table.count(); row++) {
      one[0] = table.template[row];
      backend.stages().template(one[0], values);
      other.restore(1, one, values);
    }
  }
}
