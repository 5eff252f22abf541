package mote.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.IntStream;
import mote.engine.WeightsFile;
import mote.engine.live.LiveOptions;
import mote.engine.live.LivePoints;
import mote.engine.live.LiveTracker;
import mote.engine.live.PointState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How often the live tracker waits for the device: counted by the stand-in. */
final class CudaLiveTest {
  private static final int HEIGHT = 64;
  private static final int WIDTH = 96;
  private static final int STILL = 14;

  @BeforeEach
  void standIn() {
    StandInDriver.assume("waits are counted");
  }

  /**
   * Encoding, windows and comparison are queued in one; a search waits for its match and for what
   * it makes of it.
   */
  @Test
  void aFrameIsWaitedForOnceAndASearchAtMostTwiceMore() {
    LiveOptions options = LiveOptions.DEFAULT.withCapacity(3);
    try (WeightsFile weights = WeightsFile.open(Path.of("weights/mote-s.safetensors"));
        LiveTracker tracker =
            LiveTracker.open(weights, new CudaProvider(), options, HEIGHT, WIDTH);
        Arena arena = Arena.ofConfined()) {
      MemorySegment still = noise(arena, 1);
      tracker.push(0, still, 3L * WIDTH);
      tracker.add(0, 30, 20);
      tracker.add(0, 60, 40);
      tracker.push(1, still, 3L * WIDTH); // learns first how distinct they are
      for (int frame = 2; frame < STILL; frame++) {
        long before = waits();
        LivePoints points = tracker.push(frame, still, 3L * WIDTH);
        assertEquals(1, waits() - before, "waits of frame " + frame);
        assertFalse(anyLost(points), "all are seen in frame " + frame);
      }
      MemorySegment other = noise(arena, 2);
      int searched = 0;
      for (int frame = STILL; frame < STILL + 6; frame++) {
        boolean lost = anyLost(tracker.points());
        long windows = windows(tracker.points());
        long before = waits();
        tracker.push(frame, other, 3L * WIDTH);
        long more = waits() - before - windows;
        assertTrue(lost ? more == 1 || more == 2 : more == 0, "waits beside windows: " + more);
        searched += lost ? 1 : 0;
      }
      assertTrue(searched > 0, "points were lost in another picture");
    }
  }

  /** Calls of the next frame's windows: those that begin on one frame share one. */
  private static long windows(LivePoints points) {
    return IntStream.range(0, points.count())
        .map(row -> Math.min(points.ages(row), 7))
        .distinct()
        .count();
  }

  private static boolean anyLost(LivePoints points) {
    for (int row = 0; row < points.count(); row++) {
      if (points.state(row) == PointState.LOST) {
        return true;
      }
    }
    return false;
  }

  private static long waits() {
    return StandInDriver.calls("cuStreamSynchronize")
        + StandInDriver.calls("cuEventSynchronize")
        + StandInDriver.calls("cuCtxSynchronize");
  }

  /** Smooth enough to be followed: 8x8 blocks of random colours. */
  private static MemorySegment noise(Arena arena, long seed) {
    Random random = new Random(seed);
    int[][] colours = new int[(HEIGHT / 8) * (WIDTH / 8)][3];
    for (int[] colour : colours) {
      for (int c = 0; c < 3; c++) {
        colour[c] = random.nextInt(256);
      }
    }
    MemorySegment picture = arena.allocate(3L * HEIGHT * WIDTH);
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        int[] colour = colours[y / 8 * (WIDTH / 8) + x / 8];
        for (int c = 0; c < 3; c++) {
          picture.set(ValueLayout.JAVA_BYTE, 3L * (y * WIDTH + x) + c, (byte) colour[c]);
        }
      }
    }
    return picture;
  }
}
