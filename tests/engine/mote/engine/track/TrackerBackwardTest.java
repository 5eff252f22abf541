package mote.engine.track;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import mote.engine.Architecture;
import mote.engine.OpenResources;
import org.junit.jupiter.api.Test;

/** Tracking to the past, also where the future breaks off. */
class TrackerBackwardTest {
  private final RecordingBackend.Provider provider =
      new RecordingBackend.Provider((frame, point) -> 5f);

  private Tracker backward(Architecture architecture) {
    return new Tracker(
        NoWeights.of(architecture), provider, TrackerOptions.DEFAULT.withBackward(true));
  }

  private RecordingBackend backend() {
    return provider.opened.getFirst();
  }

  @Test
  void hiddenPointsAreCarriedBothWays() {
    RecordingBackend.Provider dark =
        new RecordingBackend.Provider(
            (frame, point) -> point == 0 && (frame < 6 || frame > 14) ? -5f : 5f);
    List<Query> queries =
        List.of(
            new Query(10, 30, 6), new Query(10, 40, 9), new Query(10, 24, 1), new Query(10, 33, 2));
    for (boolean carry : new boolean[] {true, false}) {
      TrackerOptions options = TrackerOptions.DEFAULT.withBackward(true).withCarry(carry);
      dark.resting.clear();
      Tracks moved =
          new Tracker(NoWeights.of(Architecture.moteS()), dark, options)
              .track(new NumberedFrames(20), queries);
      dark.resting.add(0);
      Tracks rests =
          new Tracker(NoWeights.of(Architecture.moteS()), dark, options)
              .track(new NumberedFrames(20), queries);
      assertEquals(30 + 9, moved.x(19, 0), .05);
      assertEquals(30 + 10, moved.x(0, 0), .05);
      // At rest it is 4 frames behind the others, then they carry it for 5 and for 6.
      assertEquals(carry ? 30 + 5 : 30, rests.x(19, 0), .3);
      assertEquals(carry ? 30 + 6 : 30, rests.x(0, 0), .3);
    }
  }

  @Test
  void pipsIsTrackedAsPublished() {
    assertTrue(TrackerOptions.DEFAULT.carries(Architecture.moteS()));
    assertFalse(TrackerOptions.DEFAULT.carries(Architecture.pips()));
    assertFalse(TrackerOptions.DEFAULT.withCarry(false).carries(Architecture.moteS()));
  }

  @Test
  void backwardTracksToThePastAndKeepsTheQuery() {
    Tracks tracks =
        backward(Architecture.moteS())
            .track(new NumberedFrames(20), List.of(new Query(10, 5, 6), new Query(2, 9, 9)));
    assertEquals(5f, tracks.x(10, 0));
    assertEquals(5 + 10, tracks.x(0, 0), 1e-4);
    assertEquals(5 + 9, tracks.x(19, 0), 1e-4);
    assertEquals(9 + 2, tracks.x(0, 1), 1e-4);
    assertEquals(Map.of(), OpenResources.open());
    // Each frame once to the future, and once to the past those that the past is made of.
    List<Integer> once = IntStream.range(0, 20).boxed().toList();
    List<Integer> again = IntStream.rangeClosed(0, 10).mapToObj(i -> 10 - i).toList();
    assertEquals(Stream.concat(once.stream(), again.stream()).toList(), backend().encoded);
  }

  @Test
  void aBrokenSourceKeepsThePastOfThePointsThatItReached() {
    List<Query> queries = List.of(new Query(9, 5, 6), new Query(0, 7, 8), new Query(20, 9, 10));
    TrackingStoppedException stopped =
        assertThrows(
            TrackingStoppedException.class,
            () -> backward(Architecture.moteS()).track(new NumberedFrames(30, 13), queries));
    assertEquals("frame is broken: frame=13; mend the file", stopped.getMessage());
    Tracks tracks = stopped.tracks();
    assertEquals(5 + 3, tracks.x(12, 0), 1e-4);
    assertEquals(5 + 9, tracks.x(0, 0), 1e-4);
    assertEquals(7 + 12, tracks.x(12, 1), 1e-4);
    assertFalse(tracks.has(12, 2));
    // To the past from the last point that came, and not from the end.
    assertEquals(IntStream.rangeClosed(0, 9).mapToObj(i -> 9 - i).toList(), past(13));
    assertEquals(Map.of(), OpenResources.open());
  }

  @Test
  void aQueryBehindTheEndLeavesTheOthersTheirPast() {
    TrackingStoppedException stopped =
        assertThrows(
            TrackingStoppedException.class,
            () ->
                backward(Architecture.moteS())
                    .track(
                        new NumberedFrames(12), List.of(new Query(10, 5, 6), new Query(40, 7, 8))));
    assertEquals(
        "point starts on a frame that is not there: point=1, frame=40, first_frame=0, frames=12; give a frame of the video",
        stopped.getMessage());
    assertEquals(5 + 10, stopped.tracks().x(0, 0), 1e-4);
  }

  @Test
  void aSourceThatBreaksBeforeEveryQueryCostsNoWayBack() {
    TrackingStoppedException stopped =
        assertThrows(
            TrackingStoppedException.class,
            () ->
                backward(Architecture.moteS())
                    .track(new NumberedFrames(30, 6), List.of(new Query(9, 5, 6))));
    assertEquals("frame is broken: frame=6; mend the file", stopped.getMessage());
    assertEquals(6, stopped.tracks().frames());
    assertEquals(List.of(), past(6));
  }

  @Test
  void stoppingOnTheWayBackRemembersWhyTheSourceEnded() {
    TrackingStoppedException stopped =
        assertThrows(
            TrackingStoppedException.class,
            () ->
                backward(Architecture.moteS())
                    .track(
                        new NumberedFrames(30, 13),
                        List.of(new Query(9, 5, 6)),
                        (done, expected) -> done < 15));
    assertTrue(stopped.cancelled());
    assertEquals(
        "frame is broken: frame=13; mend the file", stopped.getSuppressed()[0].getMessage());
    assertEquals(5 + 3, stopped.tracks().x(12, 0), 1e-4);
  }

  @Test
  void pointsWithoutAPastCostNoWindow() {
    for (Architecture architecture : List.of(Architecture.moteS(), Architecture.pips())) {
      Tracks tracks =
          backward(architecture)
              .track(new NumberedFrames(2), List.of(new Query(0, 5, 6), new Query(1, 7, 8)));
      assertEquals(2, tracks.windowStarts(1).stream().filter(start -> start == 1).count());
      assertEquals(1, tracks.windowStarts(0).stream().filter(start -> start == 0).count());
    }
  }

  @Test
  void framesAreCountedOncePerDirection() {
    List<Long> expected = new ArrayList<>();
    List<Long> done = new ArrayList<>();
    backward(Architecture.moteS())
        .track(
            new NumberedFrames(20),
            List.of(new Query(10, 5, 6), new Query(2, 9, 9)),
            (now, all) -> done.add(now) && expected.add(all));
    assertEquals(31, done.getLast());
    assertEquals(List.of(31L), expected.stream().distinct().toList());
  }

  /** Frames that were encoded after the first {@code frames}. */
  private List<Integer> past(int frames) {
    return backend().encoded.subList(frames, backend().encoded.size());
  }
}
