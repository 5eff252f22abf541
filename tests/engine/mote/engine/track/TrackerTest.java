package mote.engine.track;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import mote.engine.Architecture;
import mote.engine.MoteException;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.Float4Vector;
import org.junit.jupiter.api.Test;

/** What the scheduler asks a backend for, in what order, and what becomes of the answers. */
class TrackerTest {
  private static final BiFunction<Integer, Integer, Float> SEEN = (frame, point) -> 5f;

  private final RecordingBackend.Provider provider = new RecordingBackend.Provider(SEEN);

  private Tracker mote(TrackerOptions options) {
    return new Tracker(NoWeights.of(Architecture.moteS()), provider, options);
  }

  private RecordingBackend backend() {
    return provider.opened.getFirst();
  }

  private static List<Integer> frames(int from, int last) {
    return IntStream.range(from, from + 8).map(f -> Math.min(f, last)).boxed().toList();
  }

  @Test
  void overlappingWindowsUntilOneReachesTheEnd() {
    Tracks tracks =
        mote(TrackerOptions.DEFAULT).track(new NumberedFrames(19), List.of(new Query(0, 5, 6)));
    assertEquals(List.of(0L, 4L, 8L, 12L), tracks.windowStarts(0));
    assertEquals(IntStream.range(0, 19).boxed().toList(), backend().encoded);
    assertEquals(
        List.of(frames(0, 18), frames(4, 18), frames(8, 18), frames(12, 18)),
        backend().windows.stream().map(RecordingBackend.Window::frames).toList());
    assertEquals(
        List.of(List.of(true), List.of(false), List.of(false), List.of(false)),
        backend().windows.stream().map(RecordingBackend.Window::locked).toList());
    for (int f = 0; f < 19; f++) {
      assertEquals(5 + f, tracks.x(f, 0), 1e-4, "frame " + f);
    }
    assertTrue(backend().closed);
  }

  @Test
  void aWindowThatEndsWithTheVideoIsTheLast() {
    Tracks tracks =
        mote(TrackerOptions.DEFAULT).track(new NumberedFrames(12), List.of(new Query(0, 5, 6)));
    assertEquals(List.of(0L, 4L), tracks.windowStarts(0));
  }

  @Test
  void videosShorterThanAWindowRepeatTheirLastFrame() {
    Tracks tracks =
        mote(TrackerOptions.DEFAULT).track(new NumberedFrames(3), List.of(new Query(0, 5, 6)));
    assertEquals(List.of(frames(0, 2)), backend().windows.stream().map(w -> w.frames()).toList());
    assertEquals(3, tracks.frames());
    assertEquals(7, tracks.x(2, 0), 1e-4);
  }

  @Test
  void queriesOnTheLastFrameHaveTheirRow() {
    Tracks tracks =
        mote(TrackerOptions.DEFAULT)
            .track(new NumberedFrames(12), List.of(new Query(0, 5, 6), new Query(11, 7, 8)));
    assertEquals(List.of(11L), tracks.windowStarts(1));
    assertEquals(7f, tracks.x(11, 1));
    assertTrue(tracks.visibility(11, 1) > 0.9);
  }

  @Test
  void aWindowStartsFromTheLastEstimateAndThenAtRest() {
    mote(TrackerOptions.DEFAULT).track(new NumberedFrames(12), List.of(new Query(0, 5, 6)));
    float[] second = backend().firstEstimates.get(1);
    float[] expected = {9, 10, 11, 12, 12, 12, 12, 12};
    for (int s = 0; s < 8; s++) {
      assertEquals(expected[s], second[2 * s], 1e-4, "frame " + s);
      assertEquals(6, second[2 * s + 1], 1e-4);
    }
  }

  @Test
  void pointsOfOneStartAreRefinedTogetherAndLaterQueriesJoin() {
    List<Query> queries = List.of(new Query(0, 1, 1), new Query(3, 2, 2), new Query(4, 3, 3));
    Tracks tracks = mote(TrackerOptions.DEFAULT).track(new NumberedFrames(16), queries);
    RecordingBackend.Window shared =
        backend().windows.stream().filter(w -> w.frames().equals(frames(4, 15))).findAny().get();
    assertEquals(List.of(0, 2), shared.points());
    assertEquals(List.of(false, true), shared.locked());
    assertFalse(tracks.has(2, 1));
    assertTrue(tracks.has(3, 1));
    assertEquals(2f, tracks.x(3, 1));
    assertEquals(2f + 12, tracks.x(15, 1), 1e-4);
  }

  @Test
  void thePublishedChainingFollowsVisibility() {
    // Seen on frames 0 to 4 only, then hidden: the first scan finds frame 4 above 0.9.
    RecordingBackend.Provider hidden =
        new RecordingBackend.Provider((frame, point) -> frame <= 4 ? 5f : -5f);
    Tracks tracks =
        new Tracker(NoWeights.of(Architecture.pips()), hidden, TrackerOptions.DEFAULT)
            .track(new NumberedFrames(14), List.of(new Query(0, 5, 6)));
    // From 4 on nothing is sure: the threshold falls until the last frame passes, 7 further on.
    assertEquals(List.of(0L, 4L, 11L), tracks.windowStarts(0));
    assertTrue(Float.isNaN(tracks.confidence(3, 0)));
  }

  @Test
  void aBrokenSourceKeepsWhatWasTracked() {
    TrackingStoppedException stopped =
        assertThrows(
            TrackingStoppedException.class,
            () ->
                mote(TrackerOptions.DEFAULT)
                    .track(new NumberedFrames(30, 13), List.of(new Query(0, 5, 6))));
    assertEquals("frame is broken: frame=13; mend the file", stopped.getMessage());
    assertFalse(stopped.cancelled());
    assertEquals(13, stopped.tracks().frames());
    assertEquals(5 + 12, stopped.tracks().x(12, 0), 1e-4);
    assertTrue(backend().closed);
  }

  @Test
  void aFailingBackendKeepsWhatWasTracked() {
    RecordingBackend.Provider failing =
        new RecordingBackend.Provider(
            (frame, point) -> {
              if (frame == 15) {
                throw new MoteException("device is gone: device=0; plug it in");
              }
              return 5f;
            });
    TrackingStoppedException stopped =
        assertThrows(
            TrackingStoppedException.class,
            () ->
                new Tracker(NoWeights.of(Architecture.moteS()), failing, TrackerOptions.DEFAULT)
                    .track(new NumberedFrames(30), List.of(new Query(0, 5, 6))));
    assertEquals("device is gone: device=0; plug it in", stopped.getMessage());
    assertFalse(stopped.cancelled());
    assertEquals(5 + 11, stopped.tracks().x(11, 0), 1e-4);
    assertTrue(failing.opened.getFirst().closed);
  }

  @Test
  void numbersThatAreNoneEndTheRunAndNotTheTracks() {
    RecordingBackend.Provider broken =
        new RecordingBackend.Provider((frame, point) -> frame == 15 ? Float.NaN : 5f);
    TrackingStoppedException stopped =
        assertThrows(
            TrackingStoppedException.class,
            () ->
                new Tracker(NoWeights.of(Architecture.moteS()), broken, TrackerOptions.DEFAULT)
                    .track(new NumberedFrames(30), List.of(new Query(0, 5, 6))));
    assertEquals(
        "tracking left the numbers: point=0, frame=15, x=20.0, y=6.0, visibility=NaN; check the weights",
        stopped.getMessage());
    assertTrue(stopped.tracks().has(11, 0));
  }

  @Test
  void cancellingKeepsFinishedWindows() {
    TrackingStoppedException stopped =
        assertThrows(
            TrackingStoppedException.class,
            () ->
                mote(TrackerOptions.DEFAULT)
                    .track(
                        new NumberedFrames(30),
                        List.of(new Query(0, 5, 6)),
                        (done, expected) -> done < 14));
    assertEquals(
        "tracking was cancelled: frames=14; what was tracked is kept", stopped.getMessage());
    assertTrue(stopped.cancelled());
    assertTrue(stopped.tracks().has(11, 0));
    assertFalse(stopped.tracks().has(12, 0));
  }

  @Test
  void queriesThatDoNotFitTheVideo() {
    assertMessage(
        "point starts on a frame that is not there: point=1, frame=9, first_frame=0, frames=6; give a frame of the video",
        List.of(new Query(0, 5, 6), new Query(9, 5, 6)));
    assertMessage(
        "point lies outside the picture: point=0, x=64.0, y=6.0, width=64, height=48; give 0 <= x <= 63 and 0 <= y <= 47",
        List.of(new Query(0, 64, 6)));
  }

  @Test
  void queriesBeforeTheRangeAreRefusedBeforeTheWork() {
    NumberedFrames late = new NumberedFrames(40);
    late.skip(10);
    assertEquals(
        "point starts before the first frame: point=1, frame=9, first_frame=10; give a frame from there on or begin earlier",
        assertThrows(
                MoteException.class,
                () ->
                    mote(TrackerOptions.DEFAULT)
                        .track(late, List.of(new Query(10, 5, 6), new Query(9, 5, 6))))
            .getMessage());
    assertEquals(List.of(), backend().encoded);
  }

  private void assertMessage(String expected, List<Query> queries) {
    assertEquals(
        expected,
        assertThrows(
                MoteException.class,
                () -> mote(TrackerOptions.DEFAULT).track(new NumberedFrames(6), queries))
            .getMessage());
  }

  @Test
  void theWorkingPictureIsReducedAndPointsComeBackAsTheyCame() {
    assertEquals(List.of(368, 640), workingSize(1080, 1920));
    assertEquals(List.of(480, 368), workingSize(480, 360));
    TrackerOptions half = TrackerOptions.DEFAULT.withSize(32, 32);
    Tracks tracks = mote(half).track(new NumberedFrames(9), List.of(new Query(0, 5, 6)));
    assertEquals(5f, tracks.x(0, 0));
    assertEquals(5 + 2 * 8, tracks.x(8, 0), 1e-3); // one working pixel is two of the source
    assertEquals(2.25f, backend().firstEstimates.getFirst()[0], 1e-5);
  }

  private static List<Integer> workingSize(int height, int width) {
    return IntStream.of(TrackerOptions.workingSize(height, width)).boxed().toList();
  }

  @Test
  void optionsThatDoNotFit() {
    assertOption(
        "hop does not fit the model: hop=4, model=pips; leave it out, visibility decides",
        () -> TrackerOptions.DEFAULT.withHop(4).plan(Architecture.pips(), 48, 64, 1));
    assertOption(
        "stride does not fit the model: stride=8, model=mote-s; use 4",
        () -> TrackerOptions.DEFAULT.withStride(8).plan(Architecture.moteS(), 48, 64, 1));
    assertOption(
        "hop is out of range: hop=8; give 1 to 7", () -> TrackerOptions.DEFAULT.withHop(8));
    assertOption(
        "iterations are out of range: iterations=65; give 1 to 64",
        () -> TrackerOptions.DEFAULT.withIterations(65));
    assertOption(
        "working size is half given: width=0, height=32; give both",
        () -> TrackerOptions.DEFAULT.withSize(32, 0));
  }

  private static void assertOption(
      String expected, org.junit.jupiter.api.function.Executable executable) {
    assertEquals(expected, assertThrows(MoteException.class, executable).getMessage());
  }

  @Test
  void tracksReadAsArrowBatches() throws Exception {
    Tracks tracks =
        mote(TrackerOptions.DEFAULT)
            .track(new NumberedFrames(9), List.of(new Query(0, 5, 6), new Query(4, 7, 8)));
    int rows = 0;
    try (RootAllocator allocator = new RootAllocator();
        TracksReader reader = tracks.read(allocator, 6)) {
      while (reader.loadNextBatch()) {
        var root = reader.getVectorSchemaRoot();
        for (int i = 0; i < root.getRowCount(); i++, rows++) {
          long frame = ((BigIntVector) root.getVector("frame")).get(i);
          int point = (int) ((BigIntVector) root.getVector("point")).get(i);
          assertEquals(tracks.x(frame, point), ((Float4Vector) root.getVector("x")).get(i));
          assertEquals(frame * 40_000_000L, ((BigIntVector) root.getVector("timestamp_ns")).get(i));
        }
      }
    }
    assertEquals(9 + 5, rows);
  }

  @Test
  void batchesOfNothingAndFramesOutOfOrderAreRefused() {
    Tracks tracks =
        mote(TrackerOptions.DEFAULT).track(new NumberedFrames(3), List.of(new Query(0, 5, 6)));
    assertEquals(
        "batch would hold no row: rowsPerBatch=0; give 1 or more",
        assertThrows(IllegalArgumentException.class, () -> tracks.read(null, 0)).getMessage());
    assertEquals(
        "frames are not consecutive: frame=5, expected=3; give every frame of the video in order",
        assertThrows(IllegalArgumentException.class, () -> tracks.addFrame(5, 0)).getMessage());
  }

  @Test
  void modelsWithoutConfidenceGiveNulls() throws Exception {
    Tracks tracks =
        new Tracker(NoWeights.of(Architecture.pips()), provider, TrackerOptions.DEFAULT)
            .track(new NumberedFrames(3), List.of(new Query(0, 5, 6)));
    try (RootAllocator allocator = new RootAllocator();
        TracksReader reader = tracks.read(allocator, 100)) {
      assertTrue(reader.loadNextBatch());
      assertNull(reader.getVectorSchemaRoot().getVector("confidence").getObject(0));
    }
  }

  /** Room on the disk is asked for the frames from the first to the last query. */
  @Test
  void framesBeforeARangeTakeNoRoom() {
    int first = 1 << 30;
    NumberedFrames source = new NumberedFrames(Integer.MAX_VALUE, first + 12);
    source.skip(first);
    TrackingStoppedException stopped =
        assertThrows(
            TrackingStoppedException.class,
            () ->
                mote(TrackerOptions.DEFAULT.withBackward(true))
                    .track(source, List.of(new Query(first + 3, 5, 6))));
    assertEquals(
        "frame is broken: frame=" + (first + 12) + "; mend the file", stopped.getMessage());
    assertEquals(5 + 3, stopped.tracks().x(first, 0), 1e-4);
    NumberedFrames whole = new NumberedFrames(Integer.MAX_VALUE);
    Query far = new Query(Integer.MAX_VALUE - 1, 5, 6);
    MoteException full =
        assertThrows(
            MoteException.class,
            () -> mote(TrackerOptions.DEFAULT.withBackward(true)).track(whole, List.of(far)));
    assertTrue(full.getMessage().startsWith("the frames do not fit the disk: "), full.getMessage());
  }
}
