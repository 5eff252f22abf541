package mote.engine.live;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import mote.engine.MoteException;
import mote.engine.track.RecordingBackend;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a live tracker asks its backend for, frame by frame. */
class LiveTrackerTest extends LiveFixture {
  private final LiveTracker tracker;

  LiveTrackerTest() {
    super(Map.of());
    tracker = open(OPTIONS);
  }

  @AfterEach
  void close() {
    tracker.close();
  }

  private LivePoints push(int frame) {
    return push(tracker, frame);
  }

  private void push(int from, int to) {
    for (int frame = from; frame <= to; frame++) {
      push(frame);
    }
  }

  private List<List<Integer>> windows() {
    return windows(backend());
  }

  @Test
  void everyFrameEndsAWindow() {
    push(0);
    assertEquals(0, tracker.add(0, 5, 6));
    push(1, 9);
    assertEquals(
        List.of(
            frames(0, 1),
            frames(0, 2),
            frames(0, 3),
            frames(0, 4),
            frames(0, 5),
            frames(0, 6),
            frames(0, 7),
            frames(1, 8),
            frames(2, 9)),
        windows());
    assertEquals(
        List.of(true, true, true, true, true, true, true, false, false),
        backend().windows.stream().map(window -> window.locked().getFirst()).toList());
    assertEquals(IntStream.range(0, 10).boxed().toList(), backend().encoded, "each frame once");
    LivePoints points = tracker.points();
    assertEquals(1, points.count());
    assertEquals(9, points.frame());
    assertEquals(14, points.x(0), 1e-4);
    assertEquals(6, points.y(0), 1e-4);
    assertEquals(1 / (1 + Math.exp(-5)), points.visibility(0), 1e-6);
    assertEquals(1 / (1 + Math.exp(-4)), points.confidence(0), 1e-6);
    assertEquals(PointState.TRACKED, points.state(0));
  }

  @Test
  void aWindowStartsFromTheLastEstimatesAndThenHalfAStepFurther() {
    push(0);
    tracker.add(0, 5, 6);
    push(1);
    float[] first = backend().firstEstimates.getLast();
    for (int s = 0; s < 8; s++) {
      assertEquals(5, first[2 * s], "nothing is known of its motion yet");
    }
    push(2);
    first = backend().firstEstimates.getLast();
    assertEquals(5, first[0]);
    assertEquals(6, first[2]);
    for (int s = 2; s < 8; s++) {
      assertEquals(6.5f, first[2 * s], "frame 2 has not been seen: frame 1's, and half its step");
      assertEquals(6, first[2 * s + 1], "it did not move down");
    }
    push(3, 9);
    first = backend().firstEstimates.getLast();
    for (int s = 0; s < 7; s++) {
      assertEquals(7 + s, first[2 * s]);
    }
    assertEquals(13.5f, first[14], "only the newest frame has not been seen");
  }

  @Test
  void aPointThatIsMovedHasNoMotionYet() {
    push(0);
    long point = tracker.add(0, 5, 6);
    push(1, 4);
    tracker.move(point, 4, 20, 6);
    push(5);
    assertStartsAtRest(backend(), 20, 6);
  }

  @Test
  void pointsOfDifferentAgesAreRefinedInWindowsOfTheirOwn() {
    push(0);
    tracker.add(0, 5, 6);
    push(1);
    tracker.add(1, 15, 6);
    backend().windows.clear();
    push(2);
    assertEquals(List.of(frames(0, 2), frames(1, 2)), windows());
    push(3, 9);
    backend().windows.clear();
    push(10);
    assertEquals(List.of(frames(3, 10)), windows(), "both have full windows now");
    assertEquals(List.of(0, 1), backend().windows.getFirst().points());
    assertEquals(15, tracker.points().x(0), 1e-4);
    assertEquals(24, tracker.points().x(1), 1e-4);
  }

  @Test
  void aPointOfTheNewestFrameIsThereAtOnce() {
    push(0);
    tracker.add(0, 5.25f, 6.5f);
    LivePoints points = tracker.points();
    assertEquals(5.25f, points.x(0));
    assertEquals(6.5f, points.y(0));
    assertEquals(1, points.visibility(0));
    assertEquals(0, points.frame());
    assertSame(points, push(1));
  }

  @Test
  void aPointOfAPastFrameGoesOnAsIfItHadBeenAddedThen() {
    LiveTracker then = open(OPTIONS);
    RecordingBackend backendThen = backend();
    push(0, 0);
    push(then, 0);
    push(1);
    push(then, 1);
    then.add(1, 5, 6);
    for (int frame = 2; frame <= 11; frame++) {
      push(frame);
      push(then, frame);
    }
    RecordingBackend backendNow = provider.opened.getFirst();
    assertEquals(0, tracker.add(1, 5, 6));
    assertEquals(backendThen.windows, backendNow.windows);
    for (int i = 0; i < backendThen.windows.size(); i++) {
      assertArrayEquals(
          backendThen.firstEstimates.get(i), backendNow.firstEstimates.get(i), "window " + i);
    }
    for (int age = 0; age < 8; age++) {
      assertEquals(then.points().x(0, age), tracker.points().x(0, age));
      assertEquals(then.points().visibility(0, age), tracker.points().visibility(0, age));
    }
    then.close();
  }

  @Test
  void framesThatAreNotThereAreRefused() {
    assertRefused(() -> tracker.add(0, 1, 1), "no frame has come yet: frame=0; push it first");
    push(0, 20);
    assertRefused(
        () -> tracker.add(8, 1, 1),
        "frame is not in the ring: frame=8, oldest=9, newest=20; give one that was pushed, or open with a longer history");
    assertRefused(
        () -> push(20), "frame numbers do not grow: frame=20, last=20; number the frames upwards");
    tracker.add(9, 1, 1);
    assertEquals(12, tracker.points().x(0), 1e-4);
  }

  @Test
  void frameNumbersMayLeaveGaps() {
    push(3);
    tracker.add(3, 5, 6);
    push(7);
    push(50);
    assertEquals(
        List.of(List.of(3, 7, 7, 7, 7, 7, 7, 7), List.of(3, 7, 50, 50, 50, 50, 50, 50)), windows());
    assertEquals(3, tracker.points().frame(2));
    assertEquals(50, tracker.points().frame(0));
  }

  @Test
  void identitiesAreNeverReusedAndPlacesAre() {
    push(0);
    tracker.add(0, 1, 1);
    tracker.add(0, 2, 2);
    tracker.add(0, 3, 3);
    assertRefused(
        () -> tracker.add(0, 4, 4),
        "capacity is used up: points=3, capacity=3; remove points or open for more");
    tracker.remove(1);
    assertEquals(3, tracker.add(0, 4, 4));
    LivePoints points = tracker.points();
    assertEquals(List.of(0L, 2L, 3L), IntStream.range(0, 3).mapToObj(points::point).toList());
    assertEquals(3f, points.x(1));
    assertEquals(4f, points.x(2));
    push(1);
    assertEquals(List.of(0, 2, 1), backend().windows.getLast().points(), "the free template");
    assertRefused(
        () -> tracker.remove(1),
        "point is not live: point=1, live=3; give one that was added and not removed");
  }

  @Test
  void aPointThatIsMovedBeginsAnew() {
    push(0);
    tracker.add(0, 1, 1);
    push(1, 9);
    tracker.move(0, 9, 30, 20);
    assertEquals(30f, tracker.points().x(0));
    backend().windows.clear();
    push(10);
    assertEquals(List.of(frames(9, 10)), windows());
    assertEquals(List.of(true), backend().windows.getFirst().locked());
    tracker.move(0, 8, 20, 20);
    assertEquals(22, tracker.points().x(0), 1e-4, "followed from there to the newest frame");
    assertEquals(3, tracker.points().ages(0));
  }

  @Test
  void aFrozenPointStaysAndCostsNothing() {
    push(0);
    tracker.add(0, 5, 6);
    push(1);
    tracker.freeze(0);
    backend().windows.clear();
    push(2, 20);
    assertEquals(List.of(), windows());
    assertEquals(6, tracker.points().x(0), 1e-4);
    assertEquals(PointState.FROZEN, tracker.points().state(0));
    tracker.move(0, 20, 40, 30);
    push(21);
    assertEquals(40f, tracker.points().x(0));
    assertEquals(PointState.FROZEN, tracker.points().state(0));
    tracker.thaw(0);
    push(22);
    assertStartsAtRest(backend(), 40, 30);
    assertEquals(List.of(frames(21, 22)), windows());
    assertEquals(List.of(false), backend().windows.getFirst().locked(), "it may have moved");
    assertEquals(41, tracker.points().x(0), 1e-4);
    assertRefused(
        () -> tracker.thaw(0), "point is not frozen: point=0, state=TRACKED; freeze it first");
  }

  @Test
  void aPointWithoutSightIsLostUntilItIsSeen() {
    push(0);
    tracker.add(0, 5, 6);
    IntStream.range(2, 6).forEach(dark::add);
    push(1);
    for (int hidden = 1; hidden <= 4; hidden++) {
      push(1 + hidden);
      assertEquals(hidden, tracker.points().hidden(0));
      assertEquals(PointState.LOST, tracker.points().state(0));
    }
    push(6);
    assertEquals(0, tracker.points().hidden(0));
    assertEquals(PointState.TRACKED, tracker.points().state(0));
  }

  @Test
  void aLostPointThatIsFrozenIsStillLostWhenItIsThawed() {
    push(0);
    tracker.add(0, 5, 6);
    dark.add(1);
    push(1);
    tracker.freeze(0);
    push(2, 4);
    assertEquals(PointState.FROZEN, tracker.points().state(0));
    tracker.thaw(0);
    assertEquals(PointState.LOST, tracker.points().state(0));
    assertEquals(1, tracker.points().hidden(0));
    push(5);
    assertEquals(PointState.TRACKED, tracker.points().state(0));
    assertEquals(0, tracker.points().hidden(0));
  }

  @Test
  void earlierFramesAreRevisedWhileTheyAreInTheWindow() {
    push(0);
    tracker.add(0, 5, 6);
    assertEquals(1, tracker.points().ages(0));
    push(1, 3);
    assertEquals(4, tracker.points().ages(0));
    push(4, 12);
    LivePoints points = tracker.points();
    assertEquals(8, points.ages(0));
    for (int age = 0; age < 8; age++) {
      assertEquals(12 - age, points.frame(age));
      assertEquals(17 - age, points.x(0, age), 1e-4);
    }
    assertThrows(IndexOutOfBoundsException.class, () -> points.x(0, 8));
    assertThrows(IndexOutOfBoundsException.class, () -> points.x(1, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> points.frame(8));
  }

  @Test
  void wrongPointsAreRefusedAndNothingIsLost() {
    push(0);
    tracker.add(0, 5, 6);
    for (float[] xy : new float[][] {{-1, 0}, {0, 48}, {Float.NaN, 3}, {64, 3}}) {
      assertRefused(
          () -> tracker.add(0, xy[0], xy[1]),
          "point lies outside the picture: x=%s, y=%s, width=64, height=48; give 0 <= x <= 63 and 0 <= y <= 47"
              .formatted(xy[0], xy[1]));
    }
    assertRefused(
        () -> tracker.move(0, 0, 64, 0),
        "point lies outside the picture: x=64.0, y=0.0, width=64, height=48; give 0 <= x <= 63 and 0 <= y <= 47");
    push(1);
    assertEquals(1, tracker.points().count());
    assertEquals(6, tracker.points().x(0), 1e-4);
  }

  @Test
  void aResizeThatFailsLeavesMemoryPinnedAsItWas() {
    tracker.pin(MemorySegment.NULL);
    RecordingBackend before = backend();
    assertEquals(1, before.pins);
    assertThrows(MoteException.class, () -> tracker.resize(HEIGHT, WIDTH + 1));
    assertEquals(1, before.pins, "pinned again");
    assertTrue(backend().closed);
    assertEquals(0, backend().pins);
    tracker.resize(HEIGHT, WIDTH + 2);
    assertEquals(0, before.pins);
    assertEquals(1, backend().pins);
  }

  @Test
  void afterCloseNothingWorks() {
    push(0);
    tracker.close();
    tracker.close();
    assertTrue(backend().closed);
    IllegalStateException error =
        assertThrows(IllegalStateException.class, () -> tracker.add(0, 1, 1));
    assertEquals("LiveTracker is closed: frame=0; open a new one", error.getMessage());
    assertThrows(IllegalStateException.class, tracker::cut);
    assertThrows(IllegalStateException.class, () -> tracker.points().count());
  }

  @Test
  void optionsOutOfRangeAreRefused() {
    assertRefused(
        () -> OPTIONS.withCapacity(0), "capacity is out of range: points=0; give 1 to 65536");
    assertRefused(
        () -> OPTIONS.withIterations(65),
        "iterations are out of range: iterations=65; give 1 to 64");
    assertRefused(
        () -> OPTIONS.withSettle(Float.NaN),
        "threshold is out of range: settle=NaN; give working pixels, 0 to 64");
    assertRefused(
        () -> OPTIONS.withHistory(-1),
        "history is out of range: history=-1; give 0 to 1024 frames");
    assertRefused(
        () -> OPTIONS.withSearches(-2), "searches are out of range: searches=-2; give 0 to 65536");
    assertRefused(
        () -> OPTIONS.withSize(0, 64), "working size is half given: width=64, height=0; give both");
  }

  private static void assertRefused(
      org.junit.jupiter.api.function.Executable call, String message) {
    assertEquals(message, assertThrows(MoteException.class, call).getMessage());
  }
}
