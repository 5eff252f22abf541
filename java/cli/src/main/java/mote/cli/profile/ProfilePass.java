package mote.cli.profile;

import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import mote.cli.live.Latencies;
import mote.engine.BackendProvider;
import mote.engine.FrameSource;
import mote.engine.Frames;
import mote.engine.MoteException;
import mote.engine.Weights;
import mote.engine.live.LiveOptions;
import mote.engine.live.LiveTracker;
import mote.engine.profile.Profile;
import mote.engine.track.Queries;
import mote.engine.track.Query;
import mote.engine.track.Tracker;
import mote.engine.track.TrackerOptions;
import org.apache.arrow.memory.RootAllocator;

/** The same frames and points through a tracker, again and again: first without a profiler. */
final class ProfilePass {
  private final Weights weights;
  private final Supplier<FrameSource> clip;
  private final int points;
  private final long frames;

  /**
   * @param clip opens the frames anew
   * @param frames of these, at most
   */
  ProfilePass(Weights weights, Supplier<FrameSource> clip, int points, long frames) {
    this.weights = weights;
    this.clip = clip;
    this.points = points;
    this.frames = frames;
  }

  /**
   * Every frame as soon as the last one is done.
   *
   * @param profile is started when the points are in, stopped at the end; null: none
   * @param progress gets the frames so far
   * @return time of each frame from the second on: complete in memory to points readable
   */
  Latencies live(
      BackendProvider provider, LiveOptions options, Profile profile, LongConsumer progress) {
    Latencies latencies = new Latencies();
    try (FrameSource source = clip.get();
        RootAllocator allocator = new RootAllocator();
        Frames frame = new Frames(allocator, source.height(), source.width(), 1);
        LiveTracker tracker =
            LiveTracker.open(
                weights,
                profile == null ? provider : profile.of(provider),
                options.withCapacity(points),
                source.height(),
                source.width())) {
      List<Query> queries = queries(source);
      long number = 0;
      while (number < frames && source.read(frame) > 0) {
        long began = System.nanoTime();
        tracker.push(number, frame.picture(0), 3L * source.width());
        long nanos = System.nanoTime() - began;
        if (number > 0) {
          latencies.record(nanos);
        } else {
          queries.forEach(query -> tracker.add(0, query.x(), query.y()));
          if (profile != null) {
            profile.start();
          }
        }
        number++;
        progress.accept(number);
      }
      require(number);
      if (profile != null) {
        profile.stop();
      }
    }
    return latencies;
  }

  /**
   * The frames as a video.
   *
   * @param profile covers everything; null: none
   * @param progress gets the frames so far
   * @return time from a frame's result to the next one's: windows are in some of them
   */
  Latencies offline(
      BackendProvider provider, TrackerOptions options, Profile profile, LongConsumer progress) {
    Latencies latencies = new Latencies();
    if (profile != null) {
      profile.start();
    }
    try (FrameSource source = clip.get();
        FrameSource some = new FirstFrames(source, frames)) {
      long[] last = {0};
      long[] done = {0};
      new Tracker(weights, profile == null ? provider : profile.of(provider), options)
          .track(
              some,
              queries(source),
              (now, expected) -> {
                long time = System.nanoTime();
                if (last[0] != 0) {
                  latencies.record(time - last[0]);
                }
                last[0] = time;
                done[0] = now;
                progress.accept(now);
                return true;
              });
      require(done[0]);
    }
    if (profile != null) {
      profile.stop();
    }
    return latencies;
  }

  private List<Query> queries(FrameSource source) {
    int side = (int) Math.ceil(Math.sqrt(points));
    return Queries.grid(side, 0, source.width(), source.height()).subList(0, points);
  }

  private static void require(long frames) {
    if (frames < 2) {
      throw new MoteException(
          "clip is too short for a profile: frames=%d; give 2 or more".formatted(frames));
    }
  }
}
