package mote.engine.live;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** A lost point is believed where a neighbour says that it is: with gates that heed that alone. */
class LiveNeighboursTest extends LiveFixture {
  /** Seen while the model says so. */
  private static final String KEEP = gate(7, 0, -1, 0);

  /** Never at its own estimate. */
  private static final String STAY = gate(13, 0, 0, 9);

  /** Where it was found, if a neighbour agrees: input 15 counts them. */
  private static final String FIND = gate(20, 15, -2, 1);

  LiveNeighboursTest() {
    super(
        Map.of(
            SightModel.KEY, "{\"keep\":%s,\"stay\":%s,\"find\":%s}".formatted(KEEP, STAY, FIND)));
  }

  /** 1 less ten times what bias and one input come to, where that is positive. */
  private static String gate(int inputs, int input, float weight, float bias) {
    StringBuilder weights = new StringBuilder();
    for (int i = 0; i < inputs; i++) {
      weights.append(i == 0 ? "" : ",").append(i == input ? weight : 0);
    }
    return "{\"weights1\":[[%s]],\"bias1\":[%s],\"weights2\":[-10],\"bias2\":1}"
        .formatted(weights, bias);
  }

  /** Points move right by a pixel a frame: (5, 6) and (30, 20) on frame 0. */
  private LiveTracker opened() {
    LiveTracker tracker = open(OPTIONS.withSearches(2));
    push(tracker, 0);
    tracker.add(0, 5, 6);
    tracker.add(0, 30, 20);
    push(tracker, 1);
    return tracker;
  }

  @Test
  void aPlaceIsBelievedWhereTheNeighbourSaysItIs() {
    try (LiveTracker tracker = opened()) {
      darkPoints.add(0);
      assertEquals(PointState.LOST, push(tracker, 2).state(0));
      darkPoints.clear();
      backend().match = (frame, template) -> new float[] {5 + frame, 6 + 6.5f, 1};
      assertEquals(PointState.LOST, push(tracker, 3).state(0), "6.5 pixels from there");
      backend().match = (frame, template) -> new float[] {5 + frame, 6 + 5.5f, 1};
      assertEquals(PointState.TRACKED, push(tracker, 4).state(0));
      assertEquals(9, tracker.points().x(0), 1e-4);
      assertEquals(11.5, tracker.points().y(0), 1e-4);
    }
  }

  @Test
  void nobodyHearsOneThatWasNotSeenTheFrameBefore() {
    try (LiveTracker tracker = opened()) {
      backend().match =
          (frame, template) ->
              new float[] {(template == 0 ? 5 : 30) + frame, template == 0 ? 6 : 20, 1};
      dark.add(2);
      push(tracker, 2);
      push(tracker, 3);
      assertEquals(PointState.LOST, tracker.points().state(0));
      assertEquals(PointState.LOST, tracker.points().state(1));
    }
  }

  @Test
  void aFrozenOrRemovedNeighbourSaysNothing() {
    for (boolean frozen : new boolean[] {true, false}) {
      try (LiveTracker tracker = opened()) {
        backend().match = (frame, template) -> new float[] {5 + frame, 6, 1};
        darkPoints.add(0);
        push(tracker, 2);
        darkPoints.clear();
        if (frozen) {
          tracker.freeze(1);
        } else {
          tracker.remove(1);
          tracker.add(2, 40, 30);
          push(tracker, 3);
        }
        for (int frame = 4; frame < 8; frame++) {
          assertEquals(PointState.LOST, push(tracker, frame).state(0), "frame " + frame);
        }
      }
    }
  }

  /** The neighbour goes on as if nothing had happened; whom the lost point knew is forgotten. */
  @Test
  void whoIsFrozenForgetsItsNeighbours() {
    for (boolean cut : new boolean[] {true, false}) {
      try (LiveTracker tracker = opened()) {
        backend().match = (frame, template) -> new float[] {5 + frame, 6, 1};
        darkPoints.add(0);
        assertEquals(PointState.LOST, push(tracker, 2).state(0));
        darkPoints.clear();
        tracker.freeze(0);
        if (cut) {
          tracker.cut();
        }
        push(tracker, 3);
        tracker.move(1, 3, 33, 20);
        tracker.thaw(0);
        for (int frame = 4; frame < 8; frame++) {
          assertEquals(PointState.LOST, push(tracker, frame).state(0), "frame " + frame);
          assertEquals(PointState.TRACKED, tracker.points().state(1), "frame " + frame);
        }
      }
    }
  }

  @Test
  void afterACutNobodyKnowsAnything() {
    try (LiveTracker tracker = opened()) {
      backend().match = (frame, template) -> new float[] {5 + frame, 6, 1};
      darkPoints.add(0);
      push(tracker, 2);
      darkPoints.clear();
      tracker.cut();
      for (int frame = 3; frame < 8; frame++) {
        assertEquals(PointState.LOST, push(tracker, frame).state(0), "frame " + frame);
      }
    }
  }
}
