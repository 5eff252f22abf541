package mote.engine.live;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import mote.engine.Architecture;
import mote.engine.track.NoWeights;
import mote.engine.track.RecordingBackend;
import org.junit.jupiter.api.AfterEach;

/** Live trackers on a backend that moves every point one pixel to the right per frame. */
abstract class LiveFixture {
  static final int HEIGHT = 48;
  static final int WIDTH = 64;
  static final LiveOptions OPTIONS =
      LiveOptions.DEFAULT.withCapacity(3).withSearches(0).withHistory(4);

  private final Arena arena = Arena.ofConfined();
  private final NoWeights weights;

  /** Frames in which nothing is visible. */
  final Set<Integer> dark = new HashSet<>();

  /** Points that are visible in no frame, by template. */
  final Set<Integer> darkPoints = new HashSet<>();

  final RecordingBackend.Provider provider =
      new RecordingBackend.Provider(
          (frame, point) -> dark.contains(frame) || darkPoints.contains(point) ? -5f : 5f);

  LiveFixture(Map<String, String> metadata) {
    weights = new NoWeights(Architecture.moteS(), metadata);
  }

  LiveTracker open(LiveOptions options) {
    return LiveTracker.open(weights, provider, options, HEIGHT, WIDTH);
  }

  @AfterEach
  void closeArena() {
    arena.close();
  }

  LivePoints push(LiveTracker to, int frame) {
    MemorySegment picture = arena.allocate(3L * to.height() * to.width());
    picture.set(ValueLayout.JAVA_BYTE, 0, (byte) frame);
    return to.push(frame, picture, 3L * to.width());
  }

  RecordingBackend backend() {
    return provider.opened.getLast();
  }

  /** The window's frames: from, from + 1, ... to, and to again. */
  static List<Integer> frames(int from, int to) {
    return IntStream.range(from, from + 8).map(f -> Math.min(f, to)).boxed().toList();
  }

  static List<List<Integer>> windows(RecordingBackend backend) {
    return backend.windows.stream().map(RecordingBackend.Window::frames).toList();
  }

  /** The window that was refined last has but one estimate, and nothing of a motion before it. */
  static void assertStartsAtRest(RecordingBackend backend, float x, float y) {
    float[] first = backend.firstEstimates.getLast();
    for (int s = 0; s < 8; s++) {
      assertEquals(x, first[2 * s], 1e-4f, "window frame " + s);
      assertEquals(y, first[2 * s + 1], 1e-4f, "window frame " + s);
    }
  }
}
