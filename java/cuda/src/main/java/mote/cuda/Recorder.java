package mote.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import mote.engine.profile.Span;
import mote.engine.profile.Work;

/**
 * Times of what is put on streams: an event before and behind each kernel, product and copy, read
 * once the device is done. Events are kept for the next round.
 */
final class Recorder implements AutoCloseable {
  /** A kernel, a product or a copy between two events. */
  private static final class Piece {
    final Stream.Event begin = Stream.Event.timed();
    final Stream.Event end = Stream.Event.timed();
    Span.Kind kind;
    Step step;
    String name;
    String lane;
    long bytes;
    long points;
    int iteration;
    boolean ended;
  }

  private final KernelCosts costs;

  /** Who takes ranges; null: nobody. */
  private final Nvtx ranges = Nvtx.outcome().ranges();

  private final List<Piece> pieces = new ArrayList<>();
  private final Stream.Event origin = Stream.Event.timed();
  private long originNanos;
  private int used;
  private int unsettled;
  private long points;
  private int iteration;
  private boolean iterating;

  /**
   * @param stream any one: its clock is that of all
   */
  Recorder(KernelCosts costs, Stream stream) {
    this.costs = costs;
    originate(stream);
  }

  /** Puts the device's clock beside the JVM's. */
  private void originate(Stream stream) {
    origin.record(stream);
    origin.synchronise();
    originNanos = System.nanoTime();
  }

  /** A call for so many points follows. */
  void call(long count) {
    points = count;
    iteration = 0;
    iterating = false;
    unsettled = used;
  }

  /** The launches that follow belong to the next iteration. */
  void beginIteration() {
    iteration++;
    iterating = true;
  }

  void endIteration() {
    iterating = false;
  }

  /**
   * Says how many iterations each point of the call took: kernels pass by those that are done.
   *
   * @param taken an int a point, from byte {@code at} on
   */
  void settled(MemorySegment taken, long at) {
    for (int i = unsettled; i < used; i++) {
      Piece piece = pieces.get(i);
      if (piece.iteration > 0) {
        long active = 0;
        for (int n = 0; n < points; n++) {
          active += taken.get(ValueLayout.JAVA_INT, at + 4L * n) >= piece.iteration ? 1 : 0;
        }
        piece.points = active;
      }
    }
    unsettled = used;
  }

  void beginStep(Stream stream, Step step) {
    Piece piece = begin(stream, Span.Kind.PART, step.name());
    piece.step = step;
    piece.begin.record(stream);
  }

  void beginCopy(Stream stream, String name, long bytes) {
    Piece piece = begin(stream, Span.Kind.COPY, name);
    piece.step = null;
    piece.bytes = bytes;
    piece.begin.record(stream);
  }

  private Piece begin(Stream stream, Span.Kind kind, String name) {
    if (ranges != null) {
      if (used > 0 && !pieces.get(used - 1).ended) { // a launch that failed
        ranges.pop();
      }
      ranges.push(name);
    }
    if (used == pieces.size()) {
      pieces.add(new Piece());
    }
    Piece piece = pieces.get(used++);
    piece.kind = kind;
    piece.name = name;
    piece.lane = stream.name();
    piece.points = points;
    piece.iteration = iterating ? iteration : 0;
    piece.ended = false;
    return piece;
  }

  /** Ends what began last. */
  void end(Stream stream) {
    Piece piece = pieces.get(used - 1);
    piece.end.record(stream);
    piece.ended = true;
    if (ranges != null) {
      ranges.pop();
    }
  }

  /**
   * What was recorded since the last call, by its beginning. The device has done it all.
   *
   * @param stream gets the mark from which the next ones count
   */
  List<Span> take(Stream stream) {
    List<Span> spans = new ArrayList<>(used);
    for (Piece piece : pieces.subList(0, used)) {
      if (piece.ended) { // a launch that failed has no end
        spans.add(span(piece));
      }
    }
    used = 0;
    unsettled = 0;
    originate(stream);
    spans.sort(Comparator.comparingLong(Span::beginNanos));
    return spans;
  }

  private Span span(Piece piece) {
    long began = originNanos + piece.begin.nanosSince(origin);
    long nanos = piece.end.nanosSince(piece.begin);
    Work work =
        piece.step == null ? new Work(0, piece.bytes) : costs.of(piece.step, (int) piece.points);
    String detail = piece.step == null ? piece.bytes + " bytes" : piece.step.geometry();
    return new Span(piece.kind, piece.name, piece.lane, began, nanos, 1, work, detail);
  }

  @Override
  public void close() {
    for (Piece piece : pieces) {
      piece.begin.close();
      piece.end.close();
    }
    origin.close();
  }
}
