package mote.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import mote.engine.Plan;

/**
 * Templates against whole pictures. There is room for the similarities of some points; calls with
 * more take several launches. A launch is made, on the heap and in the arena, when a call of its
 * size (a power of two of points) first occurs.
 */
final class Matcher {
  /** Device bytes for similarities, at most. */
  private static final long VALUES_BYTES = 64L << 20;

  private static final int THREADS = 256;
  private static final int WARPS = 8;
  private static final int BEST = 4;
  private static final long FIRST = Refiner.offset("first");

  private final Kernels kernels;
  private final Ring ring;
  private final PointBuffers buffers;
  private final Arena arena;
  private final CallLayout call;
  private final int room;
  private final DeviceBuffer values;
  private final DeviceBuffer result;
  private final PinnedBuffer pinnedCall;
  private final PinnedBuffer pinnedResult;

  /** By the number of points, rounded up to a power of two. */
  private final Launch[] match = new Launch[Integer.SIZE];

  private Launch peaks;
  private Launch similarity;
  private Stream stream;

  /** Declares everything; {@link #open} follows when there is memory. */
  Matcher(Kernels kernels, Ring ring, PointBuffers buffers, Memory memory, Arena arena) {
    this.kernels = kernels;
    this.ring = ring;
    this.buffers = buffers;
    this.arena = arena;
    Plan plan = ring.plan();
    call = new CallLayout(plan.points());
    long pixels = (long) ring.height(0) * ring.width(0);
    room = Math.clamp(VALUES_BYTES / (pixels * Float.BYTES), 1, plan.points());
    values = memory.device("similarities", room * pixels * Float.BYTES);
    result = memory.device("matches", (long) BEST * plan.points() * Float.BYTES);
    pinnedCall = memory.pinned("match call", call.bytes());
    pinnedResult = memory.pinned("matches", (long) BEST * plan.points() * Float.BYTES);
  }

  void open(Stream stream) {
    this.stream = stream;
    peaks =
        new Launch(
            kernels, "peaks", kernels.plain("match", "peaks"), params(), room, 1, THREADS, 0);
    similarity =
        new Launch(
            kernels,
            "similarity",
            kernels.typed("match", "similarity"),
            params(),
            (ring.plan().points() + WARPS - 1) / WARPS,
            1,
            THREADS,
            0);
  }

  private Structs.Struct params() {
    Structs.Struct params = new Structs.Struct(arena, "MatchParams");
    ring.shape(params.member("shape"));
    return params
        .set("call", buffers.call())
        .set("ids", buffers.call().address() + call.ids())
        .set("xy", buffers.call().address() + call.xy())
        .set("templates", buffers.templates())
        .set("values", values)
        .set("out", result);
  }

  /** The launch for at most so many points. */
  private Launch match(int points) {
    int size = Math.min(room, Integer.highestOneBit(Math.max(1, 2 * points - 1)));
    int index = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(2 * size - 1);
    if (match[index] == null) {
      long pixels = (long) ring.height(0) * ring.width(0);
      match[index] =
          new Launch(
              kernels,
              "match",
              kernels.typed("match", "match"),
              params(),
              (pixels + THREADS - 1) / THREADS,
              size,
              THREADS,
              0);
    }
    return match[index];
  }

  private MemorySegment prepare(int slot, int count, int[] templates) {
    MemorySegment host = pinnedCall.segment();
    host.set(ValueLayout.JAVA_INT, Refiner.COUNT, count);
    host.set(ValueLayout.JAVA_INT, Refiner.SLOT, slot);
    host.set(ValueLayout.JAVA_INT, FIRST, 0);
    host.set(ValueLayout.JAVA_INT, Refiner.COMPARED, 0);
    MemorySegment.copy(templates, 0, host, ValueLayout.JAVA_INT, call.ids(), count);
    return host;
  }

  private void recordCall(int count) {
    if (stream.recorder() != null) {
      stream.recorder().call(count);
    }
  }

  /** As {@link mote.engine.Backend#match}. */
  void match(int slot, int count, int[] templates, float[] xy, float[] similarity) {
    MemorySegment host = prepare(slot, count, templates);
    for (int first = 0; first < count; first += room) {
      host.set(ValueLayout.JAVA_INT, FIRST, first);
      recordCall(Math.min(room, count - first));
      stream.upload(buffers.call(), pinnedCall, call.bytes());
      match(Math.min(room, count - first)).run(stream);
      peaks.run(stream);
      stream.download(pinnedResult, result, pinnedResult.bytes());
      stream.synchronise();
    }
    MemorySegment best = pinnedResult.segment();
    for (int n = 0; n < count; n++) {
      long at = 4L * BEST * n;
      MemorySegment.copy(best, ValueLayout.JAVA_FLOAT, at, xy, 2 * n, 2);
      MemorySegment.copy(best, ValueLayout.JAVA_FLOAT, at + 8, similarity, 2 * n, 2);
    }
  }

  /** As {@link mote.engine.Backend#similarity}. */
  void similarity(int slot, int count, int[] templates, float[] xy, float[] out) {
    MemorySegment host = prepare(slot, count, templates);
    MemorySegment.copy(xy, 0, host, ValueLayout.JAVA_FLOAT, call.xy(), 2 * count);
    recordCall(count);
    stream.upload(buffers.call(), pinnedCall, call.bytes());
    similarity.run(stream);
    stream.download(pinnedResult, result, pinnedResult.bytes());
    stream.synchronise();
    MemorySegment.copy(pinnedResult.segment(), ValueLayout.JAVA_FLOAT, 0, out, 0, count);
  }
}
