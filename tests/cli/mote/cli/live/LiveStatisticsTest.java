package mote.cli.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import mote.engine.Architecture;
import mote.engine.live.LiveOptions;
import mote.engine.live.LivePoints;
import mote.engine.live.LiveTracker;
import mote.engine.track.NoWeights;
import mote.engine.track.RecordingBackend;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The frames of the start count in a run that has no others. */
class LiveStatisticsTest {
  private static final long MILLI = 1_000_000;
  private static final double DIGITS = 0.01;

  private final LiveTracker tracker =
      LiveTracker.open(
          NoWeights.of(Architecture.moteS()),
          new RecordingBackend.Provider((frame, point) -> 0f),
          LiveOptions.DEFAULT.withSearches(0),
          48,
          64);
  private final LivePoints points = tracker.points();
  private final LiveStatistics statistics = new LiveStatistics();

  @AfterEach
  void close() {
    tracker.close();
  }

  /** Frames at 10 a second that take so many milliseconds each. */
  private void frames(int count, int millis) {
    for (int i = 0; i < count; i++) {
      long arrival = 100 * MILLI * statistics.frames();
      statistics.add(arrival, arrival + millis * MILLI, points);
    }
  }

  @Test
  void withoutAFrameThereIsNoLatency() {
    assertEquals(0, statistics.latencies().count());
    assertTrue(statistics.line(0).contains("no latency"), statistics.line(0));
  }

  @Test
  void aShortRunCountsWhatThereIs() {
    frames(1, 300);
    frames(9, 20);
    assertEquals(10, statistics.latencies().count());
    assertEquals(20, statistics.latencies().percentileMillis(50), DIGITS * 20);
    assertEquals(300, statistics.latencies().worstMillis(), DIGITS * 300);
    assertTrue(
        statistics.summary(10, 0).contains("latency p50 20.0 p99 300.2 ms with the start,"),
        statistics.summary(10, 0));
  }

  @Test
  void aLongerRunLeavesTheStartOut() {
    frames(LiveStatistics.WARM_UP_FRAMES, 300);
    assertEquals(LiveStatistics.WARM_UP_FRAMES, statistics.latencies().count());
    frames(1, 20);
    assertEquals(1, statistics.latencies().count());
    assertEquals(20, statistics.latencies().worstMillis(), DIGITS * 20);
    assertFalse(statistics.summary(61, 0).contains("with the start"));
  }
}
