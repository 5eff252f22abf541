package mote.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.Map;
import mote.cpu.ffi.mote_h;
import mote.engine.Architecture;
import mote.engine.Arguments;
import mote.engine.Backend;

/** Single stages are for tests and profilers: their memory comes and goes with the call. */
final class CpuStages implements Backend.Stages {
  private final CpuBackend backend;
  private final mote_h functions;
  private final MemorySegment engine;
  private final Arguments arguments;
  private final Architecture architecture;

  /**
   * @param engine stays the backend's
   */
  CpuStages(CpuBackend backend, mote_h functions, MemorySegment engine, Arguments arguments) {
    this.backend = backend;
    this.functions = functions;
    this.engine = engine;
    this.arguments = arguments;
    architecture = backend.architecture();
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
  public Map<String, Long> nanos() {
    backend.ensureOpen();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.JAVA_LONG, mote_h.MOTE_STAGES);
      CpuBackend.check(functions, functions.mote_stage_nanos(engine, out));
      Map<String, Long> nanos = new LinkedHashMap<>();
      nanos.put("resize", out.getAtIndex(ValueLayout.JAVA_LONG, mote_h.MOTE_STAGE_RESIZE));
      nanos.put("encoder", out.getAtIndex(ValueLayout.JAVA_LONG, mote_h.MOTE_STAGE_ENCODER));
      nanos.put("pyramid", out.getAtIndex(ValueLayout.JAVA_LONG, mote_h.MOTE_STAGE_PYRAMID));
      nanos.put("sample", out.getAtIndex(ValueLayout.JAVA_LONG, mote_h.MOTE_STAGE_SAMPLE));
      nanos.put("correlate", out.getAtIndex(ValueLayout.JAVA_LONG, mote_h.MOTE_STAGE_CORRELATE));
      nanos.put("embed", out.getAtIndex(ValueLayout.JAVA_LONG, mote_h.MOTE_STAGE_EMBED));
      nanos.put("mixer", out.getAtIndex(ValueLayout.JAVA_LONG, mote_h.MOTE_STAGE_MIXER));
      nanos.put("update", out.getAtIndex(ValueLayout.JAVA_LONG, mote_h.MOTE_STAGE_UPDATE));
      nanos.put("match", out.getAtIndex(ValueLayout.JAVA_LONG, mote_h.MOTE_STAGE_MATCH));
      return nanos;
    }
  }
}
