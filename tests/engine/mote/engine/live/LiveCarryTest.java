package mote.engine.live;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Hidden live points go with the others, through everything that may happen to either. */
class LiveCarryTest extends LiveFixture {
  private static final LiveOptions MANY = OPTIONS.withCapacity(6);

  /** Frame from which on the first point is hidden, and the model leaves it where windows start. */
  private static final int LOST = 4;

  /** Where point 0 comes to rest by itself: its last step of 1 px, halved in each frame. */
  private static final float COME_TO_REST = 5 + (LOST - 1) + 1;

  LiveCarryTest() {
    super(Map.of());
  }

  /** Four points that move right by a pixel a frame, the first one lost. */
  private LiveTracker opened(LiveOptions options, int until) {
    LiveTracker tracker = open(options);
    push(tracker, 0);
    tracker.add(0, 5, 6);
    tracker.add(0, 12, 6);
    tracker.add(0, 8, 14);
    tracker.add(0, 20, 10);
    push(tracker, 1, LOST);
    darkPoints.add(0);
    provider.resting.add(0);
    push(tracker, LOST, until);
    return tracker;
  }

  private void push(LiveTracker tracker, int from, int to) {
    for (int frame = from; frame < to; frame++) {
      push(tracker, frame);
    }
  }

  @Test
  void itGoesWithTheOthersForAsLongAsItTakes() {
    try (LiveTracker tracker = opened(MANY, 10)) {
      assertEquals(PointState.LOST, tracker.points().state(0));
      assertEquals(5 + 9, tracker.points().x(0), .1);
      assertEquals(5 + 8, tracker.points().x(0, 1), .1);
      push(tracker, 10, 150);
      assertEquals(5 + 149, tracker.points().x(0), .5);
      assertEquals(6, tracker.points().y(0), .2);
      darkPoints.clear();
      push(tracker, 150);
      assertEquals(COME_TO_REST, tracker.points().x(0), .1, "what the model says itself");
    }
  }

  @Test
  void switchedOffItIsWhereTheModelSays() {
    try (LiveTracker tracker = opened(MANY.withCarry(false), 10)) {
      assertEquals(COME_TO_REST - 1 / 64f, tracker.points().x(0), 1e-4, "six frames on");
    }
  }

  @Test
  void afterACutNobodyCarriesIt() {
    try (LiveTracker tracker = opened(MANY, 10)) {
      tracker.cut();
      push(tracker, 10, 20);
      assertEquals(5 + 9, tracker.points().x(0), .1);
      assertEquals(PointState.TRACKED, tracker.points().state(1));
    }
  }

  @Test
  void thawedNobodyCarriesIt() {
    try (LiveTracker tracker = opened(MANY, 8)) {
      tracker.freeze(0);
      push(tracker, 8, 12);
      assertEquals(5 + 7, tracker.points().x(0), .1);
      tracker.thaw(0);
      push(tracker, 12, 16);
      assertEquals(5 + 7, tracker.points().x(0), .1);
    }
  }

  @Test
  void whoIsMovedToSomethingElseCarriesItNoMore() {
    try (LiveTracker tracker = opened(MANY, 10)) {
      for (int point = 1; point < 4; point++) {
        tracker.move(point, 9, 60, 40);
      }
      push(tracker, 10, 13);
      assertEquals(5 + 9, tracker.points().x(0), .1);
    }
  }

  @Test
  void movedItselfItForgetsTheOthers() {
    try (LiveTracker tracker = opened(MANY, 10)) {
      dark.add(9); // nobody is firm together with where it is moved to
      tracker.move(0, 9, 50, 40);
      dark.add(10);
      dark.add(11);
      push(tracker, 10, 12);
      push(tracker, 12, 15);
      assertEquals(50, tracker.points().x(0), .1);
    }
  }

  @Test
  void removedOnesLeaveTheOthersTheirPlaces() {
    try (LiveTracker tracker = opened(MANY, 10)) {
      tracker.remove(1);
      push(tracker, 10, 12);
      assertEquals(5 + 11, tracker.points().x(0), .2);
      tracker.remove(0);
      assertEquals(8 + 11, tracker.points().x(0), 1e-4, "the next row, firm");
    }
  }

  @Test
  void addedInThePastAndHiddenSinceItIsCarriedFromTheNewestOn() {
    try (LiveTracker tracker = opened(MANY, 10)) {
      darkPoints.add(4);
      provider.resting.add(4);
      tracker.add(7, 10, 10);
      assertEquals(10 + 1, tracker.points().x(4), .1, "the last of the steps");
      push(tracker, 10, 12);
      assertEquals(10 + 3, tracker.points().x(4), .2);
    }
  }
}
