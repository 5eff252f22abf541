package mote.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.List;
import mote.engine.Architecture;
import mote.engine.MoteException;
import mote.engine.Plan;

/**
 * The operations on points: the host's side. Calls are rounded up to a bucket of points (powers of
 * two from 8 on); each bucket's work is captured as a graph for a number of iterations when it is
 * first asked for, and replayed from then on with three driver calls and no allocation.
 */
final class Refiner implements AutoCloseable {
  private static final int SMALLEST_BUCKET = 8;

  private static final StructLayout HEADER = Structs.layout("CallHeader");
  private static final long SLOT_VERSION = offset("slot_version");
  static final long SLOT = offset("slot");
  private static final long PLACE = offset("place");
  static final long COUNT = offset("count");
  private static final long SETTLE = offset("settle");
  static final long COMPARED = offset("compared");

  final PointBuffers buffers;
  final Ring ring;
  final Kernels kernels;
  private final Architecture architecture;
  private final Plan plan;
  private final PointWeights weights;
  private final Mixer mixer;
  private final Arena arena;
  private final PinnedBuffer pinnedCall;
  private final PinnedBuffer pinnedResult;
  private final Places places;
  private final long[] templateVersions;
  private final long[] slotVersions;
  private final int[] namedIn;
  private final Bucket[] buckets = new Bucket[Integer.SIZE];
  private long version;
  private int call;
  private Stream stream;
  private List<Step> wholeMixer;

  /** Declares everything; {@link #open} follows when there is memory. */
  Refiner(
      Kernels kernels, Ring ring, Memory memory, Parameters parameters, Arena arena, Mixer mixer) {
    this.kernels = kernels;
    this.ring = ring;
    this.arena = arena;
    architecture = ring.architecture();
    plan = ring.plan();
    buffers = PointBuffers.declare(architecture, plan, memory, kernels.operandBytes());
    weights = PointWeights.declare(architecture, parameters);
    this.mixer = mixer;
    pinnedCall = memory.pinned("call", new CallLayout(plan.points()).bytes());
    pinnedResult = memory.pinned("result", PointBuffers.resultBytes(architecture, plan.points()));
    places = new Places(architecture.window());
    templateVersions = new long[plan.points()];
    slotVersions = new long[plan.slots()];
    namedIn = new int[plan.points()];
  }

  static long offset(String member) {
    return HEADER.byteOffset(PathElement.groupElement(member));
  }

  void open(Stream stream) {
    this.stream = stream;
    mixer.open(stream);
    bucket(plan.points());
    wholeMixer = mixer.steps(arena, buffers, null, plan.points());
  }

  private Bucket bucket(int count) {
    int size = Math.max(SMALLEST_BUCKET, Integer.highestOneBit(2 * count - 1));
    int points = Math.min(size, plan.points());
    int index = points == plan.points() ? Integer.SIZE - 1 : Integer.numberOfTrailingZeros(size);
    if (buckets[index] == null) {
      CallLayout layout = new CallLayout(points);
      PointKernels launches =
          new PointKernels(kernels, ring, buffers, weights, mixer, arena, layout);
      long resultBytes = PointBuffers.resultBytes(architecture, points);
      buckets[index] =
          new Bucket(layout, launches, stream, buffers, pinnedCall, pinnedResult, resultBytes);
    }
    return buckets[index];
  }

  /** The slot holds another picture from here on. */
  void slotChanged(int slot) {
    slotVersions[slot] = ++version;
  }

  /** These templates hold something else from here on. */
  void templatesChanged(int count, int[] templates) {
    for (int n = 0; n < count; n++) {
      templateVersions[templates[n]] = ++version;
    }
  }

  /** Samples templates; waits until it is done. */
  void sample(int slot, int count, int[] templates, float[] xy) {
    Bucket bucket = bucket(count);
    MemorySegment host = pinnedCall.segment();
    host.set(ValueLayout.JAVA_INT, COUNT, count);
    host.set(ValueLayout.JAVA_INT, SLOT, slot);
    recordCall(count);
    MemorySegment.copy(templates, 0, host, ValueLayout.JAVA_INT, bucket.call.ids(), count);
    MemorySegment.copy(xy, 0, host, ValueLayout.JAVA_FLOAT, bucket.call.xy(), 2 * count);
    templatesChanged(count, templates);
    stream.upload(buffers.call(), pinnedCall, bucket.call.bytes());
    bucket.kernels.sample.run(stream);
    stream.synchronise();
  }

  /** Writes what a window's call says into the pinned buffer; returns its bucket's kernels. */
  private Bucket prepare(int[] slots, int count, int[] templates, float[] xy, float settle) {
    Bucket bucket = bucket(count);
    CallLayout layout = bucket.call;
    MemorySegment host = pinnedCall.segment();
    int window = architecture.window();
    boolean keeps = eachOnce(count, templates);
    int[] place = places.of(slots);
    for (int s = 0; s < window; s++) {
      host.set(ValueLayout.JAVA_LONG, SLOT_VERSION + 8L * s, slotVersions[slots[s]]);
      host.set(ValueLayout.JAVA_INT, SLOT + 4L * s, slots[s]);
      host.set(ValueLayout.JAVA_INT, PLACE + 4L * s, keeps ? place[s] : -1);
    }
    host.set(ValueLayout.JAVA_INT, COUNT, count);
    host.set(ValueLayout.JAVA_FLOAT, SETTLE, settle);
    recordCall(count);
    for (int n = 0; n < count; n++) {
      host.set(ValueLayout.JAVA_LONG, layout.versions() + 8L * n, templateVersions[templates[n]]);
    }
    MemorySegment.copy(templates, 0, host, ValueLayout.JAVA_INT, layout.ids(), count);
    MemorySegment.copy(xy, 0, host, ValueLayout.JAVA_FLOAT, layout.xy(), 2 * window * count);
    return bucket;
  }

  private void recordCall(int count) {
    if (stream.recorder() != null) {
      stream.recorder().call(count);
    }
  }

  /** Whether no template is named twice: two rows may not keep their products in one place. */
  private boolean eachOnce(int count, int[] templates) {
    call++;
    for (int n = 0; n < count; n++) {
      if (namedIn[templates[n]] == call) {
        return false;
      }
      namedIn[templates[n]] = call;
    }
    return true;
  }

  /** As {@link mote.engine.Backend#refine}. */
  int refine(
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
    Bucket bucket = prepare(slots, count, templates, xy, settle);
    if (architecture.family() == Architecture.Family.MOTE) {
      MemorySegment host = pinnedCall.segment();
      for (int n = 0; n < count; n++) {
        host.set(ValueLayout.JAVA_INT, bucket.call.locked() + 4L * n, locked[n] ? 1 : 0);
      }
    }
    pinnedCall.segment().set(ValueLayout.JAVA_INT, COMPARED, Math.max(0, compared));
    bucket.run(iterations, compared >= 0);
    stream.synchronise();
    if (stream.recorder() != null) {
      stream.recorder().settled(pinnedResult.segment(), 16L * architecture.window() * count);
    }
    if (compared >= 0) {
      MemorySegment.copy(
          pinnedResult.segment(),
          ValueLayout.JAVA_FLOAT,
          PointBuffers.similarityOffset(architecture, bucket.call.points()),
          similarity,
          0,
          count);
    }
    return result(count, xy, visibility, confidence);
  }

  private int result(int count, float[] xy, float[] visibility, float[] confidence) {
    MemorySegment host = pinnedResult.segment();
    int frames = architecture.window() * count;
    MemorySegment.copy(host, ValueLayout.JAVA_FLOAT, 0, xy, 0, 2 * frames);
    MemorySegment.copy(host, ValueLayout.JAVA_FLOAT, 8L * frames, visibility, 0, frames);
    if (architecture.hasConfidence()) {
      MemorySegment.copy(host, ValueLayout.JAVA_FLOAT, 12L * frames, confidence, 0, frames);
    }
    for (int i = 0; i < 2 * frames; i++) {
      if (!Float.isFinite(xy[i])) {
        throw new MoteException(
            "trajectory is not finite: precision=%s, value=%s; use f32, or check the weights"
                .formatted(kernels.precision().id(), xy[i]));
      }
    }
    int most = 0;
    for (int n = 0; n < count; n++) {
      most = Math.max(most, host.get(ValueLayout.JAVA_INT, 16L * frames + 4L * n));
    }
    return most;
  }

  /**
   * Runs the stages before the mixer, for tests and profilers; waits.
   *
   * @param state rows of {@code Widths.state} floats; null for the state before the first iteration
   * @param embedded whether the mixer's input is made too, not the correlations alone
   */
  void stages(
      int[] slots, int count, int[] templates, float[] xy, MemorySegment state, boolean embedded) {
    PointKernels launches = prepare(slots, count, templates, xy, 0).kernels;
    stream.upload(buffers.call(), pinnedCall, bucket(count).call.bytes());
    launches.start.run(stream);
    stream.synchronise();
    if (state != null) {
      buffers.state().upload(0, state);
    }
    launches.correlate.run(stream);
    if (embedded) {
      if (launches.correlationLinear != null) {
        launches.correlationLinear.run(stream);
      }
      launches.embed.run(stream);
    }
    stream.synchronise();
  }

  /** Runs the mixer alone on rows that are in the input buffer, for tests and profilers; waits. */
  void mix(int count) {
    pinnedCall.segment().set(ValueLayout.JAVA_INT, COUNT, count);
    recordCall(count);
    stream.upload(buffers.call(), pinnedCall, CallLayout.HEADER);
    wholeMixer.forEach(step -> step.run(stream));
    stream.synchronise();
  }

  @Override
  public void close() {
    try {
      for (Bucket bucket : buckets) {
        if (bucket != null) {
          bucket.close();
        }
      }
    } finally {
      mixer.close();
    }
  }
}
