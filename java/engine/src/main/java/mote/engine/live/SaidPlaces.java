package mote.engine.live;

import mote.engine.track.Carrier;
import mote.engine.track.Trails;

/**
 * Where the rows of a table were said to be in the last S steps, and in which of them that was
 * firm: the model's own estimate, which neighbours need not carry.
 *
 * <p>What was said stays as it was, while later windows revise the table's trail: what these make
 * of a point that has just been hidden is worse.
 */
final class SaidPlaces implements Trails {
  private final PointTable table;
  private final int window;

  /** Bit (step modulo 64): whether the row was firm in that step, of the last 64. */
  private final long[] firm;

  /** Working pixels, (capacity, S, 2), by step modulo S. */
  private final float[] places;

  SaidPlaces(PointTable table, int capacity, int window) {
    this.table = table;
    this.window = window;
    firm = new long[capacity];
    places = new float[capacity * window * 2];
  }

  /** A window says where the row is in its newest step. */
  void estimate(int row, long step, float x, float y, float visible) {
    setFirm(row, step, visible > Carrier.FIRM);
    say(row, step, x, y);
    int at = 2 * table.at(row, step);
    table.trail[at] = x;
    table.trail[at + 1] = y;
  }

  void say(int row, long step, float x, float y) {
    int at = 2 * table.at(row, step);
    places[at] = x;
    places[at + 1] = y;
  }

  void setFirm(int row, long step, boolean isFirm) {
    firm[row] = firm[row] & ~(1L << step) | (isFirm ? 1L << step : 0);
  }

  boolean isFirm(int row, long step) {
    return (firm[row] >>> step & 1) != 0;
  }

  /** No step of the row's is firm. */
  void forget(int row) {
    firm[row] = 0;
  }

  /** Moves the {@code behind} rows behind one up by one. */
  void remove(int row, int behind) {
    PointTable.move(firm, row, behind, 1);
    PointTable.move(places, row, behind, 2 * window);
  }

  /**
   * Where the row is: the windows' estimate as it is now, or what was said when it was not firm.
   */
  float placeX(int row, long step) {
    return (isFirm(row, step) ? table.trail : places)[2 * table.at(row, step)];
  }

  /** As {@link #placeX}. */
  float placeY(int row, long step) {
    return (isFirm(row, step) ? table.trail : places)[2 * table.at(row, step) + 1];
  }

  @Override
  public int count() {
    return table.count();
  }

  @Override
  public long id(int row) {
    return table.id(row);
  }

  @Override
  public int find(long id) {
    return table.find(id);
  }

  @Override
  public int home(int row) {
    return table.template[row];
  }

  @Override
  public long since(int row) {
    return table.origin[row];
  }

  /** A frozen row is nobody's neighbour. */
  @Override
  public long firm(int row, long step) {
    // This step comes to lie in the highest bit, then in the lowest.
    return table.state[row] == PointState.FROZEN
        ? 0
        : Long.reverse(Long.rotateRight(firm[row], (int) step + 1));
  }

  @Override
  public float x(int row, long step) {
    return places[2 * table.at(row, step)];
  }

  @Override
  public float y(int row, long step) {
    return places[2 * table.at(row, step) + 1];
  }
}
