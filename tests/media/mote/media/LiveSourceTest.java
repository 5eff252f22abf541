package mote.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import mote.engine.MoteException;
import org.junit.jupiter.api.Test;

/** Sources at their own pace on this machine: files, filters, the way to a camera. */
final class LiveSourceTest extends LiveFixture {
  @Test
  void aFileComesAtItsOwnPaceWithEveryFrame() {
    Path clip = greyClip("clip.mp4", 32, 48, 0, 40_000_000, 100_000_000, 150_000_000, 300_000_000);
    List<Long> times = new ArrayList<>();
    long began = System.nanoTime();
    long last = 0;
    try (LiveSource source = open(clip.toString(), EVERY)) {
      assertEquals(32, source.height());
      assertEquals(48, source.width());
      for (int i = 0; i < 5; i++) {
        try (LiveFrame frame = next(source)) {
          assertEquals(i, frame.index());
          assertEquals(grey(i), frame.picture().get(ValueLayout.JAVA_BYTE, 500) & 0xff, 3);
          assertFalse(frame.resized());
          times.add(frame.timestampNanos());
          last = frame.arrivalNanos();
        }
      }
      assertNull(source.next(SOON));
      assertTrue(source.isOver());
      assertEquals(5, source.received());
      assertEquals(0, source.dropped());
    }
    long[] expected = {0, 40_000_000, 100_000_000, 150_000_000, 300_000_000};
    for (int i = 0; i < 5; i++) {
      assertEquals(expected[i], times.get(i), 20_000, "frame " + i); // mp4 counts 1/90000 s
    }
    assertTrue(last - began >= 300_000_000, "300 ms of video took " + (last - began) + " ns");
    assertEquals(List.of(), said);
  }

  @Test
  void aDamagedFileEndsAfterItsGoodFramesWithTheReason() throws Exception {
    Path whole = greyClip("whole.webm", 32, 48, everyMillis(12, 10));
    byte[] bytes = Files.readAllBytes(whole);
    Path cut = folder.resolve("cut.webm");
    Files.write(cut, java.util.Arrays.copyOf(bytes, bytes.length * 2 / 3));
    try (LiveSource source = open(cut.toString(), EVERY)) {
      int frames = 0;
      MoteException failure = null;
      while (failure == null) {
        try (LiveFrame frame = source.next(SOON)) {
          assertEquals(frames++, frame.index());
        } catch (MoteException e) {
          failure = e;
        }
      }
      assertTrue(frames > 0 && frames < 12, frames + " frames");
      assertContains(failure.getMessage(), "a video is damaged or ends early: file=" + cut);
    }
  }

  @Test
  void filtersStandInForACamera() {
    try (LiveSource source = open("lavfi:testsrc2=size=64x48:rate=50", EVERY)) {
      long first = 0;
      long last = 0;
      for (int i = 0; i < 10; i++) {
        try (LiveFrame frame = next(source)) {
          assertEquals(i, frame.index());
          assertEquals(i * 20_000_000L, frame.timestampNanos());
          assertEquals(64 * 48 * 3, frame.picture().byteSize());
          first = i == 0 ? frame.arrivalNanos() : first;
          last = frame.arrivalNanos();
        }
      }
      assertTrue(last - first >= 175_000_000, "9 frames' time took " + (last - first) + " ns");
    }
  }

  @Test
  void theNewestFrameWinsAndDropsAreCounted() throws Exception {
    LiveSourceOptions latest = EVERY.withPolicy(FramePolicy.LATEST);
    try (LiveSource source = open("lavfi:testsrc2=size=64x48:rate=200", latest)) {
      long previous = -1;
      long taken = 0;
      for (int i = 0; i < 5; i++) {
        Thread.sleep(60);
        try (LiveFrame frame = next(source)) {
          long age = System.nanoTime() - frame.arrivalNanos();
          assertTrue(age < 50_000_000, "waited for " + age + " ns");
          assertTrue(i == 0 || frame.index() > previous + 2, "none was dropped");
          previous = frame.index();
          taken++;
        }
      }
      assertEquals(previous + 1, taken + source.dropped(), 2, "taken and dropped are all");
      assertTrue(source.received() >= previous, "received");
    }
  }

  @Test
  void everyFrameWaitsInBoundedMemory() throws Exception {
    try (LiveSource source = open("lavfi:testsrc2=size=64x48:rate=500:duration=0.1", EVERY)) {
      Thread.sleep(300); // as long as all of it three times over
      assertTrue(source.received() <= 7, source.received() + " frames were read ahead");
      for (int i = 0; i < 50; i++) {
        try (LiveFrame frame = next(source)) {
          assertEquals(i, frame.index());
        }
      }
      assertNull(source.next(SOON));
      assertEquals(0, source.dropped());
    }
  }

  @Test
  void aFrameMakesNoGarbage() throws Exception {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Path clip = greyClip("clip.mp4", 48, 64, everyMillis(400, 1));
    for (String address : List.of("lavfi:testsrc2=size=64x48:rate=1000", clip.toString())) {
      try (LiveSource source = open(address, EVERY)) {
        for (int i = 0; i < 100; i++) {
          next(source).close();
        }
        long reader = readerThread();
        long before = threads.getThreadAllocatedBytes(reader);
        long mine = threads.getThreadAllocatedBytes(Thread.currentThread().threadId());
        for (int i = 0; i < 200; i++) {
          next(source).close();
        }
        mine = threads.getThreadAllocatedBytes(Thread.currentThread().threadId()) - mine;
        long bytes = threads.getThreadAllocatedBytes(reader) - before;
        assertTrue(bytes < 2000, address + ": reading 200 frames allocated " + bytes);
        assertTrue(mine < 2000, address + ": taking 200 frames allocated " + mine);
      }
    }
  }

  private static long readerThread() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("mote-capture"))
        .findFirst()
        .orElseThrow()
        .threadId();
  }

  @Test
  void closingFromAnotherThreadEndsTheWaitAndLeavesHeldFramesAlone() throws Exception {
    LiveSource source = open("lavfi:testsrc2=size=64x48:rate=1", EVERY);
    LiveFrame held = next(source);
    next(source).close();
    CompletableFuture<LiveFrame> waiting =
        CompletableFuture.supplyAsync(() -> source.next(TimeUnit.HOURS.toNanos(1)));
    Thread.sleep(50);
    long began = System.nanoTime();
    Thread closer = Thread.ofPlatform().start(source::close);
    assertNull(waiting.get(5, TimeUnit.SECONDS));
    closer.join(5000);
    assertFalse(closer.isAlive(), "close did not return");
    assertTrue(System.nanoTime() - began < 2_000_000_000L, "closing waited for the next frame");
    held.picture().fill((byte) 7);
    assertEquals(7, held.picture().get(ValueLayout.JAVA_BYTE, 64 * 48 * 3 - 1));
    held.close();
    held.close();
    assertEquals(
        "LiveFrame is closed: frame=0; take another from its source",
        assertThrows(IllegalStateException.class, held::picture).getMessage());
    source.close();
    assertNull(source.next(SOON));
    assertTrue(source.isOver());
  }

  @Test
  void aCameraThatIsNotThereIsNamedWithThoseThatAre() throws Exception {
    assertContains(
        failure("/dev/video4321"), "camera does not exist: device=/dev/video4321, cameras=");
    Path file = Files.writeString(folder.resolve("no camera"), "text");
    String message = failure("v4l2:" + file);
    assertContains(message, "camera cannot be opened: device=" + file + ", cause=");
    assertContains(message, ", formats=unknown; ask for a size and rate of these");
  }

  @Test
  void aCamerasFormatsAreThoseThatItsDriverLists() {
    // As libavdevice writes them, piece by piece.
    String said =
        """
        [video4linux2,v4l2 @ 0x55d0c8] Compressed:       mjpeg :          Motion-JPEG : 1280x720 640x480
        [video4linux2,v4l2 @ 0x55d0c8] Raw       :     yuyv422 :           YUYV 4:2:2 : 640x480 320x240
        """;
    assertEquals(
        "mjpeg 1280x720 640x480 | yuyv422 640x480 320x240", StreamOpening.listedFormats(said));
    assertEquals("unknown", StreamOpening.listedFormats("Inappropriate ioctl for device\n"));
  }

  @Test
  void filtersThatDoNotExistAreNamedAsTheyWereGiven() {
    Devices.require();
    String said = failure("lavfi:nonsense");
    assertContains(said, "filters cannot make pictures: source=lavfi:nonsense, cause=");
    assertContains(said, "'nonsense'");
  }

  @Test
  void whatCannotBeOpenedIsSaid() {
    assertEquals(
        "source does not exist or may not be read: file=none.mp4; check path and permission",
        failure("none.mp4"));
    assertEquals(
        "a folder has no pace of its own: path=%s; give a video, or use mote track"
            .formatted(folder),
        failure(folder.toString()));
    assertEquals(
        "source's protocol is not read: protocol=ftp; give rtsp, rtsps, http or https, a camera (/dev/video0) or a file",
        failure("ftp://host/v.mp4"));
    assertEquals(
        "source has no name: source=\" \"; give a camera (/dev/video0), a URL, a file or lavfi:FILTERS",
        failure(" "));
    assertEquals(
        "source has no name: source=\"lavfi:\"; give a camera (/dev/video0), a URL, a file or lavfi:FILTERS",
        failure("lavfi:"));
    assertEquals(
        "live source's option is out of range: retries=-1; give 0 to 1000",
        assertThrows(
                MoteException.class, () -> EVERY.withRetries(-1, java.time.Duration.ofMillis(5)))
            .getMessage());
    assertEquals(
        "camera's size is half given: width=640, height=0; give both or none",
        assertThrows(MoteException.class, () -> EVERY.withCamera(640, 0, 30)).getMessage());
  }

  private String failure(String address) {
    return assertThrows(MoteException.class, () -> open(address, EVERY).close()).getMessage();
  }

  static void assertContains(String text, String part) {
    assertTrue(text.contains(part), () -> "expected: " + part + "\nin: " + text);
  }
}
