package mote.engine.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import mote.engine.Architecture;
import mote.engine.Plan;
import mote.engine.track.NoWeights;
import mote.engine.track.RecordingBackend;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A cut is another scene, not motion and not a change of light. */
class CutDetectorTest {
  private static final int HEIGHT = 90;
  private static final int WIDTH = 160;
  private static final long ROW = 3L * WIDTH;

  private final Arena arena = Arena.ofConfined();
  private final CutDetector detector = new CutDetector(Plan.unscaled(HEIGHT, WIDTH, 4, 8, 1));

  @AfterEach
  void close() {
    arena.close();
  }

  /** Waves of a scene: its level, contrast and direction, moved and lit. */
  private MemorySegment frame(int scene, double moved, double light) {
    MemorySegment picture = arena.allocate(ROW * HEIGHT);
    double level = scene == 0 ? 70 : 170;
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        double wave = Math.sin((scene == 0 ? x + moved : y + moved) * 0.15) * 40;
        int value = (int) Math.clamp((level + wave) * light, 0, 255);
        for (int c = 0; c < 3; c++) {
          picture.set(ValueLayout.JAVA_BYTE, y * ROW + 3L * x + c, (byte) value);
        }
      }
    }
    return picture;
  }

  @Test
  void anotherSceneIsACutOnce() {
    assertFalse(detector.isCut(frame(0, 0, 1), ROW), "the first frame");
    assertFalse(detector.isCut(frame(0, 1, 1), ROW));
    assertTrue(detector.isCut(frame(1, 0, 1), ROW));
    assertFalse(detector.isCut(frame(1, 1, 1), ROW));
  }

  @Test
  void motionAndLightAreNone() {
    detector.isCut(frame(0, 0, 1), ROW);
    assertFalse(detector.isCut(frame(0, 21, 1), ROW), "half a wave: every place is another");
    assertFalse(detector.isCut(frame(0, 21, 1.2), ROW), "a fifth brighter");
  }

  @Test
  void theTrackerLosesItsPointsAtACutAndOnlyWhereAsked() {
    for (boolean asked : new boolean[] {true, false}) {
      RecordingBackend.Provider provider = new RecordingBackend.Provider((frame, point) -> 5f);
      LiveOptions options = LiveOptions.DEFAULT.withSearches(0).withCuts(asked);
      NoWeights weights = NoWeights.of(Architecture.moteS());
      try (LiveTracker tracker = LiveTracker.open(weights, provider, options, HEIGHT, WIDTH)) {
        tracker.push(0, frame(0, 0, 1), ROW);
        tracker.add(0, 20, 20);
        tracker.push(1, frame(0, 1, 1), ROW);
        assertEquals(PointState.TRACKED, tracker.points().state(0));
        tracker.push(2, frame(1, 0, 1), ROW);
        assertEquals(asked ? 0 : 2, tracker.points().ages(0) - 1);
        assertEquals(asked ? PointState.LOST : PointState.TRACKED, tracker.points().state(0));
      }
    }
  }
}
