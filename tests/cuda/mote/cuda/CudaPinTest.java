package mote.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Map;
import mote.contract.SmallModel;
import mote.engine.Architecture;
import mote.engine.Backend;
import mote.engine.FormulaWeights;
import mote.engine.OpenResources;
import mote.engine.Plan;
import mote.engine.live.LiveOptions;
import mote.engine.live.LivePoints;
import mote.engine.live.LiveTracker;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Pictures that the device reads where they lie, and what a frame costs in calls of the driver. The
 * stand-in works as late as the order allows, so that what was not waited for is still to be seen.
 */
final class CudaPinTest {
  private static final Plan PLAN = Plan.unscaled(32, 48, 4, 10, 3);
  private static final long ROW = 3L * 48;
  private static final long BYTES = ROW * 32;
  private static final Architecture MODEL = SmallModel.MOTE_BROAD.architecture();

  private FormulaWeights weights;
  private Backend backend;
  private Arena arena;
  private MemorySegment slab;

  @BeforeEach
  void open() {
    StandInDriver.assume("calls are counted");
    weights = FormulaWeights.of(MODEL, 7);
    backend = new CudaProvider().open(weights, PLAN, null);
    arena = Arena.ofConfined();
    slab = arena.allocate(4 * BYTES, 4096);
  }

  @AfterEach
  void close() {
    if (backend != null) {
      backend.close();
      weights.close();
      arena.close();
    }
    assertEquals(Map.of(), OpenResources.open());
  }

  /** A picture somewhere in the slab. */
  private MemorySegment picture(long offset, int seed) {
    MemorySegment picture = slab.asSlice(offset, BYTES);
    for (long i = 0; i < BYTES; i++) {
      picture.set(ValueLayout.JAVA_BYTE, i, (byte) ((i / 3 * 7 + i % 3 * 31 + 97L * seed) % 251));
    }
    return picture;
  }

  private float[] features(int slot) {
    float[] out = new float[8 * 12 * MODEL.features()];
    backend.stages().features(slot, 0, out);
    return out;
  }

  /** The features of a picture of {@link #picture}, by the way without pins. */
  private float[] expected(int seed) {
    backend.encode(9, picture(0, seed), ROW);
    return features(9);
  }

  @Test
  void theDeviceReadsThePictureWhereItLies() {
    float[] first = expected(1);
    float[] second = expected(2);
    try (Backend.Pin _ = backend.pin(slab)) {
      long offset = 1237; // wherever a record batch has it
      backend.encode(0, picture(offset, 1), ROW);
      backend.awaitPictures();
      picture(offset, 3);
      assertArrayEquals(first, features(0), "what was read is not read again");
      backend.encode(1, picture(offset, 1), ROW);
      picture(offset, 2);
      assertArrayEquals(second, features(1), "nobody waited: no copy was made before");
    }
    backend.encode(2, picture(5, 1), ROW);
    picture(5, 2);
    assertArrayEquals(first, features(2), "after its end, pictures are copied at once");
  }

  @Test
  void whatIsNotWhollyPinnedOrPaddedIsCopied() {
    float[] first = expected(1);
    try (Backend.Pin _ = backend.pin(slab.asSlice(0, BYTES + 4096))) {
      backend.encode(0, picture(4097, 1), ROW);
      picture(4097, 2);
      assertArrayEquals(first, features(0));
      MemorySegment padded = arena.allocate(32 * 200);
      MemorySegment plain = picture(0, 1);
      for (int y = 0; y < 32; y++) {
        MemorySegment.copy(plain, y * ROW, padded, y * 200L, ROW);
      }
      try (Backend.Pin _ = backend.pin(padded)) {
        backend.encode(1, padded, 200);
        padded.fill((byte) 0);
        assertArrayEquals(first, features(1));
      }
    }
  }

  @Test
  void anEndWaitsForWhatIsBeingRead() {
    float[] first = expected(1);
    Backend.Pin pin = backend.pin(slab);
    backend.encode(0, picture(0, 1), ROW);
    pin.close();
    pin.close();
    picture(0, 2);
    assertArrayEquals(first, features(0));
  }

  @Test
  void theBackendsEndIsThatOfItsPins() {
    Backend.Pin pin = backend.pin(slab);
    backend.encode(0, picture(0, 1), ROW);
    backend.close();
    pin.close();
    assertThrows(IllegalStateException.class, () -> backend.pin(slab));
    try (Backend again = new CudaProvider().open(weights, PLAN, null)) {
      again.pin(slab).close();
    }
  }

  @Test
  void memoryOfTheHeapIsRefused() {
    MemorySegment heap = MemorySegment.ofArray(new byte[10]);
    assertEquals(
        "memory cannot be pinned: native=false, bytes=10; give native memory",
        assertThrows(IllegalArgumentException.class, () -> backend.pin(heap)).getMessage());
  }

  private int refine(int newest, float[] xy, float[] logits, int[] slots) {
    for (int s = 0; s < 8; s++) {
      slots[s] = (newest - 7 + s + PLAN.slots()) % PLAN.slots();
    }
    return backend.refine(slots, 3, TEMPLATES, LOCKED, 2, 0, xy, logits, CONFIDENCE);
  }

  private static final int[] TEMPLATES = {0, 1, 2};
  private static final boolean[] LOCKED = new boolean[3];
  private static final float[] CONFIDENCE = new float[24];

  private float[] places() {
    float[] xy = new float[8 * 2 * 3];
    for (int i = 0; i < xy.length; i++) {
      xy[i] = 10 + i % 6;
    }
    return xy;
  }

  private void fillRing() {
    for (int slot = 0; slot < PLAN.slots(); slot++) {
      backend.encode(slot, picture(0, slot), ROW);
      backend.awaitPictures();
    }
    backend.sample(0, 3, TEMPLATES, new float[] {10, 10, 20, 15, 30, 20});
  }

  /** Copy and encoding of the next frame are not waited for by the refinement of this one. */
  @Test
  void theNextFrameIsOnItsWayWhileThisOneIsRefined() {
    float[] second = expected(2);
    try (Backend.Pin _ = backend.pin(slab)) {
      fillRing();
      refine(9, places(), new float[24], new int[8]);
      long waits = StandInDriver.calls("cuStreamSynchronize");
      waits += StandInDriver.calls("cuEventSynchronize");
      backend.encode(0, picture(0, 1), ROW);
      waits -= StandInDriver.calls("cuStreamSynchronize");
      waits -= StandInDriver.calls("cuEventSynchronize");
      assertEquals(0, waits, "encode returned at once");
      refine(9, places(), new float[24], new int[8]);
      picture(0, 2);
      assertArrayEquals(second, features(0), "still to be read after the refinement");
    }
  }

  /** Per frame: one wait, a few launches of graphs and copies, and nothing is allocated. */
  @Test
  void aFrameIsWaitedForOnceAndAllocatesNothing() {
    float[] xy = places();
    float[] logits = new float[24];
    int[] slots = new int[8];
    MemorySegment picture = picture(4321, 3);
    try (Backend.Pin _ = backend.pin(slab)) {
      fillRing();
      frames(20, picture, xy, logits, slots);
      String[] names = {"cuStreamSynchronize", "cuEventSynchronize", "cuCtxSynchronize", "cuMem"};
      long[] before = Arrays.stream(names).mapToLong(StandInDriver::calls).toArray();
      long[] more = {
        StandInDriver.calls("cuMemcpyHtoDAsync"),
        StandInDriver.calls("cuGraphLaunch"),
        StandInDriver.calls("cu")
      };
      frames(30, picture, xy, logits, slots);
      long[] after = Arrays.stream(names).mapToLong(StandInDriver::calls).toArray();
      assertEquals(30, after[0] - before[0], "one wait a frame");
      assertEquals(0, after[1] - before[1], "and no other");
      assertEquals(0, after[2] - before[2], "and no other");
      long copies = StandInDriver.calls("cuMemcpyHtoDAsync") - more[0];
      assertEquals(2 * 30, copies, "header and picture");
      assertEquals(copies, after[3] - before[3], "no memory is allocated, registered or filled");
      assertEquals(2 * 30, StandInDriver.calls("cuGraphLaunch") - more[1]);
      assertFalse(StandInDriver.calls("cu") - more[2] > 11 * 30, "calls of the driver in all");
      long heap = Long.MAX_VALUE; // what the JVM does once, in some round, is not a frame's
      for (int round = 0; round < 5 && heap > 0; round++) {
        heap = Math.min(heap, frames(30, picture, xy, logits, slots));
      }
      assertEquals(0, heap, "bytes of heap");
    }
  }

  /** Bytes that this thread allocated for so many frames. */
  private long frames(int count, MemorySegment picture, float[] xy, float[] logits, int[] slots) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < count; i++) {
      int slot = i % PLAN.slots();
      backend.encode(slot, picture, ROW);
      refine(slot, xy, logits, slots);
      backend.awaitPictures();
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  /** Slabs stay pinned when frames change size; a picture is free when its push returns. */
  @Test
  void aLiveTrackerReadsItsSlabs() {
    try (LiveTracker plain = live();
        LiveTracker pinned = live()) {
      pinned.pin(slab);
      long copies = StandInDriver.calls("cuMemHostRegister");
      for (int frame = 0; frame < 12; frame++) {
        if (frame == 6) {
          plain.resize(40, 48);
          pinned.resize(40, 48);
        }
        MemorySegment picture = picture(BYTES, frame);
        picture(2 * BYTES, frame);
        LivePoints expected = plain.push(frame, slab.asSlice(BYTES), ROW);
        LivePoints actual = pinned.push(frame, slab.asSlice(BYTES), ROW);
        picture.fill((byte) frame);
        if (frame == 0) {
          plain.add(0, 20, 10);
          pinned.add(0, 20, 10);
        }
        assertEquals(expected.x(0), actual.x(0), "frame " + frame);
        assertEquals(expected.y(0), actual.y(0), "frame " + frame);
        assertEquals(expected.visibility(0), actual.visibility(0), "frame " + frame);
      }
      assertEquals(1, StandInDriver.calls("cuMemHostRegister") - copies, "anew for the new size");
    }
  }

  private LiveTracker live() {
    return LiveTracker.open(
        weights, new CudaProvider(), LiveOptions.DEFAULT.withCapacity(2), 32, 48);
  }
}
