package mote.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import mote.engine.Architecture;
import mote.engine.Arguments;
import mote.engine.Backend;
import mote.engine.Precision;
import mote.engine.profile.Span;

/** Single stages are for tests and profilers: their memory comes and goes with the call. */
final class CudaStages implements Backend.Stages {
  private final CudaBackend backend;
  private final Refiner refiner;
  private final Arguments arguments;
  private final Architecture architecture;
  private final PointBuffers buffers;
  private final PointBuffers.Widths widths;
  private final Precision precision;
  private final int operandBytes;

  CudaStages(CudaBackend backend, Refiner refiner, Arguments arguments) {
    this.backend = backend;
    this.refiner = refiner;
    this.arguments = arguments;
    architecture = backend.architecture();
    buffers = refiner.buffers;
    widths = new PointBuffers.Widths(architecture);
    precision = backend.precision();
    operandBytes = refiner.kernels.operandBytes();
  }

  /**
   * Reads rows of operands.
   *
   * @param first element of the buffer
   * @param pitch elements from a row to the next
   * @param skip elements before those that are read in a row
   * @param at where the first row goes
   * @param step values of out from a row to the next
   */
  private void read(
      DeviceBuffer from,
      long first,
      int rows,
      int pitch,
      int skip,
      int size,
      float[] out,
      int at,
      int step) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate((long) rows * pitch * operandBytes, 16);
      from.download(first * operandBytes, host);
      for (int row = 0; row < rows; row++) {
        for (int i = 0; i < size; i++) {
          out[at + row * step + i] = Packing.get(host, precision, (long) row * pitch + skip + i);
        }
      }
    }
  }

  @Override
  public void features(int slot, int level, float[] out) {
    backend.use();
    arguments.features(slot, level, out);
    backend.synchronise();
    Ring ring = refiner.ring;
    int pixels = ring.height(level) * ring.width(level);
    int features = architecture.features();
    long first = slot * ring.slotSize() + ring.levelOffsets()[level];
    read(ring.maps(), first, pixels, ring.pitch(), 0, features, out, 0, features);
  }

  @Override
  public void template(int template, float[] out) {
    backend.use();
    arguments.template(template, out);
    int features = architecture.features();
    int pitch = widths.features();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(ValueLayout.JAVA_FLOAT, widths.template());
      buffers.templates().download(4L * template * widths.template(), host);
      for (int vector = 0; vector < widths.template() / pitch; vector++) {
        MemorySegment.copy(
            host, ValueLayout.JAVA_FLOAT, 4L * vector * pitch, out, vector * features, features);
      }
    }
  }

  /** As {@link Backend#restore}; the arguments are checked. */
  void restore(int count, int[] templates, float[] values) {
    int features = architecture.features();
    int pitch = widths.features();
    int size = architecture.templateSize();
    refiner.templatesChanged(count, templates);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(ValueLayout.JAVA_FLOAT, widths.template());
      for (int n = 0; n < count; n++) {
        for (int vector = 0; vector < size / features; vector++) {
          MemorySegment.copy(
              values,
              n * size + vector * features,
              host,
              ValueLayout.JAVA_FLOAT,
              4L * vector * pitch,
              features);
        }
        buffers.templates().upload(4L * templates[n] * widths.template(), host);
      }
    }
    backend.synchronise();
  }

  @Override
  public void record(boolean on) {
    backend.record(on);
  }

  @Override
  public void push(String range) {
    Nvtx.Outcome nvtx = Nvtx.outcome();
    if (nvtx.ranges() != null) {
      nvtx.ranges().push(range);
    }
  }

  @Override
  public void pop() {
    Nvtx.Outcome nvtx = Nvtx.outcome();
    if (nvtx.ranges() != null) {
      nvtx.ranges().pop();
    }
  }

  @Override
  public String ranges() {
    return Nvtx.outcome().taker();
  }

  @Override
  public List<Span> take() {
    return backend.recorded();
  }

  /** Runs the stages before the mixer with a state of the contract's form. */
  private void run(
      int[] slots, int count, int[] templates, float[] xy, float[] state, boolean embedded) {
    backend.synchronise();
    if (state == null) {
      refiner.stages(slots, count, templates, xy, null, embedded);
      return;
    }
    int rows = count * architecture.window();
    int size = architecture.stateSize();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(ValueLayout.JAVA_FLOAT, (long) rows * widths.state());
      for (int row = 0; row < rows; row++) {
        MemorySegment.copy(
            state, row * size, host, ValueLayout.JAVA_FLOAT, 4L * row * widths.state(), size);
      }
      refiner.stages(slots, count, templates, xy, host, embedded);
    }
  }

  @Override
  public void correlate(
      int[] slots, int count, int[] templates, float[] xy, float[] state, float[] out) {
    backend.use();
    arguments.correlate(slots, count, templates, xy, state, out);
    run(slots, count, templates, xy, state, false);
    int rows = count * architecture.window();
    int size = architecture.patch() * architecture.positions();
    boolean pips = architecture.family() == Architecture.Family.PIPS;
    for (int level = 0; level < architecture.levels(); level++) {
      read(
          pips ? buffers.input() : buffers.correlations(),
          0,
          rows,
          pips ? widths.input() : widths.correlation(),
          (pips ? architecture.features() : 0) + level * widths.level(),
          size,
          out,
          level * size,
          architecture.correlations());
    }
  }

  @Override
  public void mixerInput(
      int[] slots, int count, int[] templates, float[] xy, float[] state, float[] out) {
    backend.use();
    arguments.mixerInput(slots, count, templates, xy, state, out);
    run(slots, count, templates, xy, state, true);
    int rows = count * architecture.window();
    int inputs = architecture.mixerInputs();
    read(buffers.input(), 0, rows, widths.input(), 0, inputs, out, 0, inputs);
  }

  @Override
  public void mixer(int count, float[] in, float[] out) {
    backend.use();
    arguments.mixer(count, in, out);
    int rows = count * architecture.window();
    int inputs = architecture.mixerInputs();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate((long) rows * widths.input() * operandBytes, 16);
      for (int row = 0; row < rows; row++) {
        for (int i = 0; i < inputs; i++) {
          Packing.set(host, precision, (long) row * widths.input() + i, in[row * inputs + i]);
        }
      }
      buffers.input().upload(0, host);
      refiner.mix(count);
      int outputs = count * architecture.mixerOutputs();
      MemorySegment result = arena.allocate(ValueLayout.JAVA_FLOAT, outputs);
      buffers.delta().download(0, result);
      MemorySegment.copy(result, ValueLayout.JAVA_FLOAT, 0, out, 0, outputs);
    }
  }
}
