package mote.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import mote.contract.SmallModel;
import mote.engine.FormulaWeights;
import mote.engine.live.LiveOptions;
import mote.engine.live.LivePoints;
import mote.engine.live.LiveTracker;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Streams that do not end: nothing is allocated and positions stay what they are. {@code
 * -Dmote.frames=100000} makes it the soak run.
 */
class EndlessStreamTest {
  private static final int FRAMES = Integer.getInteger("mote.frames", 20_000);
  private static final int BLOCK = 1_000;
  private static final int SIDE = 32;
  private static final int PICTURES = 16;
  private static final int POINTS = 4;

  private static final ThreadMXBean MEMORY = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** The formula's weights move points at random: positions may wander, but not run away. */
  private static final float SANE = 1e6f;

  @ParameterizedTest
  @EnumSource(
      value = SmallModel.class,
      names = {"MOTE", "MOTE_FINE"})
  void pushAllocatesNothingAndPositionsStaySane(SmallModel model) {
    int frames =
        model == SmallModel.MOTE ? FRAMES : FRAMES / 4; // the second looks at four times the pixels
    CpuProvider provider = new CpuProvider();
    assumeTrue(provider.unavailable() == null, provider.unavailable());
    LiveOptions options = LiveOptions.DEFAULT.withCapacity(POINTS + 1).withIterations(1);
    try (FormulaWeights weights = FormulaWeights.of(model.architecture(), 5);
        LiveTracker tracker = LiveTracker.open(weights, provider, options, SIDE, SIDE);
        Arena arena = Arena.ofConfined()) {
      MemorySegment[] pictures = pictures(arena);
      tracker.push(0, pictures[0], 3 * SIDE);
      for (int n = 0; n < POINTS; n++) {
        tracker.add(0, 6 + 6 * n, 20 - 4 * n);
      }
      long bytes = tracker.backend().bytes();
      List<Long> blocks = new ArrayList<>();
      for (int frame = 1; frame + BLOCK <= frames; frame += BLOCK) {
        long before = MEMORY.getCurrentThreadAllocatedBytes();
        run(tracker, pictures, frame, frame + BLOCK);
        blocks.add(MEMORY.getCurrentThreadAllocatedBytes() - before);
      }
      assertNothingAllocated(blocks);
      assertEquals(bytes, tracker.backend().bytes());
      LivePoints points = tracker.points();
      for (int row = 0; row < POINTS; row++) {
        assertTrue(Math.abs(points.x(row)) < SANE, () -> "x=" + points.x(0));
        assertTrue(Math.abs(points.y(row)) < SANE, () -> "y=" + points.y(0));
      }
      assertEquals((frames - 1) / BLOCK * BLOCK, points.frame());
      assertEquals(points.frame() - 7, points.frame(7));
    }
  }

  private static void run(LiveTracker tracker, MemorySegment[] pictures, int from, int to) {
    for (int frame = from; frame < to; frame++) {
      tracker.push(frame, pictures[frame % PICTURES], 3 * SIDE);
    }
  }

  /**
   * The smallest object is 16 bytes: one in each frame would be 16,000 in every block. What the JVM
   * itself allocates when it swaps compiled code shows in single blocks.
   */
  private static void assertNothingAllocated(List<Long> blocks) {
    List<Long> settled = blocks.subList(blocks.size() / 2, blocks.size());
    long empty = settled.stream().filter(bytes -> bytes == 0).count();
    assertTrue(empty >= 0.8 * settled.size(), "bytes on the heap a block: " + blocks);
    assertTrue(Collections.max(settled) < 8 * BLOCK, "bytes on the heap a block: " + blocks);
  }

  private static MemorySegment[] pictures(Arena arena) {
    MemorySegment[] pictures = new MemorySegment[PICTURES];
    for (int p = 0; p < PICTURES; p++) {
      pictures[p] = arena.allocate(3L * SIDE * SIDE);
      for (int i = 0; i < 3 * SIDE * SIDE; i++) {
        double value =
            128 + 90 * Math.sin(0.4 * (i % (3 * SIDE)) / 3 + 0.2 * p) * Math.cos(i * 0.01);
        pictures[p].set(ValueLayout.JAVA_BYTE, i, (byte) value);
      }
    }
    return pictures;
  }
}
