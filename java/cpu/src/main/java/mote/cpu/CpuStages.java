package mote.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mote.cpu.ffi.mote_h;
import mote.cpu.ffi.mote_span;
import mote.engine.Architecture;
import mote.engine.Arguments;
import mote.engine.Backend;
import mote.engine.MoteException;
import mote.engine.profile.Costs;
import mote.engine.profile.Span;
import mote.engine.profile.Work;

/** Single stages are for tests and profilers: their memory comes and goes with the call. */
final class CpuStages implements Backend.Stages {
  /** By their number in mote.h. */
  private static final List<String> STAGES =
      List.of(
          "resize",
          "encoder",
          "pyramid",
          "sample",
          "correlate",
          "embed",
          "mixer",
          "update",
          "match",
          "similarity");

  /** Stages that a call and the encodings before it may have, recorded one by one. */
  private static final int MOST_SPANS = 1 << 17;

  private final CpuBackend backend;
  private final mote_h functions;
  private final MemorySegment engine;
  private final Arguments arguments;
  private final Architecture architecture;
  private final Costs costs;

  /** Room for what is recorded; null while nothing is. */
  private MemorySegment spans;

  /**
   * @param engine stays the backend's
   */
  CpuStages(CpuBackend backend, mote_h functions, MemorySegment engine, Arguments arguments) {
    this.backend = backend;
    this.functions = functions;
    this.engine = engine;
    this.arguments = arguments;
    architecture = backend.architecture();
    costs = new Costs(architecture, backend.plan(), Float.BYTES);
  }

  /** A call that fills a target; what else it needs is of the same arena. */
  @FunctionalInterface
  private interface Call {
    int run(Arena arena, MemorySegment target);
  }

  /** Runs a call and takes over what it filled. */
  private void read(float[] out, int length, Call call) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment target = arena.allocate(ValueLayout.JAVA_FLOAT, length);
      CpuBackend.check(functions, call.run(arena, target));
      MemorySegment.copy(target, ValueLayout.JAVA_FLOAT, 0, out, 0, length);
    }
  }

  private static MemorySegment floats(Arena arena, float[] values, int length) {
    MemorySegment copy = arena.allocate(ValueLayout.JAVA_FLOAT, length);
    MemorySegment.copy(values, 0, copy, ValueLayout.JAVA_FLOAT, 0, length);
    return copy;
  }

  @Override
  public void features(int slot, int level, float[] out) {
    backend.ensureOpen();
    arguments.features(slot, level, out);
    int rows = architecture.levelHeight(backend.plan().height(), backend.plan().stride(), level);
    int columns = architecture.levelWidth(backend.plan().width(), backend.plan().stride(), level);
    read(
        out,
        rows * columns * architecture.features(),
        (arena, target) -> functions.mote_features(engine, slot, level, target));
  }

  @Override
  public void template(int template, float[] out) {
    backend.ensureOpen();
    arguments.template(template, out);
    read(
        out,
        architecture.templateSize(),
        (arena, target) -> functions.mote_template(engine, template, target));
  }

  /** mote_correlate or mote_mixer_input. */
  @FunctionalInterface
  private interface WindowCall {
    int run(
        MemorySegment engine,
        MemorySegment slots,
        int count,
        MemorySegment templates,
        MemorySegment xy,
        MemorySegment state,
        MemorySegment target);
  }

  @Override
  public void correlate(
      int[] slots, int count, int[] templates, float[] xy, float[] state, float[] out) {
    backend.ensureOpen();
    arguments.correlate(slots, count, templates, xy, state, out);
    int length = count * architecture.window() * architecture.correlations();
    read(out, length, window(functions::mote_correlate, slots, count, templates, xy, state));
  }

  @Override
  public void mixerInput(
      int[] slots, int count, int[] templates, float[] xy, float[] state, float[] out) {
    backend.ensureOpen();
    arguments.mixerInput(slots, count, templates, xy, state, out);
    int length = count * architecture.window() * architecture.mixerInputs();
    read(out, length, window(functions::mote_mixer_input, slots, count, templates, xy, state));
  }

  private Call window(
      WindowCall call, int[] slots, int count, int[] templates, float[] xy, float[] state) {
    int rows = count * architecture.window();
    return (arena, target) ->
        call.run(
            engine,
            arena.allocateFrom(ValueLayout.JAVA_INT, slots),
            count,
            arena.allocateFrom(ValueLayout.JAVA_INT, templates),
            floats(arena, xy, 2 * rows),
            state == null
                ? MemorySegment.NULL
                : floats(arena, state, rows * architecture.stateSize()),
            target);
  }

  @Override
  public void mixer(int count, float[] in, float[] out) {
    backend.ensureOpen();
    arguments.mixer(count, in, out);
    int inputs = count * architecture.window() * architecture.mixerInputs();
    read(
        out,
        count * architecture.mixerOutputs(),
        (arena, target) -> functions.mote_mixer(engine, count, floats(arena, in, inputs), target));
  }

  @Override
  public void record(boolean on) {
    backend.ensureOpen();
    CpuBackend.check(functions, functions.mote_record_spans(engine, on ? MOST_SPANS : 0));
    spans = on ? Arena.ofAuto().allocate(mote_span.layout(), MOST_SPANS) : null;
  }

  @Override
  public List<Span> take() {
    backend.ensureOpen();
    if (spans == null) {
      return List.of();
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
      MemorySegment lost = arena.allocate(ValueLayout.JAVA_LONG);
      CpuBackend.check(
          functions, functions.mote_take_spans(engine, MOST_SPANS, spans, count, lost));
      if (lost.get(ValueLayout.JAVA_LONG, 0) > 0) {
        throw new MoteException(
            "profile has no room for a call's stages: lost=%d; give fewer points or iterations"
                .formatted(lost.get(ValueLayout.JAVA_LONG, 0)));
      }
      List<Span> taken = new ArrayList<>();
      for (int i = 0; i < count.get(ValueLayout.JAVA_INT, 0); i++) {
        taken.add(span(mote_span.asSlice(spans, i)));
      }
      taken.sort(Comparator.comparingLong(Span::beginNanos));
      return taken;
    }
  }

  private Span span(MemorySegment span) {
    String name = STAGES.get(mote_span.stage(span));
    int points = mote_span.points(span);
    Work work =
        switch (mote_span.stage(span)) {
          case mote_h.MOTE_STAGE_RESIZE -> costs.resize();
          case mote_h.MOTE_STAGE_ENCODER -> costs.encoder();
          case mote_h.MOTE_STAGE_PYRAMID -> costs.pyramid();
          case mote_h.MOTE_STAGE_SAMPLE -> costs.sample(points);
          case mote_h.MOTE_STAGE_CORRELATE -> costs.correlate(points);
          case mote_h.MOTE_STAGE_EMBED -> costs.correlationLinear(points).plus(costs.embed(points));
          case mote_h.MOTE_STAGE_MIXER -> costs.mixer(points);
          case mote_h.MOTE_STAGE_UPDATE -> costs.updateFeatures(points).plus(costs.update(points));
          case mote_h.MOTE_STAGE_MATCH -> costs.match(points);
          case mote_h.MOTE_STAGE_SIMILARITY -> costs.similarity(points);
          default -> throw new IllegalStateException("stage is unknown: name=" + name);
        };
    int apart = mote_span.apart(span);
    return new Span(
        Span.Kind.PART,
        name,
        "thread " + mote_span.thread(span),
        mote_span.begin_nanos(span),
        mote_span.nanos(span),
        apart,
        work,
        points == 0 ? "" : points + (points == 1 ? " point" : " points"));
  }

  @Override
  public Map<String, Long> nanos() {
    backend.ensureOpen();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.JAVA_LONG, mote_h.MOTE_STAGES);
      CpuBackend.check(functions, functions.mote_stage_nanos(engine, out));
      Map<String, Long> nanos = new LinkedHashMap<>();
      for (int stage = 0; stage < mote_h.MOTE_STAGES; stage++) {
        nanos.put(STAGES.get(stage), out.getAtIndex(ValueLayout.JAVA_LONG, stage));
      }
      return nanos;
    }
  }
}
