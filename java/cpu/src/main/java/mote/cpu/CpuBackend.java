package mote.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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
  private final MemorySegment engine;
  private final MemorySegment slots;
  private final MemorySegment templates;
  private final MemorySegment locked;
  private final MemorySegment xy;
  private final MemorySegment visibility;
  private final MemorySegment confidence;
  private final Stages stages = new CpuStages();
  private boolean closed;

  CpuBackend(mote_h functions, Weights weights, Plan plan, Precision precision) {
    this.functions = functions;
    this.plan = plan;
    architecture = weights.architecture();
    arguments = new Arguments(architecture, plan);
    // Shared: a backend may be opened by one thread and used by another.
    arena = Arena.ofShared();
    long frames = (long) architecture.window() * plan.points();
    slots = arena.allocate(ValueLayout.JAVA_INT, architecture.window());
    templates = arena.allocate(ValueLayout.JAVA_INT, plan.points());
    locked = arena.allocate(ValueLayout.JAVA_BYTE, plan.points());
    xy = arena.allocate(ValueLayout.JAVA_FLOAT, 2 * frames);
    visibility = arena.allocate(ValueLayout.JAVA_FLOAT, frames);
    confidence = arena.allocate(ValueLayout.JAVA_FLOAT, frames);
    engine = open(weights, precision);
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
  public void refine(
      int[] slots,
      int count,
      int[] templates,
      boolean[] locked,
      int iterations,
      float[] xy,
      float[] visibility,
      float[] confidence) {
    ensureOpen();
    arguments.refine(slots, count, templates, locked, iterations, xy, visibility, confidence);
    int frames = architecture.window() * count;
    window(slots, count, templates, xy);
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
            this.xy,
            this.visibility,
            this.confidence));
    MemorySegment.copy(this.xy, ValueLayout.JAVA_FLOAT, 0, xy, 0, 2 * frames);
    MemorySegment.copy(this.visibility, ValueLayout.JAVA_FLOAT, 0, visibility, 0, frames);
    if (architecture.hasConfidence()) {
      MemorySegment.copy(this.confidence, ValueLayout.JAVA_FLOAT, 0, confidence, 0, frames);
    }
  }

  private void window(int[] slots, int count, int[] templates, float[] xy) {
    int window = architecture.window();
    MemorySegment.copy(slots, 0, this.slots, ValueLayout.JAVA_INT, 0, window);
    MemorySegment.copy(templates, 0, this.templates, ValueLayout.JAVA_INT, 0, count);
    MemorySegment.copy(xy, 0, this.xy, ValueLayout.JAVA_FLOAT, 0, 2 * window * count);
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

  private void ensureOpen() {
    if (closed) {
      throw new IllegalStateException("CpuBackend is closed: plan=" + plan + "; open a new one");
    }
  }

  /** Single stages are for tests and profilers: their memory comes and goes with the call. */
  private final class CpuStages implements Stages {
    @Override
    public void features(int slot, int level, float[] out) {
      ensureOpen();
      arguments.features(slot, level, out);
      int rows = architecture.levelHeight(plan.height(), plan.stride(), level);
      int columns = architecture.levelWidth(plan.width(), plan.stride(), level);
      int length = rows * columns * architecture.features();
      try (Arena temporary = Arena.ofConfined()) {
        MemorySegment target = temporary.allocate(ValueLayout.JAVA_FLOAT, length);
        check(functions.mote_features(engine, slot, level, target));
        MemorySegment.copy(target, ValueLayout.JAVA_FLOAT, 0, out, 0, length);
      }
    }

    @Override
    public void template(int template, float[] out) {
      ensureOpen();
      arguments.template(template, out);
      int length = architecture.templateSize();
      try (Arena temporary = Arena.ofConfined()) {
        MemorySegment target = temporary.allocate(ValueLayout.JAVA_FLOAT, length);
        check(functions.mote_template(engine, template, target));
        MemorySegment.copy(target, ValueLayout.JAVA_FLOAT, 0, out, 0, length);
      }
    }

    @Override
    public void correlate(
        int[] slots, int count, int[] templates, float[] xy, float[] state, float[] out) {
      ensureOpen();
      arguments.correlate(slots, count, templates, xy, state, out);
      window(slots, count, templates, xy);
      int length = count * architecture.window() * architecture.correlations();
      try (Arena temporary = Arena.ofConfined()) {
        MemorySegment target = temporary.allocate(ValueLayout.JAVA_FLOAT, length);
        check(
            functions.mote_correlate(
                engine,
                CpuBackend.this.slots,
                count,
                CpuBackend.this.templates,
                CpuBackend.this.xy,
                state(temporary, state, count),
                target));
        MemorySegment.copy(target, ValueLayout.JAVA_FLOAT, 0, out, 0, length);
      }
    }

    @Override
    public void mixerInput(
        int[] slots, int count, int[] templates, float[] xy, float[] state, float[] out) {
      ensureOpen();
      arguments.mixerInput(slots, count, templates, xy, state, out);
      window(slots, count, templates, xy);
      int length = count * architecture.window() * architecture.mixerInputs();
      try (Arena temporary = Arena.ofConfined()) {
        MemorySegment target = temporary.allocate(ValueLayout.JAVA_FLOAT, length);
        check(
            functions.mote_mixer_input(
                engine,
                CpuBackend.this.slots,
                count,
                CpuBackend.this.templates,
                CpuBackend.this.xy,
                state(temporary, state, count),
                target));
        MemorySegment.copy(target, ValueLayout.JAVA_FLOAT, 0, out, 0, length);
      }
    }

    private MemorySegment state(Arena temporary, float[] state, int count) {
      if (state == null) {
        return MemorySegment.NULL;
      }
      int length = count * architecture.window() * architecture.stateSize();
      MemorySegment copy = temporary.allocate(ValueLayout.JAVA_FLOAT, length);
      MemorySegment.copy(state, 0, copy, ValueLayout.JAVA_FLOAT, 0, length);
      return copy;
    }

    @Override
    public void mixer(int count, float[] in, float[] out) {
      ensureOpen();
      arguments.mixer(count, in, out);
      int inputs = count * architecture.window() * architecture.mixerInputs();
      int outputs = count * architecture.mixerOutputs();
      try (Arena temporary = Arena.ofConfined()) {
        MemorySegment source = temporary.allocate(ValueLayout.JAVA_FLOAT, inputs);
        MemorySegment target = temporary.allocate(ValueLayout.JAVA_FLOAT, outputs);
        MemorySegment.copy(in, 0, source, ValueLayout.JAVA_FLOAT, 0, inputs);
        check(functions.mote_mixer(engine, count, source, target));
        MemorySegment.copy(target, ValueLayout.JAVA_FLOAT, 0, out, 0, outputs);
      }
    }
  }
}
