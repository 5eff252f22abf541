package mote.engine.live;

import java.util.Arrays;

/**
 * Where the points that were seen together with a lost one say that it is ({@code
 * mote_train.neighbours} defines it): points of one surface keep their places relative to each
 * other for some frames, also behind what hides them. A point that is lost remembers how it lay to
 * the nearest others when it was last seen together with each of them.
 */
final class Neighbours {
  /** Inputs of a gate that {@link #support} writes. */
  static final int SUPPORT = 3;

  /** Neighbours that a point remembers. */
  private static final int COUNT = 16;

  /** Frames before the loss in which two points must have been seen together: a trail's. */
  private static final int REACH = 7;

  /** Working pixels within which a neighbour's word and a place are the same. */
  private static final float AGREE = 6;

  /** Working pixels: what is further off says no more. */
  private static final float FAR = 64;

  private static final float SCALE = 16;
  private static final int MOST_AGREE = 5;
  private static final int MOST_VOICES = 8;
  private static final long NOBODY = -1;

  private final PointTable table;

  /** Identities, (templates, COUNT), the nearest first: a template is a point's for its life. */
  private final long[] who;

  /** From the neighbour to the point, (templates, COUNT, 2) working pixels. */
  private final float[] offset;

  private final double[] distance = new double[COUNT];

  /** Where the neighbours that {@link #hear} heard say that the point is. */
  private final float[] said = new float[2 * COUNT];

  private int voices;

  Neighbours(PointTable table, int capacity) {
    this.table = table;
    who = new long[capacity * COUNT];
    offset = new float[2 * capacity * COUNT];
    Arrays.fill(who, NOBODY);
  }

  /** The point remembers nobody. */
  void forget(int row) {
    int from = table.template[row] * COUNT;
    Arrays.fill(who, from, from + COUNT, NOBODY);
  }

  /** The point was seen in the step before this one, and is not in this. */
  void remember(int row, long step) {
    forget(row);
    Arrays.fill(distance, Double.POSITIVE_INFINITY);
    for (int other = 0; other < table.count(); other++) {
      if (other != row && table.state[other] != PointState.FROZEN) {
        long together = table.seenTogether(row, other, step, REACH);
        if (together >= 0) {
          insert(row, other, together);
        }
      }
    }
  }

  /** Among the nearest, where it is one of them. */
  private void insert(int row, int other, long step) {
    int mine = 2 * table.at(row, step);
    int its = 2 * table.at(other, step);
    float x = table.trail[mine] - table.trail[its];
    float y = table.trail[mine + 1] - table.trail[its + 1];
    double far = Math.hypot(x, y);
    if (!(far < distance[COUNT - 1])) {
      return;
    }
    int from = table.template[row] * COUNT;
    int k = COUNT - 1;
    for (; k > 0 && far < distance[k - 1]; k--) {
      distance[k] = distance[k - 1];
      who[from + k] = who[from + k - 1];
      offset[2 * (from + k)] = offset[2 * (from + k - 1)];
      offset[2 * (from + k) + 1] = offset[2 * (from + k - 1) + 1];
    }
    distance[k] = far;
    who[from + k] = table.id(other);
    offset[2 * (from + k)] = x;
    offset[2 * (from + k) + 1] = y;
  }

  /** Hears the point's neighbours that are seen in this step and were in the one before. */
  void hear(int row, long step) {
    int from = table.template[row] * COUNT;
    voices = 0;
    for (int k = from; k < from + COUNT && who[k] != NOBODY; k++) {
      int other = table.find(who[k]);
      if (other >= 0
          && table.state[other] != PointState.FROZEN
          && table.seen(other, step)
          && table.seen(other, step - 1)) {
        int its = 2 * table.at(other, step);
        said[2 * voices] = table.trail[its] + offset[2 * k];
        said[2 * voices + 1] = table.trail[its + 1] + offset[2 * k + 1];
        voices++;
      }
    }
  }

  /** Nobody says anything. */
  void silence() {
    voices = 0;
  }

  /** How many were heard: 1 for {@value #MOST_VOICES} and more. */
  float voices() {
    return Math.min(voices, MOST_VOICES) / (float) MOST_VOICES;
  }

  /**
   * What was heard of a place.
   *
   * @param out from {@code at} on: how far off the two nearest words are, and how many agree
   */
  void support(float x, float y, float[] out, int at) {
    float first = FAR;
    float second = FAR;
    int agree = 0;
    for (int k = 0; k < voices; k++) {
      float off = (float) Math.hypot(said[2 * k] - x, said[2 * k + 1] - y);
      agree += off < AGREE ? 1 : 0;
      second = Math.min(second, Math.max(first, off));
      first = Math.min(first, off);
    }
    out[at] = first / SCALE;
    out[at + 1] = second / SCALE;
    out[at + 2] = Math.min(agree, MOST_AGREE);
  }
}
