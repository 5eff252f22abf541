package mote.engine.live;

import java.util.List;
import mote.engine.FrameSource;
import mote.engine.Frames;
import mote.engine.ReadAhead;
import mote.engine.track.Queries;
import mote.engine.track.Query;
import mote.engine.track.Tracks;
import org.apache.arrow.memory.RootAllocator;

/**
 * A recorded video as a live tracker sees it: every position is the one that it said at the time.
 */
public final class LiveVideo {
  private LiveVideo() {}

  /**
   * Pushes a source to its end.
   *
   * @param tracker just opened, for the source's size and at least as many points; stays owned by
   *     the caller
   * @param source stays owned by the caller
   * @param queries points in pixels of the frames as they come; each is added in its frame
   * @return tracks from each query's frame on
   */
  public static Tracks track(LiveTracker tracker, FrameSource source, List<Query> queries) {
    Queries.check(queries, source.width(), source.height(), -1);
    Tracks tracks =
        new Tracks(queries, tracker.backend().plan(), tracker.backend().architecture().name());
    int[] points = new int[queries.size()];
    try (RootAllocator allocator = new RootAllocator();
        ReadAhead ahead = new ReadAhead(source, allocator, 1)) {
      for (Frames batch = ahead.next(); batch != null; batch = ahead.next()) {
        for (int i = 0; i < batch.count(); i++) {
          tracker.push(batch.frame(i), batch.picture(i), 3L * batch.width());
          add(tracker, queries, points);
          tracks.addFrame(batch.frame(i), batch.timestampNanos(i));
          read(tracker.points(), points, tracks);
        }
      }
    }
    return tracks;
  }

  /** Adds the newest frame's queries; {@code points} has the query of each identity. */
  private static void add(LiveTracker tracker, List<Query> queries, int[] points) {
    for (int n = 0; n < queries.size(); n++) {
      Query query = queries.get(n);
      if (query.frame() == tracker.frame()) {
        points[(int) tracker.add(query.frame(), query.x(), query.y())] = n;
      }
    }
  }

  private static void read(LivePoints live, int[] points, Tracks tracks) {
    for (int row = 0; row < live.count(); row++) {
      tracks.set(
          live.frame(),
          points[(int) live.point(row)],
          live.x(row),
          live.y(row),
          live.visibility(row),
          live.confidence(row));
    }
  }
}
