package mote.cli.live;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import mote.engine.MoteException;
import mote.engine.live.LivePoints;
import mote.engine.live.LiveTracker;
import mote.engine.track.Query;
import mote.media.LiveFrame;
import mote.media.LiveSource;
import mote.media.LiveWindow;

/** Takes frames, has them tracked and hands them on, until there is a reason to stop. */
public final class LiveLoop {
  /** How often to look whether to stop while no frame comes. */
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private static final long STATUS_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final LiveSource source;
  private final LiveTracker tracker;
  private final LiveOutputs outputs;
  private final LiveStatistics statistics = new LiveStatistics();
  private final PointNumbers numbers = new PointNumbers();
  private final StatusLine status;

  /** Points that have not joined, each with its place in the list that was given. */
  private final List<Waiting> waiting = new ArrayList<>();

  private long nextNumber;
  private long statusAt;
  private long began;

  private record Waiting(Query query, long number) {}

  /**
   * @param queries points to add when their frames come; those of frame 0 in the first frame
   * @param status for what happens on the way
   */
  public LiveLoop(
      LiveSource source,
      LiveTracker tracker,
      List<Query> queries,
      LiveOutputs outputs,
      StatusLine status) {
    this.source = source;
    this.tracker = tracker;
    this.outputs = outputs;
    this.status = status;
    for (Query query : queries) {
      waiting.add(new Waiting(query, nextNumber++));
    }
    waiting.sort(Comparator.comparingLong(point -> point.query().frame()));
    outputs.resize(tracker.height(), tracker.width());
  }

  /**
   * Runs until the source is over or somebody wants to stop.
   *
   * @param frames to track at most
   * @param seconds to run at most, from the first frame on
   * @param stop asked all the time
   * @throws MoteException if the source is lost, or something cannot be written
   */
  public void run(long frames, double seconds, BooleanSupplier stop) {
    while (!stop.getAsBoolean()
        && !source.isOver()
        && statistics.frames() < frames
        && (statistics.frames() == 0 || (System.nanoTime() - began) / 1e9 < seconds)
        && (outputs.window() == null || !outputs.window().isClosing())) {
      try (LiveFrame frame = source.next(LOOK_NANOS)) {
        if (frame != null) {
          track(frame);
        }
      }
    }
  }

  public LiveStatistics statistics() {
    return statistics;
  }

  private void track(LiveFrame frame) {
    if (statistics.frames() == 0) {
      began = System.nanoTime();
    }
    if (frame.height() != tracker.height() || frame.width() != tracker.width()) {
      status.say(
          "pictures have another size: frame=%d, width=%d, height=%d, before=%dx%d; points are looked for in the new ones"
              .formatted(
                  frame.index(), frame.width(), frame.height(), tracker.width(), tracker.height()));
      tracker.resize(frame.height(), frame.width());
      outputs.resize(frame.height(), frame.width());
    }
    LivePoints points = tracker.push(frame.index(), frame.picture(), 3L * frame.width());
    long done = System.nanoTime();
    addWaiting(frame.index());
    grantWishes(points);
    statistics.add(frame.arrivalNanos(), done, points);
    outputs.take(frame, points, numbers);
    if (done - statusAt > STATUS_NANOS) {
      statusAt = done;
      status.show(statistics.line(source.dropped()));
    }
  }

  private void addWaiting(long frame) {
    while (!waiting.isEmpty() && waiting.getFirst().query().frame() <= frame) {
      Waiting point = waiting.removeFirst();
      numbers.put(tracker.add(frame, point.query().x(), point.query().y()), point.number());
    }
  }

  private void grantWishes(LivePoints points) {
    if (outputs.window() == null) {
      return;
    }
    for (var wish = outputs.window().poll(); wish != null; wish = outputs.window().poll()) {
      try {
        if (wish.removal()) {
          removeNearest(points, wish);
        } else {
          numbers.put(tracker.add(wish.frame(), wish.x(), wish.y()), nextNumber);
          nextNumber++;
        }
      } catch (MoteException refused) { // a click is no reason to end
        status.say(refused.getMessage());
      }
    }
  }

  private void removeNearest(LivePoints points, LiveWindow.Wish wish) {
    long nearest = -1;
    double best = wish.radius();
    for (int row = 0; row < points.count(); row++) {
      double distance = Math.hypot(points.x(row) - wish.x(), points.y(row) - wish.y());
      if (distance <= best) {
        best = distance;
        nearest = points.point(row);
      }
    }
    if (nearest >= 0) {
      tracker.remove(nearest);
    }
  }
}
