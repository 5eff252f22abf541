package mote.engine.live;

import java.lang.foreign.MemorySegment;
import mote.engine.Backend;
import mote.engine.BackendProvider;
import mote.engine.MoteException;
import mote.engine.Plan;
import mote.engine.Weights;

/**
 * Tracks points live: a frame goes in, and the positions of all points in that frame come out,
 * without looking ahead. Each frame is encoded once; its features stay in a ring. Points join,
 * leave, move and freeze at any time, up to a capacity that is fixed at open. Nothing is allocated
 * by {@link #push}, on the heap or on the device, save what a backend makes once for each size of
 * call, when it first occurs, and memory does not depend on how long the stream lasts. The same
 * calls give the same numbers, bit for bit, on one backend.
 *
 * <p>Positions are pixels of the frames as they come. A tracker is used by one thread at a time.
 * Every operation throws {@link IllegalStateException} after {@link #close}.
 */
public final class LiveTracker implements AutoCloseable {
  private final Weights weights;
  private final BackendProvider provider;
  private final LiveOptions options;
  private final SightModel model;
  private final PointTable table;
  private final LivePoints points;
  private final PinnedMemory pinned = new PinnedMemory();
  private Backend backend;
  private FrameRing ring;
  private LiveWindows windows;
  private LiveTemplates templates;
  private LiveSight sight;
  private LiveCarrier carrier;
  private CutDetector cuts;
  private long frame = -1;

  /** Whether somebody said that the next frame shows another scene. */
  private boolean cut;

  private int iterations;
  private boolean closed;

  private LiveTracker(
      Weights weights,
      BackendProvider provider,
      LiveOptions options,
      SightModel model,
      Backend backend) {
    this.weights = weights;
    this.model = model;
    this.provider = provider;
    this.options = options;
    table = new PointTable(options.capacity(), weights.architecture().window());
    points = new LivePoints(this);
    use(backend);
  }

  /**
   * Opens a backend for frames of that size, with every buffer for {@code options.capacity()}
   * points.
   *
   * @param weights stay owned by the caller; open until the tracker is closed
   * @param provider as {@link mote.engine.Backends#choose} found it
   * @throws MoteException if the model cannot be opened for these sizes, or the options ask for
   *     searches and the weights have nothing that would judge what is found
   */
  public static LiveTracker open(
      Weights weights, BackendProvider provider, LiveOptions options, int height, int width) {
    SightModel model = SightModel.of(weights);
    if (model == null && options.searches() > 0) {
      throw new MoteException(
          "weights have no mote.sight to search with: model=%s, searches=%d; use others, or no search"
              .formatted(weights.architecture().name(), options.searches()));
    }
    Plan plan = options.plan(weights.architecture(), height, width);
    Backend backend = provider.open(weights, plan, options.precision());
    return new LiveTracker(weights, provider, options, model, backend);
  }

  private void use(Backend opened) {
    backend = opened;
    ring = new FrameRing(opened.plan().slots());
    int most = options.iterations(opened.architecture());
    int searches = options.searches(model != null);
    windows = new LiveWindows(opened, table, ring, most, options.settle(), searches > 0);
    templates = new LiveTemplates(opened, table, ring, searches > 0);
    sight = new LiveSight(opened, table, ring, windows, model, searches);
    boolean carries = options.carries(opened.architecture());
    carrier = new LiveCarrier(table, opened.plan().points(), carries);
    cuts = options.cuts() ? new CutDetector(opened.plan()) : null;
  }

  /**
   * Lets a device read pictures straight from this memory, where pictures that are pushed lie: see
   * {@link Backend#pin}. For slabs that frames are received into again and again.
   *
   * @param memory outlives this tracker; native, page-aligned
   * @throws MoteException if the device cannot
   */
  public void pin(MemorySegment memory) {
    ensureOpen();
    pinned.add(backend, memory);
  }

  /**
   * Encodes the next frame and follows all points into it. Frames alike are followed without any
   * allocation; a backend may prepare work once for each size of call, when it first occurs ({@code
   * cuda} captures a graph), and that frame takes longer.
   *
   * @param frame its number, greater than the last one's; there may be gaps
   * @param picture {@link #height} rows of {@link #width} RGB uint8 triples; native memory; not
   *     kept after the call
   * @param rowStrideBytes from a row to the next, at least {@code 3 * width}
   * @return {@link #points}
   * @throws MoteException if the number does not grow, or the device fails
   */
  public LivePoints push(long frame, MemorySegment picture, long rowStrideBytes) {
    ensureOpen();
    if (frame <= this.frame) {
      throw new MoteException(
          "frame numbers do not grow: frame=%d, last=%d; number the frames upwards"
              .formatted(frame, this.frame));
    }
    templates.learn();
    backend.encode(ring.next(), picture, rowStrideBytes);
    boolean scene = cuts != null && cuts.isCut(picture, rowStrideBytes) || cut;
    cut = false;
    ring.append(frame, scene);
    this.frame = frame;
    long step = ring.newest();
    for (int row = 0; row < table.count(); row++) {
      enter(row, step);
    }
    iterations = windows.follow(step);
    sight.look(0, table.count(), step);
    carrier.carry(0, table.count(), step);
    backend.awaitPictures();
    return points;
  }

  /** Brings a row to a step that it has not been followed into yet. */
  private void enter(int row, long step) {
    if (ring.beginsScene(step)) {
      if (table.state[row] != PointState.FROZEN) {
        table.lose(row, step);
      }
      forget(row); // a frozen one's neighbours, too, are of the scene before
    }
    table.hold(row, step);
  }

  /** The points in the newest frame: always the same object. */
  public LivePoints points() {
    return points;
  }

  /**
   * Adds a point where it is seen in a frame that was pushed. In the newest frame it is taken at
   * its word; from an earlier one it is followed to the newest at once, as if it had been added
   * then, save that nobody carries it in between where it was hidden. Where that fails the point is
   * not there; its identity is used up.
   *
   * @param frame the newest, or one that is still in the ring
   * @param x pixels of the frame
   * @param y pixels of the frame
   * @return the point's identity: 0, 1, 2, ...; never used again
   * @throws MoteException if the frame is not in the ring, the point lies outside the picture, or
   *     the capacity is used up
   */
  public long add(long frame, float x, float y) {
    ensureOpen();
    long step = ring.step(frame);
    templates.requireInside(x, y);
    table.requireRoom();
    templates.take(table.nextTemplate(), step, x, y);
    int row = table.add();
    templates.begin(row, step, step);
    forget(row);
    try {
      catchUp(row, step);
    } catch (RuntimeException | Error failure) {
      table.remove(row);
      throw failure;
    }
    return table.id(row);
  }

  /**
   * Corrects a point: its position is set and its template taken anew, with the same identity. A
   * frozen point stays frozen, at the new position.
   *
   * @throws MoteException as {@link #add}, or if the point is not live
   */
  public void move(long point, long frame, float x, float y) {
    ensureOpen();
    int row = table.row(point);
    long step = ring.step(frame);
    templates.requireInside(x, y);
    boolean frozen = table.state[row] == PointState.FROZEN;
    templates.take(table.template[row], step, x, y);
    templates.begin(row, step, frozen ? ring.newest() : step);
    sight.forget(row);
    carrier.moved(row);
    if (frozen) {
      table.state[row] = PointState.FROZEN;
    } else {
      catchUp(row, step);
    }
  }

  /** Follows a row that begins in a past step to the newest. */
  private void catchUp(int row, long step) {
    if (step == ring.newest()) {
      return;
    }
    templates.learn();
    for (long later = step + 1; later <= ring.newest(); later++) {
      enter(row, later);
      if (table.origin[row] < later) { // nothing leads into a frame that begins a scene
        windows.follow(row, later);
      }
      sight.look(row, row + 1, later);
    }
    carrier.carry(row, row + 1, ring.newest());
  }

  /**
   * Ends a point; its place is free for another.
   *
   * @throws MoteException if the point is not live
   */
  public void remove(long point) {
    ensureOpen();
    table.remove(table.row(point));
  }

  /**
   * Holds a point where it is: its position stays, nothing is computed for it.
   *
   * @throws MoteException if the point is not live
   */
  public void freeze(long point) {
    ensureOpen();
    table.state[table.row(point)] = PointState.FROZEN;
  }

  /**
   * Lets a frozen point go: it is followed from where it is now, with the template that it has. One
   * that was hidden when it was frozen is looked for.
   *
   * @throws MoteException if the point is not live or not frozen
   */
  public void thaw(long point) {
    ensureOpen();
    int row = table.row(point);
    table.thaw(row, ring.newest());
    forget(row); // the others may have gone far meanwhile
  }

  private void forget(int row) {
    sight.forget(row);
    carrier.forget(row);
  }

  /**
   * The next frame shows another scene: from then on nothing before it is looked at, and all points
   * that are not frozen then are hidden until they are found. Until that frame nothing changes.
   */
  public void cut() {
    ensureOpen();
    cut = true;
  }

  /**
   * The next frames have another size: opens a backend for it before the one so far is closed. The
   * points keep their identities and templates and lie at the same part of the picture; they are
   * hidden until they are found.
   *
   * @throws MoteException if the model cannot be opened for that size; everything is as before then
   */
  public void resize(int height, int width) {
    ensureOpen();
    templates.learn(); // from the frames so far
    Backend before = backend;
    Plan plan = options.plan(weights.architecture(), height, width);
    Backend after = provider.open(weights, plan, options.precision());
    try {
      templates.copyTo(after);
      pinned.moveTo(after);
    } catch (RuntimeException failure) {
      pinned.moveTo(before);
      after.close();
      throw failure;
    }
    table.rescale(ring.newest(), before.plan(), plan);
    use(after);
    before.close();
  }

  /** Rows of the frames that are expected. */
  public int height() {
    return backend.plan().sourceHeight();
  }

  /** Columns of the frames that are expected. */
  public int width() {
    return backend.plan().sourceWidth();
  }

  /** The number of the newest frame; -1 before the first. */
  public long frame() {
    return frame;
  }

  /** Iterations that the newest frame took, of the point that took the most. */
  public int iterations() {
    return iterations;
  }

  /** What the points are tracked on; closed by {@link #resize} and {@link #close}. */
  public Backend backend() {
    return backend;
  }

  public LiveOptions options() {
    return options;
  }

  PointTable table() {
    ensureOpen();
    return table;
  }

  FrameRing ring() {
    return ring;
  }

  private void ensureOpen() {
    if (closed) {
      throw new IllegalStateException("LiveTracker is closed: frame=" + frame + "; open a new one");
    }
  }

  /** Closes the backend; a second call does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      try {
        pinned.close();
      } finally {
        backend.close();
      }
    }
  }
}
