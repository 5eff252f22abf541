package mote.engine.live;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** A point that the gates see nobody carries, whatever the model thinks of it. */
class LiveSightCarryTest extends LiveFixture {
  LiveSightCarryTest() {
    super(
        Map.of(
            SightModel.KEY,
            "{\"keep\":%s,\"stay\":%s,\"find\":%s}"
                .formatted(gate(7, 1), gate(13, -1), gate(20, -1))));
  }

  /** Always the same. */
  private static String gate(int inputs, int logit) {
    return "{\"weights1\":[[0%s]],\"bias1\":[0],\"weights2\":[0],\"bias2\":%d}"
        .formatted(",0".repeat(inputs - 1), logit);
  }

  @Test
  void whatTheGatesSeeIsFirm() {
    try (LiveTracker tracker = open(OPTIONS.withSearches(2))) {
      push(tracker, 0);
      tracker.add(0, 5, 6);
      tracker.add(0, 12, 6);
      push(tracker, 1);
      push(tracker, 2);
      darkPoints.add(0);
      provider.resting.add(0);
      push(tracker, 3);
      push(tracker, 4);
      assertEquals(PointState.TRACKED, tracker.points().state(0));
      assertEquals(7 + .5 + .25, tracker.points().x(0), 1e-4, "its last motion, halved");
      assertEquals(12 + 4, tracker.points().x(1), 1e-4);
    }
  }
}
