package mote.engine.live;

import java.util.Arrays;
import mote.engine.MoteException;
import mote.engine.Plan;

/**
 * The live points: one row each, in order of identity, in arrays that are as long as the capacity.
 * Identities count up from 0 and are never reused; a template's place in the backend is.
 */
final class PointTable {
  /** Probability of being visible above which a point counts as seen. */
  static final float VISIBLE = 0.5f;

  /** In {@link #taken}: nothing is to be learned. */
  static final long LEARNED = -1;

  private final int window;
  private final long[] ids;
  private final int[] freeTemplates;
  private long nextId;
  private int count;

  final int[] template;

  /** Step at which a point's windows may begin: its query's, or where it was found or thawed. */
  final long[] origin;

  /** Whether the origin is the query's own frame, where the position is certain. */
  final boolean[] anchored;

  final PointState[] state;

  /** Frames since the point was last seen. */
  final int[] hidden;

  /** Bit (step modulo 64): whether the point was seen in that step, of the last 64. */
  private final long[] seen;

  /** Working pixels of the last S estimates, (capacity, S, 2), by step modulo S. */
  final float[] trail;

  /** Where the points were said to be in those steps. */
  final SaidPlaces said;

  /** Probabilities of the last S frames, (capacity, S), by step modulo S. */
  final float[] visibility;

  final float[] confidence;

  /**
   * Step of the frame that a row's template was taken from, while it is to be learned how distinct
   * it is there; {@link #LEARNED} from then on.
   */
  final long[] taken;

  /** Working pixels of that place, (capacity, 2). */
  final float[] takenAt;

  /** Similarity of a row's template to its own place in its own frame, 1 but for rounding. */
  final float[] own;

  /** The same to the place elsewhere in that frame where it fits best: 1 on a pattern. */
  final float[] second;

  /** The same to where the point was last estimated. */
  final float[] like;

  PointTable(int capacity, int window) {
    this.window = window;
    ids = new long[capacity];
    template = new int[capacity];
    freeTemplates = new int[capacity];
    Arrays.setAll(freeTemplates, i -> capacity - 1 - i);
    origin = new long[capacity];
    anchored = new boolean[capacity];
    state = new PointState[capacity];
    hidden = new int[capacity];
    seen = new long[capacity];
    trail = new float[capacity * window * 2];
    said = new SaidPlaces(this, capacity, window);
    visibility = new float[capacity * window];
    confidence = new float[capacity * window];
    taken = new long[capacity];
    takenAt = new float[2 * capacity];
    own = new float[capacity];
    second = new float[capacity];
    like = new float[capacity];
  }

  int count() {
    return count;
  }

  long id(int row) {
    return ids[row];
  }

  /** The row of a point; negative if it is not live. */
  int find(long id) {
    return Arrays.binarySearch(ids, 0, count, id);
  }

  /** The row of a live point. */
  int row(long id) {
    int row = find(id);
    if (row < 0) {
      throw new MoteException(
          "point is not live: point=%d, live=%d; give one that was added and not removed"
              .formatted(id, count));
    }
    return row;
  }

  void requireRoom() {
    if (count == ids.length) {
      throw new MoteException(
          "capacity is used up: points=%d, capacity=%d; remove points or open for more"
              .formatted(count, ids.length));
    }
  }

  /** The template that the next point gets. */
  int nextTemplate() {
    return freeTemplates[ids.length - 1 - count];
  }

  /** A row for a new point, behind all others; its arrays are the caller's to fill. */
  int add() {
    int row = count;
    ids[row] = nextId++;
    template[row] = nextTemplate();
    count++;
    return row;
  }

  void remove(int row) {
    int free = template[row];
    int behind = count - row - 1;
    move(ids, row, behind, 1);
    move(template, row, behind, 1);
    move(origin, row, behind, 1);
    move(anchored, row, behind, 1);
    move(state, row, behind, 1);
    move(hidden, row, behind, 1);
    move(seen, row, behind, 1);
    move(trail, row, behind, 2 * window);
    said.remove(row, behind);
    move(visibility, row, behind, window);
    move(confidence, row, behind, window);
    move(taken, row, behind, 1);
    move(takenAt, row, behind, 2);
    move(own, row, behind, 1);
    move(second, row, behind, 1);
    move(like, row, behind, 1);
    count--;
    freeTemplates[ids.length - 1 - count] = free;
  }

  /** Moves the rows behind one up by one. */
  static void move(Object array, int row, int behind, int width) {
    System.arraycopy(array, (row + 1) * width, array, row * width, behind * width);
  }

  /** Where a row's numbers of a step lie in {@link #visibility}; twice that in {@link #trail}. */
  int at(int row, long step) {
    return row * window + Math.floorMod(step, window);
  }

  /** The windows of a row begin at that step and place. */
  void begin(int row, long step, float x, float y, boolean anchor) {
    origin[row] = step;
    anchored[row] = anchor;
    state[row] = PointState.TRACKED;
    hidden[row] = 0;
    seen[row] = 0;
    said.forget(row);
    call(row, step, true);
    said.setFirm(row, step, true);
    put(row, step, x, y, 1, 1);
  }

  /** Whether a row was seen in a step not further back than its trail. */
  boolean seen(int row, long step) {
    return (seen[row] >>> step & 1) != 0;
  }

  /**
   * The last of the {@code reach} (at most 64) steps before this one in which both rows were seen;
   * -1 if there is none.
   */
  long seenTogether(int row, int other, long step, int reach) {
    // The step before this one comes to lie in the highest bit.
    long both = Long.rotateRight(seen[row] & seen[other], (int) step);
    int back = Long.numberOfLeadingZeros(both);
    return back < reach ? step - 1 - back : -1;
  }

  void call(int row, long step, boolean visible) {
    seen[row] = seen[row] & ~(1L << step) | (visible ? 1L << step : 0);
  }

  /** The windows of a row begin anew where it is at that step. */
  void restart(int row, long step) {
    origin[row] = step;
    anchored[row] = false;
    said.forget(row); // where it was before says nothing of how it moves
  }

  /**
   * A frozen row is followed on from where it is at that step; it is looked for where it was hidden
   * already. Where no frame of this size has come (-1) there is nothing to follow it from, and it
   * is looked for as well.
   */
  void thaw(int row, long step) {
    if (state[row] != PointState.FROZEN) {
      throw new MoteException(
          "point is not frozen: point=%d, state=%s; freeze it first"
              .formatted(ids[row], state[row]));
    }
    if (step < 0) {
      lose(row, 0);
      visibility[at(row, step)] = 0;
    } else {
      int at = at(row, step);
      put(
          row,
          step,
          said.placeX(row, step),
          said.placeY(row, step),
          visibility[at],
          confidence[at]);
      seen[row] = 0;
      restart(row, step);
      state[row] = hidden[row] > 0 ? PointState.LOST : PointState.TRACKED;
    }
  }

  /** Nothing before that step is looked at, and the point is hidden until it is found. */
  void lose(int row, long step) {
    restart(row, step);
    state[row] = PointState.LOST;
    hidden[row] = Math.max(1, hidden[row]);
    seen[row] = 0;
  }

  /**
   * Carries on in a new step what is not followed into it: a frozen point as it was, and one whose
   * windows begin there where it was, unseen.
   */
  void hold(int row, long step) {
    boolean frozen = state[row] == PointState.FROZEN;
    if (frozen || origin[row] == step) {
      int from = at(row, step - 1);
      float visible = frozen ? visibility[from] : 0;
      float sure = frozen ? confidence[from] : 0;
      put(row, step, said.placeX(row, step - 1), said.placeY(row, step - 1), visible, sure);
      restart(row, step);
    }
  }

  /** What follows from having been seen or not. */
  void judge(int row, long step) {
    if (state[row] == PointState.FROZEN) {
      return;
    }
    boolean visible = visibility[at(row, step)] > VISIBLE;
    call(row, step, visible);
    if (visible) {
      hidden[row] = 0;
      state[row] = PointState.TRACKED;
    } else {
      hidden[row]++;
      state[row] = PointState.LOST;
    }
  }

  /**
   * Moves all rows to the first step of a ring of frames of another size, at the same part of the
   * picture. Before its first frame (newest -1) they lie where an earlier change of size put them.
   */
  void rescale(long newest, Plan before, Plan after) {
    for (int row = 0; row < count; row++) {
      int from = at(row, newest);
      float x = before.sourceX(said.placeX(row, newest)) + 0.5f;
      float y = before.sourceY(said.placeY(row, newest)) + 0.5f;
      float visible = state[row] == PointState.FROZEN ? visibility[from] : 0;
      float sure = confidence[from];
      // The first step takes over what lies where the one before it would.
      put(
          row,
          window - 1L,
          after.workingX(x * after.sourceWidth() / before.sourceWidth() - 0.5f),
          after.workingY(y * after.sourceHeight() / before.sourceHeight() - 0.5f),
          visible,
          sure);
      seen[row] = 0;
      if (state[row] == PointState.FROZEN) {
        restart(row, 0);
      } else {
        lose(row, 0);
      }
    }
  }

  void put(int row, long step, float x, float y, float visible, float sure) {
    int at = at(row, step);
    trail[2 * at] = x;
    trail[2 * at + 1] = y;
    said.say(row, step, x, y);
    visibility[at] = visible;
    confidence[at] = sure;
  }
}
