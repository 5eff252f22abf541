package mote.engine.track;

import java.util.List;
import mote.engine.Backend;
import mote.engine.BackendProvider;
import mote.engine.FrameSource;
import mote.engine.Frames;
import mote.engine.MoteException;
import mote.engine.ReadAhead;
import mote.engine.Weights;
import org.apache.arrow.memory.RootAllocator;

/**
 * Tracks points through a whole video. Queries may lie on any frame; each frame is encoded once per
 * direction however many points and windows look at it, and memory is bounded by the window, not by
 * the video (results apart; frames up to the last query wait on disk where the past is asked for).
 */
public final class Tracker {
  /** Frames that are read at once, while as many are tracked. */
  private static final int BATCH = 2;

  private final Weights weights;
  private final BackendProvider provider;
  private final TrackerOptions options;

  /**
   * @param weights stay owned by the caller
   * @param provider as {@link mote.engine.Backends#choose} found it
   */
  public Tracker(Weights weights, BackendProvider provider, TrackerOptions options) {
    this.weights = weights;
    this.provider = provider;
    this.options = options;
  }

  /** As {@link #track(FrameSource, List, Progress)}, unwatched. */
  public Tracks track(FrameSource source, List<Query> queries) {
    return track(source, queries, Progress.NONE);
  }

  /**
   * Reads the source to its end and tracks all queries through it.
   *
   * @param source stays owned by the caller
   * @param queries at least one, in pixels of the frames as they come
   * @throws TrackingStoppedException with what was tracked so far, if the source, the backend or
   *     the disk fails in the middle, a query's frame does not come, or {@code progress} says stop;
   *     where only the source ended too early, the past of the points that it reached is tracked
   * @throws MoteException if a query lies outside the picture, or the backend cannot be opened
   */
  public Tracks track(FrameSource source, List<Query> queries, Progress progress) {
    Queries.check(queries, source.width(), source.height(), -1);
    int height = source.height();
    int width = source.width();
    long future = source.expectedFrames();
    long lastQuery = queries.stream().mapToLong(Query::frame).max().orElse(0);
    try (RootAllocator allocator = new RootAllocator();
        FrameSpool spool = options.backward() ? FrameSpool.create(height, width) : null;
        Backend backend =
            provider.open(
                weights,
                options.plan(weights.architecture(), height, width, queries.size()),
                options.precision())) {
      Tracks tracks = new Tracks(queries, backend.plan(), backend.architecture().name());
      new Run(allocator, backend, tracks, spool, lastQuery, progress, future).track(source);
      return tracks;
    }
  }

  /** What the passes of one call share. */
  private final class Run {
    private final RootAllocator allocator;
    private final Backend backend;
    private final Tracks tracks;
    private final FrameSpool spool;
    private final long lastQuery;
    private final Progress progress;
    private final long future;
    private long done;
    private MoteException broken; // why the source ended early, or null

    Run(
        RootAllocator allocator,
        Backend backend,
        Tracks tracks,
        FrameSpool spool,
        long lastQuery,
        Progress progress,
        long future) {
      this.allocator = allocator;
      this.backend = backend;
      this.tracks = tracks;
      this.spool = spool;
      this.lastQuery = lastQuery;
      this.progress = progress;
      this.future = future;
    }

    /** Whatever fails from here on, what was tracked until then is kept. */
    void track(FrameSource source) {
      try {
        MoteException early;
        try {
          early = forward(source);
        } finally {
          carry(1);
        }
        if (looksBack()) {
          try {
            backward(early);
          } finally {
            carry(-1);
          }
        }
        if (early != null) {
          throw early;
        }
      } catch (TrackingStoppedException stopped) {
        throw stopped;
      } catch (MoteException failure) {
        throw new TrackingStoppedException(tracks, failure);
      }
    }

    private void carry(int direction) {
      if (options.carries(backend.architecture())) {
        CarriedTracks.carry(tracks, direction);
      }
    }

    private boolean looksBack() {
      return spool != null && lastQuery > tracks.firstFrame();
    }

    /**
     * Tracks to the future; returns why the source ended before all that was asked for, or null.
     */
    private MoteException forward(FrameSource source) {
      Pass pass = pass(1);
      try (ReadAhead ahead = new ReadAhead(source, allocator, BATCH)) {
        for (Frames batch = next(ahead); batch != null; batch = next(ahead)) {
          if (tracks.frames() == 0) {
            refuseEarlier(batch.frame(0));
            requireRoom(batch.frame(0));
          }
          for (int i = 0; i < batch.count(); i++) {
            if (spool != null && batch.frame(i) <= lastQuery) {
              spool.append(batch.frame(i), batch.timestampNanos(i), batch.picture(i));
            }
            tracks.addFrame(batch.frame(i), batch.timestampNanos(i));
            step(pass, batch, i);
          }
        }
      }
      pass.finish();
      int missing = pass.firstMissing();
      return broken != null || missing < 0 ? broken : missing(missing);
    }

    /** The frames before a broken one are good, and so are the tracks on them. */
    private Frames next(ReadAhead ahead) {
      try {
        return ahead.next();
      } catch (MoteException failure) {
        broken = failure;
        return null;
      }
    }

    /** An early word where the frames up to the last query will not fit the disk. */
    private void requireRoom(long firstFrame) {
      if (spool != null && future >= 0) {
        spool.requireRoom(Math.min(lastQuery - firstFrame + 1, future));
      }
    }

    /**
     * Tracks to the past, from the last query whose frame came.
     *
     * @param early what is to be said at the end, kept by what fails here; null for nothing
     */
    private void backward(MoteException early) {
      long end = tracks.firstFrame() + tracks.frames();
      long last =
          tracks.queries().stream().mapToLong(Query::frame).filter(f -> f < end).max().orElse(-1);
      if (last <= tracks.firstFrame()) {
        return; // nothing that was reached has a past
      }
      Pass pass = pass(-1);
      try (FrameSource source = spool.reversed();
          ReadAhead ahead = new ReadAhead(source, allocator, BATCH)) {
        for (Frames batch = ahead.next(); batch != null; batch = ahead.next()) {
          for (int i = 0; i < batch.count(); i++) {
            if (batch.frame(i) <= last) {
              step(pass, batch, i);
            }
          }
        }
        pass.finish();
      } catch (MoteException failure) {
        if (early != null) {
          failure.addSuppressed(early);
        }
        throw failure;
      }
    }

    private Pass pass(int direction) {
      Chaining chaining = Chaining.of(backend.architecture(), options.hop());
      int iterations =
          options.iterations() == 0 ? backend.architecture().iterations() : options.iterations();
      return new Pass(backend, tracks, chaining, iterations, direction);
    }

    private void step(Pass pass, Frames batch, int i) {
      pass.frame(batch, i);
      done++;
      if (!progress.frame(done, expected())) {
        throw new TrackingStoppedException(tracks);
      }
    }

    private long expected() {
      if (future < 0 || !looksBack()) {
        return future;
      }
      return future + Math.min(lastQuery - tracks.firstFrame(), future - 1) + 1;
    }

    /** A range of a video may begin behind its first frame; no later frame can mend that. */
    private void refuseEarlier(long firstFrame) {
      for (int point = 0; point < tracks.points(); point++) {
        long frame = tracks.queries().get(point).frame();
        if (frame < firstFrame) {
          throw new MoteException(
              "point starts before the first frame: point=%d, frame=%d, first_frame=%d; give a frame from there on or begin earlier"
                  .formatted(point, frame, firstFrame));
        }
      }
    }

    private MoteException missing(int point) {
      return new MoteException(
          "point starts on a frame that is not there: point=%d, frame=%d, first_frame=%d, frames=%d; give a frame of the video"
              .formatted(
                  point,
                  tracks.queries().get(point).frame(),
                  tracks.firstFrame(),
                  tracks.frames()));
    }
  }
}
