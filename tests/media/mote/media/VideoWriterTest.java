package mote.media;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import mote.engine.FrameSource;
import mote.engine.MoteException;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class VideoWriterTest extends MediaFixture {
  @Test
  void nothingBearsTheFinalNameBeforeTheEnd() throws IOException {
    Path file = folder.resolve("out.mp4");
    Files.writeString(file, "the last run's result");
    try (VideoWriter writer = VideoWriter.create(file, 32, 48)) {
      writer.next().fill((byte) 90);
      writer.submit(0);
      assertEquals("the last run's result", Files.readString(file));
      writer.finish();
      assertEquals(List.of("out.mp4"), names());
      assertEquals(1, writer.finish(), "finishing again changes nothing");
    }
    try (FrameSource source = Videos.open(file)) {
      assertEquals(1, readAll(source).size());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"out.mp4", "out.webm", "out.gif"})
  void closingWithoutFinishingLeavesNothing(String name) throws IOException {
    try (VideoWriter writer = VideoWriter.create(folder.resolve(name), 32, 48)) {
      for (int i = 0; i < 10; i++) {
        writer.next().fill((byte) (20 * i));
        writer.submit(i * 40_000_000L);
      }
    }
    assertEquals(List.of(), names());
  }

  @ParameterizedTest
  @ValueSource(strings = {"out.mp4", "out.webm", "out.gif"})
  void whatWasWrittenIsKeptWhenAnotherThreadEndsIt(String name) throws Exception {
    Path file = folder.resolve(name);
    CountDownLatch some = new CountDownLatch(6);
    AtomicReference<Throwable> stopped = new AtomicReference<>();
    long kept;
    try (VideoWriter writer = VideoWriter.create(file, 32, 48)) {
      Thread producer =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      for (int i = 0; true; i++) {
                        writer.next().fill((byte) grey(i % 20));
                        writer.submit(i * 40_000_000L);
                        some.countDown();
                      }
                    } catch (IllegalStateException e) {
                      stopped.set(e);
                    }
                  });
      some.await();
      kept = writer.finishEarly();
      producer.join();
    }
    assertTrue(kept >= 6);
    assertEquals(
        "VideoWriter is finished: file=%s, frames=%d; create a new one".formatted(file, kept),
        stopped.get().getMessage());
    try (FrameSource source = Videos.open(file)) {
      List<Seen> seen = readAll(source);
      assertEquals(kept, seen.size());
      assertEquals(grey(4), seen.get(4).at(5, 5, 48, 1), 3);
    }
  }

  /** Who closes while another thread waits for the end takes the file away, and never a part. */
  @ParameterizedTest
  @ValueSource(strings = {"out.mp4", "out.webm", "out.gif"})
  void closingWhileItEndsLeavesAWholeFileOrNone(String name) throws Exception {
    Path file = folder.resolve(name);
    VideoWriter writer = VideoWriter.create(file, 720, 1280);
    for (int i = 0; i < VideoWriter.QUEUE; i++) {
      writer.next().fill((byte) grey(i));
      writer.submit(i * 40_000_000L);
    }
    Thread ending = Thread.ofPlatform().start(writer::finishEarly);
    while (ending.getState() == Thread.State.NEW || ending.getState() == Thread.State.RUNNABLE) {
      Thread.onSpinWait();
    }
    writer.close();
    ending.join();
    if (Files.exists(file)) {
      try (FrameSource source = Videos.open(file)) {
        assertEquals(VideoWriter.QUEUE, readAll(source).size());
      }
    }
    assertTrue(names().isEmpty() || names().equals(List.of(name)), names().toString());
  }

  @Test
  void withoutAFrameThereIsNoFile() throws IOException {
    Path file = folder.resolve("out.mp4");
    try (VideoWriter writer = VideoWriter.create(file, 32, 48)) {
      assertEquals(
          "a video got no frame and is not written: file=%s; check that the source has frames"
              .formatted(file),
          assertThrows(MoteException.class, writer::finish).getMessage());
    }
    try (VideoWriter writer = VideoWriter.create(file, 32, 48)) {
      assertEquals(0, writer.finishEarly());
    }
    assertEquals(List.of(), names());
  }

  @Test
  void oddSizesGetACopyOfTheLastRowAndColumn() {
    byte[] rgb = new byte[3 * 33 * 51];
    for (int i = 0; i < 33 * 51; i++) {
      int x = i % 51;
      rgb[3 * i] = rgb[3 * i + 1] = rgb[3 * i + 2] = (byte) (x < 40 ? 60 : 200);
    }
    try (FrameSource source = Videos.open(stillClip("odd.mp4", 33, 51, rgb))) {
      assertEquals(34, source.height());
      assertEquals(52, source.width());
      Seen seen = readAll(source).getLast();
      assertEquals(60, seen.at(20, 33, 52, 0), 6);
      assertEquals(200, seen.at(51, 33, 52, 0), 6);
    }
    try (FrameSource source = Videos.open(stillClip("odd.gif", 33, 51, rgb))) {
      assertEquals(33, source.height());
      assertEquals(51, source.width());
    }
  }

  @Test
  void timesStartAtZeroAndGifDropsWhatViewersCannotShow() {
    Path late = greyClip("late.mp4", 32, 48, 4_000_000_000L, 4_000_000_000L, 4_100_000_000L);
    try (FrameSource source = Videos.open(late)) {
      List<Seen> seen = readAll(source);
      assertArrayEquals(
          new long[] {0, 11_111, 100_000_000L}, seen.stream().mapToLong(Seen::nanos).toArray());
    }
    Path fast = greyClip("fast.gif", 32, 48, everyMillis(10, 10));
    try (FrameSource source = Videos.open(fast)) {
      List<Seen> seen = readAll(source);
      assertEquals(5, seen.size());
      assertEquals(80_000_000L, seen.getLast().nanos());
    }
  }

  @Test
  void aFullDiskIsNamedAndLeavesNothing() throws IOException {
    Path full = Path.of("/dev/full");
    Assumptions.assumeTrue(Files.exists(full), "skipped: /dev/full is not there");
    for (String name : List.of("out.mp4", "out.webm", "out.gif")) {
      Path file = folder.resolve(name);
      Files.createSymbolicLink(VideoWriter.temporaryName(file), full);
      MoteException e = assertThrows(MoteException.class, () -> writeThirty(file));
      assertTrue(
          e.getMessage()
              .matches(
                  "a video cannot be written: file=%s, free_bytes=\\d+, cause=No space left on device.*; free some space or write elsewhere"
                      .formatted(file)),
          e.getMessage());
    }
    assertEquals(List.of(), names());
  }

  private static void writeThirty(Path file) {
    try (VideoWriter writer = VideoWriter.create(file, 64, 96)) {
      for (int i = 0; i < 30; i++) {
        writer.next().fill((byte) (31 * i));
        writer.submit(i * 40_000_000L);
      }
      writer.finish();
    }
  }

  @Test
  void badNamesAndFoldersAreRefusedEarly() throws IOException {
    assertRefused(
        folder.resolve("out.xyz"),
        "a video's suffix is not one that can be written: file=%s; use .mp4, .webm or .gif");
    assertRefused(
        folder.resolve("none/out.mp4"),
        "a video's folder does not exist: file=%s; make the folder first");
    Path taken = Files.createDirectory(folder.resolve("taken.mp4"));
    assertRefused(taken, "a video's name is a folder's: file=%s; give another name");
    assertEquals(List.of("taken.mp4"), names());
  }

  @Test
  void anUnwritableFolderIsRefusedEarly() throws IOException {
    Path locked = Files.createDirectory(folder.resolve("locked"));
    Assumptions.assumeTrue(
        locked.toFile().setWritable(false) && !Files.isWritable(locked),
        "skipped: this user may write everywhere");
    assertRefused(
        locked.resolve("out.mp4"),
        "a video's folder cannot be written: file=%s; give yourself the permission or another"
            + " folder");
  }

  private static void assertRefused(Path file, String message) {
    assertEquals(
        message.formatted(file),
        assertThrows(MoteException.class, () -> VideoWriter.create(file, 32, 48)).getMessage());
  }

  @Test
  void wrongFramesAreNamed() {
    Path file = folder.resolve("out.mp4");
    assertEquals(
        "a video's size cannot be written: file=%s, height=15, width=48; keep both at least 16 and their product under 170 million"
            .formatted(file),
        assertThrows(MoteException.class, () -> VideoWriter.create(file, 15, 48)).getMessage());
    VideoWriter writer = VideoWriter.create(file, 32, 48);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment small = arena.allocate(10);
      assertEquals(
          "a frame has another size than the video: file=%s, bytes=10, video_bytes=4608; give height * width RGB triples"
              .formatted(file),
          assertThrows(MoteException.class, () -> writer.write(small, 0)).getMessage());
      writer.next();
      writer.submit(80);
      writer.next();
      assertEquals(
          "a frame is older than the last: file=%s, frame=1, timestamp_ns=79, last_timestamp_ns=80; write frames in order"
              .formatted(file),
          assertThrows(MoteException.class, () -> writer.submit(79)).getMessage());
      writer.submit(81);
      assertEquals(
          "VideoWriter has no frame to take; call next() first",
          assertThrows(IllegalStateException.class, () -> writer.submit(90)).getMessage());
    }
    writer.close();
    writer.close();
    assertThrows(IllegalStateException.class, writer::next);
    assertFalse(Files.exists(file));
  }
}
