package mote.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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
 * pinned memory and returns while copy engine and kernels work; what concerns points waits for it
 * on the device, and for its own results once at the end of each call.
 */
final class CudaBackend implements Backend {
  /** Pictures that may be on their way to the device at once. */
  private static final int PICTURES = 2;

  private final Architecture architecture;
  private final Plan plan;
  private final Precision precision;
  private final Gemm gemm;
  private final boolean standIn;
  private final Arguments arguments;
  private final Arena arena;
  private final Context context;
  private final Memory memory = new Memory();
  private final Kernels kernels;
  private final Ring ring;
  private final Refiner refiner;
  private final Matcher matcher;
  private final DeviceBuffer picture;
  private final PinnedBuffer[] pictures = new PinnedBuffer[PICTURES];
  private final Graph[] encodings = new Graph[PICTURES];
  private final Stream.Event[] encoded = new Stream.Event[PICTURES];
  private final long pictureBytes;
  private Stream encoding;
  private Stream refining;
  private CudaStages stages;
  private Recorder recorder;
  private final long[] encodingOf;
  private long encodingsBegun;
  private int next;
  private boolean closed;

  CudaBackend(Weights weights, Plan plan, Precision precision, Gemm gemm, boolean standIn) {
    this.plan = plan;
    this.precision = precision;
    this.gemm = gemm;
    this.standIn = standIn;
    architecture = weights.architecture();
    arguments = new Arguments(architecture, plan);
    encodingOf = new long[plan.slots()];
    context = new Context();
    OpenResources.opened("CudaBackend");
    // Shared: a backend may be opened by one thread and used by another.
    arena = Arena.ofShared();
    kernels = new Kernels(context, precision);
    try {
      ring = Ring.declare(architecture, plan, memory, kernels.operandBytes());
      Parameters parameters = new Parameters(weights, memory, precision);
      pictureBytes = CallLayout.HEADER + 3L * plan.sourceWidth() * plan.sourceHeight();
      picture = memory.device("picture", pictureBytes);
      for (int i = 0; i < PICTURES; i++) {
        pictures[i] = memory.pinned("picture " + i, pictureBytes);
      }
      DeviceBuffer partial =
          memory.device("partial sums", Encoder.partialBytes(architecture, plan));
      Layers layers = new Layers(kernels, memory, parameters, arena, partial);
      Encoder.declare(layers, kernels, architecture, plan, ring, picture, CallLayout.HEADER);
      refiner = new Refiner(kernels, ring, memory, parameters, arena, gemm);
      matcher = new Matcher(kernels, ring, refiner.buffers, memory, arena);
      memory.allocate();
      parameters.upload();
      open(layers.build());
    } catch (RuntimeException failure) {
      release(failure);
      throw failure;
    }
  }

  private void open(List<Launch> encoder) {
    encoding = new Stream("stream encode");
    refining = new Stream("stream refine");
    for (int i = 0; i < PICTURES; i++) {
      PinnedBuffer from = pictures[i];
      encodings[i] =
          encoding.capture(
              () -> {
                encoding.upload(picture, from, pictureBytes);
                encoder.forEach(launch -> launch.run(encoding));
              });
      encoded[i] = new Stream.Event();
    }
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
            gemm == Gemm.CUBLAS ? ", mixer by cuBLAS" : "");
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
    encoded[next].synchronise();
    MemorySegment host = pictures[next].segment();
    host.set(ValueLayout.JAVA_INT, Refiner.SLOT, slot);
    long row = 3L * plan.sourceWidth();
    if (rowStrideBytes == row) {
      MemorySegment.copy(frame, 0, host, CallLayout.HEADER, row * plan.sourceHeight());
    } else {
      for (int y = 0; y < plan.sourceHeight(); y++) {
        MemorySegment.copy(frame, y * rowStrideBytes, host, CallLayout.HEADER + y * row, row);
      }
    }
    refiner.slotChanged(slot);
    encodings[next].launch(encoding);
    encoded[next].record(encoding);
    encodingOf[slot] = ++encodingsBegun;
    next = (next + 1) % PICTURES;
    arguments.encoded(slot);
  }

  /**
   * Lets work on points begin after the encoding of a slot, and only that: a later picture may
   * still be on its way. Encodings older than the last {@link #PICTURES} are over.
   */
  private void await(long encoding) {
    long age = encodingsBegun - encoding;
    if (age < PICTURES) {
      refining.await(encoded[Math.floorMod(next - 1 - (int) age, PICTURES)]);
    }
  }

  private long latestEncoding(int[] slots) {
    long latest = 0;
    for (int s = 0; s < architecture.window(); s++) {
      latest = Math.max(latest, encodingOf[slots[s]]);
    }
    return latest;
  }

  @Override
  public void sample(int slot, int count, int[] templates, float[] xy) {
    use();
    arguments.sample(slot, count, templates, xy);
    await(encodingOf[slot]);
    refiner.sample(slot, count, templates, xy);
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
    await(encodingOf[slot]);
    matcher.match(slot, count, templates, xy, similarity);
  }

  @Override
  public void similarity(int slot, int count, int[] templates, float[] xy, float[] similarity) {
    use();
    arguments.similarity(slot, count, templates, xy, similarity);
    await(encodingOf[slot]);
    matcher.similarity(slot, count, templates, xy, similarity);
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
      float[] confidence) {
    use();
    arguments.refine(
        slots, count, templates, locked, iterations, settle, xy, visibility, confidence);
    await(latestEncoding(slots));
    return refiner.refine(
        slots, count, templates, locked, iterations, settle, xy, visibility, confidence);
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
    MoteException first = null;
    Runnable[] steps = {
      context::use, this::closeStreams, memory::close, kernels::close, context::close, arena::close
    };
    for (Runnable step : steps) {
      try {
        step.run();
      } catch (MoteException failure) {
        if (cause != null) {
          cause.addSuppressed(failure);
        } else if (first == null) {
          first = failure;
        }
      }
    }
    return first;
  }

  private void closeStreams() {
    if (encoding != null && refining != null) {
      context.synchronise();
    }
    for (int i = 0; i < PICTURES; i++) {
      close(encodings[i]);
      close(encoded[i]);
    }
    close(refiner);
    close(recorder);
    close(encoding);
    close(refining);
  }

  private static void close(AutoCloseable resource) {
    if (resource != null) {
      try {
        resource.close();
      } catch (RuntimeException failure) {
        throw failure;
      } catch (Exception impossible) {
        throw new IllegalStateException(impossible);
      }
    }
  }
}
