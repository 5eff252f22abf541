package mote.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import mote.engine.Architecture;
import mote.engine.Arguments;
import mote.engine.Backend;
import mote.engine.MoteException;
import mote.engine.OpenResources;
import mote.engine.Plan;
import mote.engine.Precision;
import mote.engine.Weights;
import mote.engine.profile.Span;

/**
 * Our kernels on a CUDA device behind the contract. Two streams: encoding copies the picture into
 * pinned memory, or takes it from there, and returns while copy engine and kernels work; what
 * concerns points waits for it on the device, and for its own results once at the end of each call.
 */
final class CudaBackend implements Backend {
  private final Architecture architecture;
  private final Plan plan;
  private final Precision precision;
  private final Gemm gemm;
  private final Form form;
  private final boolean standIn;
  private final Arguments arguments;
  private final Arena arena;
  private final Context context;
  private final Memory memory = new Memory();
  private final Kernels kernels;
  private final Ring ring;
  private final Refiner refiner;
  private final Matcher matcher;
  private final Encodings encodings;
  private Stream encoding;
  private Stream refining;
  private CudaStages stages;
  private Recorder recorder;
  private boolean closed;

  CudaBackend(
      Weights weights,
      Plan plan,
      Precision precision,
      Gemm gemm,
      Form form,
      Driver.Outcome driver) {
    this.plan = plan;
    this.precision = precision;
    this.gemm = gemm;
    this.form = form;
    standIn = driver.standIn();
    architecture = weights.architecture();
    arguments = new Arguments(architecture, plan);
    context = new Context();
    OpenResources.opened("CudaBackend");
    // Shared: a backend may be opened by one thread and used by another.
    arena = Arena.ofShared();
    kernels = new Kernels(context, precision);
    try {
      ring = Ring.declare(architecture, plan, memory, kernels.operandBytes());
      Parameters parameters = new Parameters(weights, memory, precision);
      encodings = new Encodings(plan, context, memory);
      DeviceBuffer partial =
          memory.device("partial sums", Encoder.partialBytes(architecture, plan));
      Layers layers = new Layers(kernels, memory, parameters, arena, partial);
      Encoder.declare(
          layers, kernels, architecture, plan, ring, encodings.picture(), CallLayout.HEADER);
      refiner = new Refiner(kernels, ring, memory, parameters, arena, mixer(parameters, driver));
      matcher = new Matcher(kernels, ring, refiner.buffers, memory, arena);
      memory.allocate();
      parameters.upload();
      open(layers.build());
    } catch (RuntimeException failure) {
      release(failure);
      throw failure;
    }
  }

  private Mixer mixer(Parameters parameters, Driver.Outcome driver) {
    if (gemm == Gemm.CUBLAS) {
      return new CublasMixer(architecture, kernels, memory, parameters, plan.points());
    }
    return form.hopper()
        ? new HopperMixer(architecture, kernels, memory, parameters, driver.library())
        : new MixerWeights(architecture, kernels, memory, parameters);
  }

  private void open(List<Launch> encoder) {
    encoding = new Stream("stream encode");
    refining = new Stream("stream refine");
    encodings.open(encoding, encoder);
    refiner.open(refining);
    matcher.open(refining);
    stages = new CudaStages(this, refiner, arguments);
  }

  @Override
  public String name() {
    return "cuda";
  }

  @Override
  public String description() {
    context.use();
    return "%s%s, compute capability %d.%d, %d multiprocessors, %s%s"
        .formatted(
            standIn ? "STAND-IN on the CPU, slow, for tests: " : "",
            context.name(),
            context.capability() / 10,
            context.capability() % 10,
            context.multiprocessors(),
            precision.id(),
            gemm == Gemm.CUBLAS ? ", mixer by cuBLAS" : form.hopper() ? ", mixer for Hopper" : "");
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
    return precision;
  }

  @Override
  public long bytes() {
    return memory.bytes();
  }

  @Override
  public void encode(int slot, MemorySegment frame, long rowStrideBytes) {
    use();
    arguments.encode(slot, frame, rowStrideBytes);
    refiner.slotChanged(slot);
    encodings.encode(slot, frame, rowStrideBytes);
    arguments.encoded(slot);
  }

  @Override
  public Pin pin(MemorySegment memory) {
    use();
    return encodings.pin(memory);
  }

  @Override
  public void awaitPictures() {
    use();
    encodings.awaitPictures();
  }

  @Override
  public void sample(int slot, int count, int[] templates, float[] xy) {
    use();
    arguments.sample(slot, count, templates, xy);
    encodings.await(refining, slot);
    refiner.sample(slot, count, templates, xy);
    encodings.waited();
    arguments.sampled(count, templates);
  }

  @Override
  public void restore(int count, int[] templates, float[] values) {
    use();
    arguments.restore(count, templates, values);
    stages.restore(count, templates, values);
    arguments.sampled(count, templates);
  }

  @Override
  public void match(int slot, int count, int[] templates, float[] xy, float[] similarity) {
    use();
    arguments.match(slot, count, templates, xy, similarity);
    encodings.await(refining, slot);
    matcher.match(slot, count, templates, xy, similarity);
    encodings.waited();
  }

  @Override
  public void similarity(int slot, int count, int[] templates, float[] xy, float[] similarity) {
    use();
    arguments.similarity(slot, count, templates, xy, similarity);
    encodings.await(refining, slot);
    matcher.similarity(slot, count, templates, xy, similarity);
    encodings.waited();
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
    use();
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
    encodings.await(refining, slots, architecture.window());
    int most =
        refiner.refine(
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
    encodings.waited();
    return most;
  }

  @Override
  public Stages stages() {
    use();
    return stages;
  }

  /** Throws after {@link #close}; makes the context the calling thread's. */
  void use() {
    if (closed) {
      throw new IllegalStateException("CudaBackend is closed: plan=" + plan + "; open a new one");
    }
    context.use();
  }

  /** Records kernels and copies from here on, launched one by one instead of as graphs, or not. */
  void record(boolean on) {
    use();
    if (on == (recorder != null)) {
      return;
    }
    context.synchronise();
    if (on) {
      recorder =
          new Recorder(new KernelCosts(architecture, plan, kernels.operandBytes()), refining);
    } else {
      recorder.close();
      recorder = null;
    }
    encoding.record(recorder);
    refining.record(recorder);
  }

  /** What was recorded since the last call, once the device has done it. */
  List<Span> recorded() {
    use();
    if (recorder == null) {
      return List.of();
    }
    context.synchronise();
    return recorder.take(refining);
  }

  /** Waits for everything on the device. */
  void synchronise() {
    context.synchronise();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    MoteException failure = release(null);
    if (failure != null) {
      throw failure;
    }
  }

  /**
   * Frees everything, in the end with the context itself, whatever fails on the way.
   *
   * @param cause gets failures as suppressed ones; null: the first is returned
   */
  private MoteException release(RuntimeException cause) {
    closed = true;
    OpenResources.closed("CudaBackend");
    return Teardown.run(
        cause,
        context::use,
        this::finish,
        () -> Teardown.close(encodings),
        () -> Teardown.close(refiner),
        () -> Teardown.close(recorder),
        () -> Teardown.close(encoding),
        () -> Teardown.close(refining),
        memory::close,
        kernels::close,
        context::close,
        arena::close);
  }

  private void finish() {
    if (encoding != null && refining != null) {
      context.synchronise();
    }
  }
}
