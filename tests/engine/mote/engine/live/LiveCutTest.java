package mote.engine.live;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import mote.engine.track.RecordingBackend;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A scene begins with a frame: nothing is followed into it, whenever the point was added. */
class LiveCutTest extends LiveFixture {
  private final LiveTracker tracker;

  LiveCutTest() {
    super(Map.of());
    tracker = open(OPTIONS);
  }

  @AfterEach
  void close() {
    tracker.close();
  }

  private static void assertHidden(LivePoints points, int row) {
    assertEquals(PointState.LOST, points.state(row), "row " + row);
    assertEquals(0, points.visibility(row), "row %d: hidden until it is found".formatted(row));
    assertEquals(1, points.ages(row), "row " + row);
  }

  private void push(int from, int to) {
    for (int frame = from; frame <= to; frame++) {
      push(tracker, frame);
    }
  }

  @Test
  void nothingBeforeACutIsLookedAt() {
    push(0, 0);
    tracker.add(0, 5, 6);
    tracker.add(0, 7, 8);
    tracker.freeze(1);
    push(1, 9);
    tracker.cut();
    backend().windows.clear();
    push(10, 10);
    assertEquals(List.of(), windows(backend()));
    assertHidden(tracker.points(), 0);
    assertEquals(14, tracker.points().x(0), 1e-4);
    assertEquals(PointState.FROZEN, tracker.points().state(1));
    push(11, 11);
    assertStartsAtRest(backend(), 14, 6);
    assertEquals(List.of(frames(10, 11)), windows(backend()));
    assertEquals(List.of(false), backend().windows.getFirst().locked());
  }

  @Test
  void theFrameBeforeACutIsAsItWas() {
    push(0, 0);
    tracker.add(0, 5, 6);
    push(1, 2);
    LivePoints points = tracker.points();
    float visibility = points.visibility(0);
    tracker.cut();
    assertEquals(PointState.TRACKED, points.state(0));
    assertEquals(0, points.hidden(0));
    assertEquals(visibility, points.visibility(0));
    assertEquals(3, points.ages(0));
  }

  @Test
  void pointsThatBeginBetweenACutAndItsFrameAreOfTheSceneBefore() {
    push(0, 0);
    tracker.add(0, 5, 6);
    tracker.add(0, 7, 8);
    push(1, 3);
    tracker.freeze(1);
    tracker.cut();
    tracker.move(0, 3, 20, 20);
    tracker.thaw(1);
    tracker.add(3, 30, 30);
    for (int row = 0; row < 3; row++) {
      assertEquals(PointState.TRACKED, tracker.points().state(row));
    }
    backend().windows.clear();
    push(4, 4);
    assertEquals(List.of(), windows(backend()));
    for (int row = 0; row < 3; row++) {
      assertHidden(tracker.points(), row);
    }
    assertEquals(20, tracker.points().x(0), 1e-4, "held where it was");
    push(5, 5);
    assertEquals(List.of(frames(4, 5)), windows(backend()), "one cut is one cut");
  }

  @Test
  void aPointOfAFrameBeforeACutGoesOnAsIfItHadBeenAddedThen() {
    LiveTracker then = open(OPTIONS);
    final RecordingBackend backendThen = backend();
    for (int frame = 0; frame <= 6; frame++) {
      if (frame == 4) {
        tracker.cut();
        then.cut();
      }
      push(tracker, frame);
      push(then, frame);
      if (frame == 2) {
        then.add(2, 5, 6);
      }
    }
    tracker.add(2, 5, 6);
    RecordingBackend backendNow = provider.opened.getFirst();
    assertEquals(List.of(frames(2, 3), frames(4, 5), frames(4, 6)), windows(backendNow));
    assertEquals(backendThen.windows, backendNow.windows);
    for (int age = 0; age < 3; age++) {
      assertEquals(then.points().x(0, age), tracker.points().x(0, age));
      assertEquals(then.points().visibility(0, age), tracker.points().visibility(0, age));
    }
    assertEquals(3, tracker.points().ages(0));
    assertEquals(then.points().state(0), tracker.points().state(0));
    then.close();
  }

  /** The slot of a frame that began a scene is another frame's later. */
  @Test
  void aCutEndsWithItsFrame() {
    push(0, 3);
    tracker.cut();
    push(4, 20);
    tracker.add(14, 5, 6);
    assertEquals(7, tracker.points().ages(0));
    assertEquals(11, tracker.points().x(0), 1e-4);
  }

  @Test
  void aFrameThatShowsAnotherSceneBeginsIt() {
    try (LiveTracker watching = open(OPTIONS.withCuts(true));
        Arena arena = Arena.ofConfined()) {
      MemorySegment white = arena.allocate(3L * HEIGHT * WIDTH);
      white.fill((byte) 250);
      push(watching, 0);
      watching.add(0, 5, 6);
      push(watching, 1);
      backend().windows.clear();
      LivePoints points = watching.push(2, white, 3L * WIDTH);
      assertEquals(List.of(), windows(backend()));
      assertHidden(points, 0);
      watching.add(1, 30, 30);
      assertEquals(List.of(), windows(backend()), "nor does a point catch up into it");
      assertHidden(points, 1);
    }
  }
}
