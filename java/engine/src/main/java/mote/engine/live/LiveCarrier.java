package mote.engine.live;

import mote.engine.track.Carrier;

/** Carries the live points that are hidden: what is said of them, not what their windows make. */
final class LiveCarrier {
  private final PointTable table;

  /** Null where nobody is carried. */
  private final Carrier carrier;

  LiveCarrier(PointTable table, int capacity, boolean carries) {
    this.table = table;
    carrier = carries ? new Carrier(table.said, capacity) : null;
  }

  /** A row's neighbours are of another scene, or another point's. */
  void forget(int row) {
    if (carrier != null) {
      carrier.forget(row);
    }
  }

  /** A row's point has been moved to something else. */
  void moved(int row) {
    if (carrier != null) {
      carrier.forget(row);
      carrier.silence(table.id(row));
    }
  }

  /** Rows {@code from} to {@code to - 1} in the newest step, in which all rows have been judged. */
  void carry(int from, int to, long step) {
    if (carrier == null) {
      return;
    }
    for (int row = from; row < to; row++) {
      if (table.said.isFirm(row, step)) {
        carrier.forget(row);
      } else if (table.state[row] != PointState.FROZEN && table.origin[row] < step) {
        int now = 2 * table.at(row, step);
        int before = 2 * table.at(row, step - 1);
        float ownX = table.trail[now] - table.trail[before];
        float ownY = table.trail[now + 1] - table.trail[before + 1];
        carrier.carry(row, step, ownX, ownY);
        table.said.say(row, step, carrier.x(), carrier.y());
      }
    }
  }
}
