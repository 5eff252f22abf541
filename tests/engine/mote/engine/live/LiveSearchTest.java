package mote.engine.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import mote.engine.Architecture;
import mote.engine.MoteException;
import mote.engine.track.NoWeights;
import mote.engine.track.RecordingBackend;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How points are believed, lost and found again, with gates whose rules are plain. */
class LiveSearchTest extends LiveFixture {
  /** Seen while the model says so and the place is like the template by more than 0.6. */
  private static final String KEEP = gate("[-1,0,0,0,0,0,0],[0,0,-20,0,0,0,0]", "[0,12]");

  /** Seen at its estimate if the model says so and no other place is more alike by 0.05. */
  private static final String STAY =
      gate("[-1,0,0,0,0,0,0,0,0,0,0,0,0],[0,0,0,0,0,0,0,20,0,0,0,0,0]", "[0,-1]");

  /** Seen where it was found if the fresh window says so and the peak stands out by 0.3. */
  private static final String FIND =
      gate(
          "[-1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],[0,0,0,0,-20,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]",
          "[0,6]");

  private static final String SIGHT =
      "{\"keep\":%s,\"stay\":%s,\"find\":%s}".formatted(KEEP, STAY, FIND);

  /** Where the whole picture matches the only point best, and how well; nothing is next. */
  private float[] place = {0, 0, 1};

  private LiveTracker tracker;

  LiveSearchTest() {
    super(Map.of(SightModel.KEY, SIGHT));
  }

  /** 5 less ten times what is wrong. */
  private static String gate(String weights1, String bias1) {
    return "{\"weights1\":[%s],\"bias1\":%s,\"weights2\":[-10,-10],\"bias2\":5}"
        .formatted(weights1, bias1);
  }

  @AfterEach
  void close() {
    if (tracker != null) {
      tracker.close();
    }
  }

  private LivePoints push(int frame) {
    return push(tracker, frame);
  }

  /** With a point at (5, 6) on frame 0. */
  private RecordingBackend searching() {
    tracker = open(OPTIONS.withSearches(2));
    backend().match = (frame, template) -> place;
    push(0);
    tracker.add(0, 5, 6);
    return backend();
  }

  @Test
  void aSeenPointStaysSeenWhileItsPlaceIsLikeItsTemplate() {
    RecordingBackend backend = searching();
    LivePoints points = push(1);
    assertEquals(List.of(0), backend.matches, "to learn how distinct it is");
    backend.matches.clear();
    assertEquals(PointState.TRACKED, points.state(0));
    assertEquals(1 / (1 + Math.exp(-5)), points.visibility(0), 1e-6);
    backend.like = 0.5f;
    push(2);
    assertEquals(PointState.LOST, points.state(0));
    assertTrue(points.visibility(0) < 0.5);
    assertEquals(7, points.x(0), 1e-4, "it stays where its window says");
    assertEquals(List.of(), backend.matches, "lost only now");
  }

  @Test
  void aLostPointIsLookedForInTheWholePicture() {
    final RecordingBackend backend = searching();
    IntStream.range(1, 4).forEach(dark::add);
    LivePoints points = push(1);
    backend.matches.clear();
    push(2);
    assertEquals(List.of(0), backend.matches);
    assertEquals(PointState.LOST, points.state(0));
    assertEquals(7, points.x(0), 1e-4, "followed blindly");
    place = new float[] {40, 30, 1.1f};
    push(3);
    assertEquals(PointState.LOST, points.state(0), "the fresh window does not see it");
    place = new float[] {40, 30, 1.1f};
    push(4);
    assertEquals(PointState.TRACKED, points.state(0));
    assertEquals(40, points.x(0), 1e-4);
    assertEquals(30, points.y(0), 1e-4);
    assertTrue(points.visibility(0) > 0.5);
    assertEquals(1, points.ages(0), "it begins anew");
    backend.windows.clear();
    push(5);
    assertStartsAtRest(backend, 40, 30);
    assertEquals(List.of(frames(4, 5)), windows(backend));
    assertEquals(41, points.x(0), 1e-4);
  }

  @Test
  void aPeakThatDoesNotStandOutIsNotTaken() {
    RecordingBackend backend = searching();
    backend.like = 0.1f;
    push(1);
    place = new float[] {40, 30, 0.2f};
    assertEquals(PointState.LOST, push(2).state(0), "by 0.2 only");
    place = new float[] {40, 30, 0.4f};
    assertEquals(PointState.TRACKED, push(3).state(0));
    assertEquals(40, tracker.points().x(0), 1e-4);
  }

  /** As probabilities of float both are 1. */
  @Test
  void ofTwoThatAreSureTheSurerIsTaken() {
    String sure = "{\"weights1\":[[%s0]],\"bias1\":[0],\"weights2\":[0],\"bias2\":%d}";
    for (int[] logits : new int[][] {{40, 30}, {30, 40}}) {
      String sight =
          "{\"keep\":%s,\"stay\":%s,\"find\":%s}"
              .formatted(
                  sure.formatted("0,".repeat(6), -9),
                  sure.formatted("0,".repeat(12), logits[0]),
                  sure.formatted("0,".repeat(19), logits[1]));
      NoWeights weights = new NoWeights(Architecture.moteS(), Map.of(SightModel.KEY, sight));
      try (LiveTracker sighted =
          LiveTracker.open(weights, provider, OPTIONS.withSearches(1), HEIGHT, WIDTH)) {
        backend().match = (frame, template) -> new float[] {40, 30, 1};
        push(sighted, 0);
        sighted.add(0, 5, 6);
        assertEquals(PointState.LOST, push(sighted, 1).state(0));
        LivePoints points = push(sighted, 2);
        assertEquals(PointState.TRACKED, points.state(0));
        assertEquals(logits[0] > logits[1] ? 7 : 40, points.x(0), 1e-4);
      }
    }
  }

  @Test
  void whatHardlyStandsOutCostsNoWindow() {
    RecordingBackend backend = searching();
    backend.like = -0.5f;
    push(1);
    place = new float[] {40, 30, 0.01f};
    backend.windows.clear();
    push(2);
    assertEquals(1, backend.windows.size());
    place = new float[] {40, 30, 0.03f};
    backend.windows.clear();
    push(3);
    assertEquals(2, backend.windows.size());
  }

  @Test
  void aLostPointIsBelievedWhereItIsIfNothingIsMoreAlike() {
    searching();
    dark.add(1);
    push(1);
    assertEquals(PointState.LOST, tracker.points().state(0));
    place = new float[] {40, 30, 0.2f};
    LivePoints points = push(2);
    assertEquals(PointState.TRACKED, points.state(0));
    assertEquals(7, points.x(0), 1e-4, "its own estimate");
    assertTrue(points.ages(0) > 1, "its windows go on");
  }

  @Test
  void lostPointsTakeTurns() {
    tracker = open(OPTIONS.withSearches(2));
    RecordingBackend backend = backend();
    backend.like = 0;
    backend.match = (frame, template) -> place;
    place = new float[] {0, 0, 0.1f};
    push(0);
    for (int n = 0; n < 3; n++) {
      tracker.add(0, 5 + n, 6);
    }
    tracker.cut();
    for (int frame = 1; frame <= 3; frame++) {
      push(frame);
    }
    assertEquals(List.of(0, 1, 2), backend.matchCalls.getFirst().templates(), "learned");
    assertEquals(List.of(0, 1, 2, 0, 1, 2), backend.matches.subList(3, backend.matches.size()));
  }

  @Test
  void pointsOfOneFrameAreLearnedTogetherBeforeTheNext() {
    tracker = open(OPTIONS.withCapacity(5).withSearches(2));
    push(0);
    for (int n = 0; n < 4; n++) {
      tracker.add(0, 5 + n, 6);
    }
    tracker.remove(1);
    tracker.move(2, 0, 7, 8);
    RecordingBackend backend = backend();
    assertEquals(List.of(), backend.matchCalls, "not yet");
    backend.like = 0.5f;
    push(1);
    backend.like = 1;
    var learned = new RecordingBackend.Comparison(0, List.of(0, 2, 3));
    assertEquals(List.of(learned), backend.matchCalls);
    assertEquals(learned, backend.similarityCalls.getFirst());
    assertEquals(2, backend.similarityCalls.size(), "and one of all points in the new frame");
    push(2);
    assertEquals(List.of(0, 2, 3), backend.matchCalls.getFirst().templates());
    assertEquals(1, backend.matchCalls.stream().filter(call -> call.frame() == 0).count(), "once");
  }

  @Test
  void framesAreLearnedFromOneByOne() {
    tracker = open(OPTIONS.withCapacity(5).withSearches(2));
    push(0);
    push(1);
    tracker.add(1, 5, 6);
    tracker.freeze(0);
    tracker.add(1, 6, 6);
    tracker.move(0, 0, 9, 9); // stays frozen: nothing is followed, nothing needed yet
    RecordingBackend backend = backend();
    assertEquals(List.of(), backend.matchCalls);
    push(2);
    assertEquals(
        List.of(
            new RecordingBackend.Comparison(0, List.of(0)),
            new RecordingBackend.Comparison(1, List.of(1))),
        backend.matchCalls);
  }

  @Test
  void aPointOfAPastFrameIsLearnedBeforeItIsFollowed() {
    tracker = open(OPTIONS.withCapacity(5).withSearches(2));
    push(0);
    push(1);
    tracker.add(1, 5, 6);
    tracker.add(0, 5, 6);
    RecordingBackend backend = backend();
    assertEquals(
        List.of(
            new RecordingBackend.Comparison(1, List.of(0)),
            new RecordingBackend.Comparison(0, List.of(1))),
        backend.matchCalls);
  }

  @Test
  void withoutSearchNothingIsLearned() {
    tracker = open(OPTIONS);
    push(0);
    tracker.add(0, 5, 6);
    push(1);
    assertEquals(List.of(), backend().matchCalls);
    assertEquals(List.of(), backend().similarityCalls);
  }

  /** Or some would never have one where points are added in past frames again and again. */
  @Test
  void aPointThatCatchesUpTakesNobodysTurn() {
    tracker = open(OPTIONS.withCapacity(4).withSearches(1));
    RecordingBackend backend = backend();
    backend.like = 0;
    backend.match = (frame, template) -> place;
    place = new float[] {0, 0, 0.1f};
    push(0);
    for (int n = 0; n < 3; n++) {
      tracker.add(0, 5 + n, 6);
    }
    tracker.cut();
    push(1);
    push(2);
    backend.matches.clear();
    tracker.add(0, 20, 6); // lost by the cut before frame 1
    assertEquals(List.of(3, 3, 3), backend.matches, "learned, and looked for in both frames");
    tracker.remove(3);
    backend.matches.clear();
    push(3);
    assertEquals(List.of(2), backend.matches, "after 0 and 1");
  }

  @Test
  void aLostPointThatWasFrozenIsLookedForInTheNextFrame() {
    RecordingBackend backend = searching();
    dark.add(1);
    push(1);
    tracker.freeze(0);
    backend.matches.clear();
    push(2);
    assertEquals(List.of(), backend.matches, "frozen");
    tracker.thaw(0);
    place = new float[] {40, 30, 1.1f};
    push(3);
    assertEquals(List.of(0), backend.matches);
    assertEquals(PointState.TRACKED, tracker.points().state(0));
    assertEquals(40, tracker.points().x(0), 1e-4);
  }

  @Test
  void aPointThatCannotCatchUpIsNotThere() {
    tracker = open(OPTIONS.withSearches(2));
    push(0);
    push(1);
    MoteException failure = new MoteException("device is gone: device=recording; plug it in");
    backend().match =
        (frame, template) -> {
          throw failure;
        };
    for (int n = 0; n < 4; n++) { // one more than there is room for
      assertSame(failure, assertThrows(MoteException.class, () -> tracker.add(0, 5, 6)));
      assertEquals(0, tracker.points().count());
    }
    backend().match = (frame, template) -> place;
    for (int n = 0; n < 3; n++) {
      assertEquals(4 + n, tracker.add(0, 5, 6), "identities are used up, room is not");
    }
  }

  @Test
  void searchingNeedsGates() {
    NoWeights blind = NoWeights.of(Architecture.moteS());
    MoteException refused =
        assertThrows(
            MoteException.class,
            () ->
                LiveTracker.open(blind, provider, OPTIONS.withSearches(1), HEIGHT, WIDTH).close());
    assertEquals(
        "weights have no mote.sight to search with: model=mote-s, searches=1; use others, or no search",
        refused.getMessage());
    assertEquals(List.of(), provider.opened, "before anything was opened");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{|document|JSON",
        "{}|keep.bias1|1 to 256 numbers",
        "{\"keep\":{\"bias1\":[0]}}|keep.weights1|1 rows",
        "{\"keep\":{\"bias1\":[0],\"weights1\":[[1,2]]}}|keep.weights1|7 numbers",
        "{\"keep\":{\"bias1\":[1e99],\"weights1\":[[1]]}}|keep.bias1|numbers from -1e9 to 1e9",
        "{\"keep\":{\"bias1\":[-1.1e9],\"weights1\":[[1]]}}|keep.bias1|numbers from -1e9 to 1e9",
        "{\"keep\":{\"bias1\":[0],\"weights1\":{\"a\":[1,2,3,4,5,6,7]}}}|keep.weights1|1 rows",
        "{\"keep\":{\"bias1\":[0],\"weights1\":{\"a\":[1,2,3,4,5,6,7]}}}{}|document|JSON",
        "{\"keep\":1,\"keep\":{}}|document|JSON",
        "null|keep.bias1|1 to 256 numbers",
        "[]|keep.bias1|1 to 256 numbers",
        "{\"keep\":{\"bias1\":[\"a\"]}}|keep.bias1|numbers from -1e9 to 1e9"
      })
  void gatesThatAreNotSoundAreRefused(String json, String field, String expected) {
    NoWeights broken = new NoWeights(Architecture.moteS(), Map.of(SightModel.KEY, json));
    MoteException refused =
        assertThrows(
            MoteException.class,
            () -> LiveTracker.open(broken, provider, OPTIONS, HEIGHT, WIDTH).close());
    assertEquals(
        "mote.sight is not sound: field=%s, expected=%s; export the weights again"
            .formatted(field, expected),
        refused.getMessage());
  }
}
