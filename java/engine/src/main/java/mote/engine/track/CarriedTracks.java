package mote.engine.track;

import java.util.List;

/**
 * Carries the hidden points of whole tracks, frame by frame in one direction. To the future only
 * the futures of points are heard, to the past all places that there are.
 */
final class CarriedTracks implements Trails {
  private static final int RING = Carrier.REACH + 1;

  private final Tracks tracks;
  private final int direction;
  private final Carrier carrier;

  /** Working pixels of the last frames, (points, RING, 2), by step modulo RING. */
  private final float[] places;

  /** What the model said of the step before, (points, 2) working pixels. */
  private final float[] before;

  /** Bit k: k steps before {@link #step}. */
  private final long[] firm;

  private final long[] since;
  private long step = -1;

  private CarriedTracks(Tracks tracks, int direction) {
    this.tracks = tracks;
    this.direction = direction;
    int points = tracks.points();
    places = new float[points * RING * 2];
    before = new float[points * 2];
    firm = new long[points];
    since = new long[points];
    carrier = new Carrier(this, points);
  }

  /**
   * Rewrites the positions of points that are not firm.
   *
   * @param direction 1: in frames behind their queries; -1: before them, from the last frame on
   */
  static void carry(Tracks tracks, int direction) {
    CarriedTracks carried = new CarriedTracks(tracks, direction);
    for (long i = 0; i < tracks.frames(); i++) {
      long offset = direction > 0 ? i : tracks.frames() - 1 - i;
      carried.frame(tracks.firstFrame() + offset);
    }
  }

  private void frame(long frame) {
    step++;
    for (int point = 0; point < tracks.points(); point++) {
      firm[point] <<= 1;
      if (tracks.has(frame, point)) {
        firm[point] |= isFirm(frame, point) ? 1 : 0;
        int at = at(point, step);
        places[at] = tracks.plan().workingX(tracks.x(frame, point));
        places[at + 1] = tracks.plan().workingY(tracks.y(frame, point));
      }
    }
    List<Query> queries = tracks.queries();
    for (int point = 0; point < tracks.points(); point++) {
      int at = at(point, step);
      float x = places[at];
      float y = places[at + 1];
      if (frame == queries.get(point).frame()) {
        since[point] = step;
      }
      if ((firm[point] & 1) != 0) {
        carrier.forget(point);
      } else if (tracks.has(frame, point) && direction * (frame - queries.get(point).frame()) > 0) {
        carrier.carry(point, step, x - before[2 * point], y - before[2 * point + 1]);
        places[at] = carrier.x();
        places[at + 1] = carrier.y();
        tracks.set(
            frame,
            point,
            tracks.plan().sourceX(carrier.x()),
            tracks.plan().sourceY(carrier.y()),
            tracks.visibility(frame, point),
            tracks.confidence(frame, point));
      }
      before[2 * point] = x;
      before[2 * point + 1] = y;
    }
  }

  private boolean isFirm(long frame, int point) {
    return frame == tracks.queries().get(point).frame()
        || tracks.visibility(frame, point) > Carrier.FIRM;
  }

  private static int at(int point, long step) {
    return (point * RING + (int) (step % RING)) * 2;
  }

  @Override
  public int count() {
    return tracks.points();
  }

  @Override
  public long id(int row) {
    return row;
  }

  @Override
  public int find(long id) {
    return (int) id;
  }

  @Override
  public int home(int row) {
    return row;
  }

  @Override
  public long since(int row) {
    return since[row];
  }

  @Override
  public long firm(int row, long step) {
    return firm[row] >>> this.step - step;
  }

  @Override
  public float x(int row, long step) {
    return places[at(row, step)];
  }

  @Override
  public float y(int row, long step) {
    return places[at(row, step) + 1];
  }
}
