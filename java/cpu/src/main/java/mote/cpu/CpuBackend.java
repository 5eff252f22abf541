package mote.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import mote.cpu.ffi.mote_h;
import mote.engine.Architecture;
import mote.engine.Arguments;
import mote.engine.Backend;
import mote.engine.MoteException;
import mote.engine.OpenResources;
import mote.engine.Plan;
import mote.engine.Precision;
import mote.engine.Weights;

/**
 * The native CPU engine behind the contract. Arrays are copied into native memory that was
 * allocated at open (some kilobytes a call, against milliseconds of work); pictures go in as they
 * are.
 */
final class CpuBackend implements Backend {
  private final mote_h functions;
  private final Architecture architecture;
  private final Plan plan;
  private final Arguments arguments;
  private final Arena arena;

  /** The weights' memory: the engine reads it where it lies. */
  private final MemorySegment.Scope parameters;

  private final MemorySegment engine;
  private final MemorySegment slots;
  private final MemorySegment templates;
  private final MemorySegment locked;
  private final MemorySegment xy;
  private final MemorySegment visibility;
  private final MemorySegment confidence;
  private final MemorySegment done;
  private final MemorySegment values;
  private final Stages stages;
  private boolean closed;

  CpuBackend(mote_h functions, Weights weights, Plan plan, Precision precision) {
    this.functions = functions;
    this.plan = plan;
    architecture = weights.architecture();
    arguments = new Arguments(architecture, plan);
    parameters = weights.tensor(architecture.shapes().keySet().iterator().next()).scope();
    // Shared: a backend may be opened by one thread and used by another.
    arena = Arena.ofShared();
    long frames = (long) architecture.window() * plan.points();
    slots = arena.allocate(ValueLayout.JAVA_INT, architecture.window());
    templates = arena.allocate(ValueLayout.JAVA_INT, plan.points());
    locked = arena.allocate(ValueLayout.JAVA_BYTE, plan.points());
    xy = arena.allocate(ValueLayout.JAVA_FLOAT, 2 * frames);
    visibility = arena.allocate(ValueLayout.JAVA_FLOAT, frames);
    confidence = arena.allocate(ValueLayout.JAVA_FLOAT, frames);
    done = arena.allocate(ValueLayout.JAVA_INT);
    values = arena.allocate(ValueLayout.JAVA_FLOAT, architecture.templateSize());
    engine = open(weights, precision);
    stages = new CpuStages(this, functions, engine, arguments);
    OpenResources.opened("CpuBackend");
  }

  private MemorySegment open(Weights weights, Precision precision) {
    try (Arena temporary = Arena.ofConfined()) {
      MemorySegment handle = temporary.allocate(ValueLayout.ADDRESS);
      int count = architecture.shapes().size();
      check(
          functions.mote_open(
              Configuration.config(temporary, architecture, plan, precision),
              Configuration.tensors(temporary, weights),
              count,
              handle));
      return handle.get(ValueLayout.ADDRESS, 0);
    } catch (RuntimeException failure) {
      arena.close();
      throw failure;
    }
  }

  private void check(int status) {
    check(functions, status);
  }

  /** Turns a status into an exception with the engine's own text. */
  static void check(mote_h functions, int status) {
    if (status != mote_h.MOTE_OK) {
      throw new MoteException(text(functions.mote_last_error()));
    }
  }

  @SuppressWarnings("restricted") // a zero-terminated text of at most 512 bytes
  private static String text(MemorySegment pointer) {
    return pointer.reinterpret(512).getString(0);
  }

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public String description() {
    ensureOpen();
    return text(functions.mote_description(engine));
  }

  @Override
  public Architecture architecture() {
    return architecture;
  }

  @Override
  public Plan plan() {
    return plan;
  }

  @Override
  public Precision precision() {
    ensureOpen();
    return functions.mote_precision(engine) == mote_h.MOTE_PRECISION_BF16
        ? Precision.BF16
        : Precision.F32;
  }

  @Override
  public long bytes() {
    ensureOpen();
    return functions.mote_bytes(engine)
        + xy.byteSize()
        + visibility.byteSize()
        + confidence.byteSize();
  }

  @Override
  public void encode(int slot, MemorySegment picture, long rowStrideBytes) {
    ensureOpen();
    arguments.encode(slot, picture, rowStrideBytes);
    check(functions.mote_encode(engine, slot, picture, rowStrideBytes));
    arguments.encoded(slot);
  }

  @Override
  public void sample(int slot, int count, int[] templates, float[] xy) {
    ensureOpen();
    arguments.sample(slot, count, templates, xy);
    MemorySegment.copy(templates, 0, this.templates, ValueLayout.JAVA_INT, 0, count);
    MemorySegment.copy(xy, 0, this.xy, ValueLayout.JAVA_FLOAT, 0, 2 * count);
    check(functions.mote_sample(engine, slot, count, this.templates, this.xy));
    arguments.sampled(count, templates);
  }

  @Override
  public void restore(int count, int[] templates, float[] values) {
    ensureOpen();
    arguments.restore(count, templates, values);
    int size = architecture.templateSize();
    // Point by point, through memory for one.
    for (int n = 0; n < count; n++) {
      MemorySegment.copy(values, n * size, this.values, ValueLayout.JAVA_FLOAT, 0, size);
      check(functions.mote_restore(engine, templates[n], this.values));
    }
    arguments.sampled(count, templates);
  }

  @Override
  public void match(int slot, int count, int[] templates, float[] xy, float[] similarity) {
    ensureOpen();
    arguments.match(slot, count, templates, xy, similarity);
    MemorySegment.copy(templates, 0, this.templates, ValueLayout.JAVA_INT, 0, count);
    // There is room for two numbers a point where a window's visibilities go.
    check(functions.mote_match(engine, slot, count, this.templates, this.xy, visibility));
    MemorySegment.copy(this.xy, ValueLayout.JAVA_FLOAT, 0, xy, 0, 2 * count);
    MemorySegment.copy(visibility, ValueLayout.JAVA_FLOAT, 0, similarity, 0, 2 * count);
  }

  @Override
  public void similarity(int slot, int count, int[] templates, float[] xy, float[] similarity) {
    ensureOpen();
    arguments.similarity(slot, count, templates, xy, similarity);
    MemorySegment.copy(templates, 0, this.templates, ValueLayout.JAVA_INT, 0, count);
    MemorySegment.copy(xy, 0, this.xy, ValueLayout.JAVA_FLOAT, 0, 2 * count);
    check(functions.mote_similarity(engine, slot, count, this.templates, this.xy, visibility));
    MemorySegment.copy(visibility, ValueLayout.JAVA_FLOAT, 0, similarity, 0, count);
  }

  @Override
  public int refine(
      int[] slots,
      int count,
      int[] templates,
      boolean[] locked,
      int iterations,
      float settle,
      float[] xy,
      float[] visibility,
      float[] confidence,
      int compared,
      float[] similarity) {
    ensureOpen();
    arguments.refine(
        slots,
        count,
        templates,
        locked,
        iterations,
        settle,
        xy,
        visibility,
        confidence,
        compared,
        similarity);
    int frames = architecture.window() * count;
    MemorySegment.copy(slots, 0, this.slots, ValueLayout.JAVA_INT, 0, architecture.window());
    MemorySegment.copy(templates, 0, this.templates, ValueLayout.JAVA_INT, 0, count);
    MemorySegment.copy(xy, 0, this.xy, ValueLayout.JAVA_FLOAT, 0, 2 * frames);
    if (architecture.family() == Architecture.Family.MOTE) {
      for (int i = 0; i < count; i++) {
        this.locked.set(ValueLayout.JAVA_BYTE, i, (byte) (locked[i] ? 1 : 0));
      }
    }
    check(
        functions.mote_refine(
            engine,
            this.slots,
            count,
            this.templates,
            this.locked,
            iterations,
            settle,
            this.xy,
            this.visibility,
            this.confidence,
            done));
    MemorySegment.copy(this.xy, ValueLayout.JAVA_FLOAT, 0, xy, 0, 2 * frames);
    MemorySegment.copy(this.visibility, ValueLayout.JAVA_FLOAT, 0, visibility, 0, frames);
    if (architecture.hasConfidence()) {
      MemorySegment.copy(this.confidence, ValueLayout.JAVA_FLOAT, 0, confidence, 0, frames);
    }
    if (compared >= 0) {
      compare(slots[compared], count, compared, similarity);
    }
    return done.get(ValueLayout.JAVA_INT, 0);
  }

  /** Templates and estimates are where the window's call had them. */
  private void compare(int slot, int count, int compared, float[] similarity) {
    MemorySegment.copy(xy, 8L * compared * count, xy, 0, 8L * count);
    for (int i = 0; i < 2 * count; i++) {
      if (!Float.isFinite(xy.getAtIndex(ValueLayout.JAVA_FLOAT, i))) {
        Arrays.fill(similarity, 0, count, Float.NaN);
        return;
      }
    }
    check(functions.mote_similarity(engine, slot, count, templates, xy, visibility));
    MemorySegment.copy(visibility, ValueLayout.JAVA_FLOAT, 0, similarity, 0, count);
  }

  @Override
  public Stages stages() {
    ensureOpen();
    return stages;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      int status = functions.mote_close(engine);
      arena.close();
      OpenResources.closed("CpuBackend");
      check(status);
    }
  }

  void ensureOpen() {
    if (closed) {
      throw new IllegalStateException("CpuBackend is closed: plan=" + plan + "; open a new one");
    }
    if (!parameters.isAlive()) {
      throw new IllegalStateException(
          "CpuBackend's weights are closed: plan=" + plan + "; close the backend before them");
    }
  }
}
