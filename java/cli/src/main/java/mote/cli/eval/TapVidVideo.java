package mote.cli.eval;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import mote.engine.FrameSource;
import mote.engine.Frames;
import mote.engine.MoteException;
import mote.engine.Plan;

/**
 * A video of TAP-Vid with its tracks.
 *
 * @param name for messages: file and video
 * @param pictures opens its frames
 * @param frames T
 * @param points N
 * @param xy (N, T, 2) as shares of width and height, from the corner of the picture
 * @param occluded (N, T)
 */
record TapVidVideo(
    String name,
    Supplier<TapVidPictures> pictures,
    int frames,
    int points,
    float[] xy,
    boolean[] occluded) {
  /** Rows and columns of the pictures that TAP-Vid works on. */
  static final int SIDE = 256;

  /** Frames from a strided query to the next. */
  private static final int STRIDE = 5;

  private static final long MOST_PAIRS = 1L << 27;

  /** How queries are chosen. */
  enum QueryMode {
    /** Each point where it is visible first; frames after that count. */
    FIRST,
    /** Each point on every fifth frame where it is visible; all frames but the query's count. */
    STRIDED
  }

  /** What is to be tracked in a mode, and the truth of each query. */
  record Test(Clip clip, Clip reversed, Truth truth) {}

  /** One query: the point and its frame. */
  private record Start(int point, int frame) {}

  TapVidVideo {
    boolean fits = xy.length == points * frames * 2 && occluded.length == points * frames;
    if (!fits) {
      throw new IllegalArgumentException("tracks do not fit: points=" + points);
    }
  }

  /**
   * The queries of a mode. Nobody vouches for the tracks: places of visible points are checked.
   *
   * @throws MoteException if there is no query, more than fit, or a visible point is nowhere
   */
  Test test(QueryMode mode) {
    List<Start> starts = mode == QueryMode.FIRST ? first() : strided();
    long pairs = (long) starts.size() * frames;
    if (starts.isEmpty() || starts.size() > Plan.MOST_POINTS || pairs > MOST_PAIRS) {
      throw new MoteException(
          "queries are out of range: video=%s, queries=%d, frames=%d; give 1 to %d queries and at most %d pairs of query and frame"
              .formatted(name, starts.size(), frames, Plan.MOST_POINTS, MOST_PAIRS));
    }
    int count = starts.size();
    float[] places = new float[frames * count * 2];
    boolean[] visible = new boolean[frames * count];
    int[] queryFrames = new int[count];
    int[] backwards = new int[count];
    float[] queries = new float[count * 2];
    for (int n = 0; n < count; n++) {
      Start start = starts.get(n);
      for (int frame = 0; frame < frames; frame++) {
        visible[frame * count + n] = !hidden(start.point, frame);
        for (int axis = 0; axis < 2; axis++) {
          places[(frame * count + n) * 2 + axis] = pixel(start.point, frame, axis);
        }
      }
      queryFrames[n] = start.frame;
      backwards[n] = frames - 1 - start.frame;
      System.arraycopy(places, (start.frame * count + n) * 2, queries, 2 * n, 2);
    }
    return new Test(
        new Clip(() -> new Source(pictures.get(), false), SIDE, SIDE, queryFrames, queries),
        new Clip(() -> new Source(pictures.get(), true), SIDE, SIDE, backwards, queries),
        new Truth(frames, count, places, visible));
  }

  private List<Start> first() {
    List<Start> starts = new ArrayList<>();
    for (int point = 0; point < points; point++) {
      int at = point;
      IntStream.range(0, frames)
          .filter(frame -> !hidden(at, frame))
          .findFirst()
          .ifPresent(frame -> starts.add(new Start(at, frame)));
    }
    return starts;
  }

  private List<Start> strided() {
    List<Start> starts = new ArrayList<>();
    for (int frame = 0; frame < frames; frame += STRIDE) {
      for (int point = 0; point < points; point++) {
        if (!hidden(point, frame)) {
          starts.add(new Start(point, frame));
        }
      }
    }
    return starts;
  }

  private boolean hidden(int point, int frame) {
    return occluded[point * frames + frame];
  }

  /** From shares, counted from the corner, to pixels, whose centres are at integers. */
  private float pixel(int point, int frame, int axis) {
    float share = xy[(point * frames + frame) * 2 + axis];
    if (!Float.isFinite(share) && !hidden(point, frame)) {
      throw new MoteException(
          "a visible point has no place: video=%s, point=%d, frame=%d, share=%s; give finite ones"
              .formatted(name, point, frame, share));
    }
    return share * SIDE - 0.5f;
  }

  /** The frames, forward or from the last to the first. */
  private final class Source implements FrameSource {
    private final TapVidPictures pictures;
    private final boolean reversed;
    private int next;

    Source(TapVidPictures pictures, boolean reversed) {
      this.pictures = pictures;
      this.reversed = reversed;
    }

    @Override
    public int height() {
      return pictures.height();
    }

    @Override
    public int width() {
      return pictures.width();
    }

    @Override
    public long expectedFrames() {
      return frames - next;
    }

    @Override
    public int read(Frames into) {
      into.clear();
      while (next < frames && into.count() < into.capacity()) {
        int frame = reversed ? frames - 1 - next : next;
        MemorySegment picture = into.picture(into.count());
        try {
          pictures.read(frame, picture);
        } catch (IllegalArgumentException e) {
          throw new MoteException(
              "a frame cannot be read: video=%s, frame=%d, found=%s; fetch the file again"
                  .formatted(name, frame, e.getMessage()),
              e);
        }
        into.append(next, next * 40_000_000L);
        next++;
      }
      return into.count();
    }

    @Override
    public void close() {
      // The pictures are the file's.
    }
  }
}
