package mote.media;

import static mote.media.LiveSourceTest.assertContains;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import mote.engine.MoteException;
import org.junit.jupiter.api.Test;

/** Network streams from a local server: breaks, silence, lies. */
final class LiveStreamTest extends LiveFixture {
  @Test
  void aBreakInTheMiddleIsMetByOpeningAgain() throws Exception {
    byte[] bytes = Files.readAllBytes(transportStream("clip.ts", "96x64"));
    CountDownLatch over = new CountDownLatch(1);
    String url =
        serve(
            "video/mp2t",
            (request, body) -> {
              if (request == 0) { // cut in the middle of a packet
                body.write(bytes, 0, bytes.length / 2);
              } else {
                body.write(bytes);
                body.flush();
                over.await();
              }
            });
    long last = -1;
    try (LiveSource source = open(url, EVERY)) {
      for (int i = 0; i < 30; i++) {
        try (LiveFrame frame = next(source)) {
          assertEquals(i, frame.index());
          assertTrue(frame.timestampNanos() > last, "time stands still at frame " + i);
          last = frame.timestampNanos();
        }
      }
      assertEquals(1, source.reconnects());
      over.countDown();
    }
    assertTrue(last < 10_000_000_000L, "time jumped to " + last);
    assertContains(said.get(0), "source broke off: source=" + url + ", cause=");
    assertContains(said.get(0), "; attempt 1 of 3 to open it again in 0.02 s");
    assertContains(said.get(1), "source is back after ");
  }

  @Test
  void aNewSizeIsAnEvent() throws Exception {
    byte[] wide = Files.readAllBytes(transportStream("wide.ts", "96x64"));
    byte[] small = Files.readAllBytes(transportStream("small.ts", "64x48"));
    CountDownLatch over = new CountDownLatch(1);
    String url =
        serve(
            "video/mp2t",
            (request, body) -> {
              body.write(wide);
              body.write(small);
              body.flush();
              over.await();
            });
    try (LiveSource source = open(url, EVERY)) {
      List<String> sizes = new ArrayList<>();
      for (int i = 0; i < 45; i++) {
        try (LiveFrame frame = next(source)) {
          assertEquals(3L * frame.width() * frame.height(), frame.picture().byteSize());
          if (frame.resized() || i == 0) {
            sizes.add(frame.width() + "x" + frame.height());
          }
        }
      }
      assertEquals(List.of("96x64", "64x48"), sizes);
      assertEquals(96, source.width(), "the first frame's");
      assertEquals(0, source.reconnects());
      over.countDown();
    }
  }

  @Test
  void aStreamThatNeverComesBackIsLostAfterTheLastAttempt() throws Exception {
    byte[] bytes = Files.readAllBytes(transportStream("clip.ts", "96x64"));
    String url =
        serve(
            "video/mp2t",
            (request, body) -> {
              if (request == 0) {
                body.write(bytes);
              }
            });
    try (LiveSource source = open(url, EVERY)) {
      int frames = 0;
      MoteException failure = null;
      while (failure == null) {
        try (LiveFrame frame = source.next(SOON)) {
          assertNotNull(frame, "an end without a reason");
          frames++;
        } catch (MoteException e) {
          failure = e;
        }
      }
      assertTrue(frames >= 24, frames + " frames");
      assertContains(
          failure.getMessage(), "source is lost: source=" + url + ", attempts=3, cause=");
      assertContains(failure.getMessage(), "; check it and start again");
      assertEquals(3, said.size(), said.toString());
      assertContains(said.get(2), "attempt 3 of 3 to open it again in 0.08 s");
    }
  }

  @Test
  void silenceIsABreak() throws Exception {
    byte[] bytes = Files.readAllBytes(transportStream("clip.ts", "96x64"));
    CountDownLatch over = new CountDownLatch(1);
    String url =
        serve(
            "video/mp2t",
            (request, body) -> {
              body.write(bytes);
              body.flush();
              over.await();
            });
    LiveSourceOptions impatient = EVERY.withTimeout(Duration.ofMillis(400));
    try (LiveSource source = open(url, impatient)) {
      while (source.reconnects() == 0) {
        try (LiveFrame frame = next(source)) {
          assertEquals(96, frame.width());
        }
      }
      over.countDown();
    }
    assertContains(
        said.get(0),
        "source broke off: source=" + url + ", cause=silent for 0.4 s; attempt 1 of 3");
  }

  /** JavaCPP has ten function pointers of a kind: the eleventh stream would never time out. */
  @Test
  void moreStreamsThanAnyLimitTimeOut() throws Exception {
    byte[] bytes = Files.readAllBytes(transportStream("clip.ts", "96x64"));
    CountDownLatch over = new CountDownLatch(1);
    String url =
        serve(
            "video/mp2t",
            (request, body) -> {
              body.write(bytes);
              body.flush();
              over.await();
            });
    LiveSourceOptions impatient =
        EVERY
            .withPolicy(FramePolicy.LATEST)
            .withTimeout(Duration.ofMillis(500))
            .withRetries(0, Duration.ofMillis(1));
    List<LiveSource> sources = new ArrayList<>();
    try {
      for (int i = 0; i < 13; i++) {
        sources.add(open(url, impatient));
      }
      for (LiveSource source : sources) {
        MoteException lost =
            assertThrows(
                MoteException.class,
                () -> {
                  while (!source.isOver()) {
                    source.next(SOON).close();
                  }
                });
        assertContains(lost.getMessage(), "cause=silent for 0.5 s");
      }
    } finally {
      sources.forEach(LiveSource::close);
      over.countDown();
    }
  }

  @Test
  void closingDoesNotWaitForASilentServer() throws Exception {
    byte[] bytes = Files.readAllBytes(transportStream("clip.ts", "96x64"));
    CountDownLatch over = new CountDownLatch(1);
    String url =
        serve(
            "video/mp2t",
            (request, body) -> {
              body.write(bytes);
              body.flush();
              over.await();
            });
    LiveSource source = open(url, EVERY.withTimeout(Duration.ofSeconds(60)));
    next(source).close();
    long began = System.nanoTime();
    source.close();
    assertTrue(System.nanoTime() - began < 2_000_000_000L, "close waited");
    over.countDown();
  }

  @Test
  void motionJpegComesWithTheTimeOfItsArrival() throws Exception {
    byte[] jpeg =
        Files.readAllBytes(
            ffmpeg(
                "still.jpg",
                "-f",
                "lavfi",
                "-i",
                "color=red:s=64x48",
                "-frames:v",
                "1",
                "-pix_fmt",
                "yuvj420p"));
    String head =
        "--frame\r\nContent-Type: image/jpeg\r\nContent-Length: " + jpeg.length + "\r\n\r\n";
    String url =
        serve(
            "multipart/x-mixed-replace; boundary=frame",
            (request, body) -> {
              while (true) { // until the client goes
                body.write(head.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                body.write(jpeg);
                body.write('\r');
                body.write('\n');
                body.flush();
                Thread.sleep(5);
              }
            });
    try (LiveSource source = open(url, EVERY)) {
      long time = 0;
      long arrival = 0;
      for (int i = 0; i < 40; i++) {
        try (LiveFrame frame = next(source)) {
          assertEquals(64, frame.width());
          assertEquals(48, frame.height());
          time = i == 19 ? frame.timestampNanos() : time;
          arrival = i == 19 ? frame.arrivalNanos() : arrival;
          if (i == 39) {
            assertEquals(frame.arrivalNanos() - arrival, frame.timestampNanos() - time, 40_000_000);
          }
        }
      }
    }
  }

  @Test
  void aStreamWithALengthComesAtItsPaceAndEnds() throws Exception {
    byte[] bytes = Files.readAllBytes(greyClip("clip.mp4", 32, 48, everyMillis(6, 50)));
    try (StreamServer server = new StreamServer("video/mp4", bytes);
        LiveSource source = open(server.url(), EVERY)) {
      long first = 0;
      for (int i = 0; i < 6; i++) {
        try (LiveFrame frame = next(source)) {
          assertEquals(i * 50_000_000L, frame.timestampNanos(), 20_000);
          first = i == 0 ? frame.arrivalNanos() : first;
          assertTrue(frame.arrivalNanos() - first >= i * 50_000_000L - 20_000, "too early");
        }
      }
      assertNull(source.next(SOON));
      assertTrue(source.isOver());
      assertEquals(0, source.reconnects());
      assertEquals(List.of(), said);
    }
  }

  @Test
  void rtspIsReadAndOpenedAgain() throws Exception {
    byte[] bytes = Files.readAllBytes(transportStream("clip.ts", "96x64"));
    try (RtspServer server = new RtspServer(bytes);
        LiveSource source = open(server.url(), EVERY)) {
      assertEquals(96, source.width());
      long last = -1;
      for (int i = 0; i < 40; i++) {
        try (LiveFrame frame = next(source)) {
          assertEquals(i, frame.index());
          assertTrue(frame.timestampNanos() > last, "time stands still at frame " + i);
          last = frame.timestampNanos();
        }
      }
      assertTrue(source.reconnects() >= 1, "reconnects");
      assertTrue(server.played() >= 2, "played");
      assertContains(said.get(0), "source broke off: source=" + server.url() + ", cause=");
    }
  }

  @Test
  void aPasswordIsNeverSaid() throws IOException {
    int port = freePort();
    for (String scheme : new String[] {"http", "rtsp"}) {
      String url = scheme + "://user:secret@127.0.0.1:" + port + "/live?token=hidden";
      String message =
          assertThrows(MoteException.class, () -> open(url, EVERY).close()).getMessage();
      assertContains(
          message,
          "stream cannot be opened: source=%s://...@127.0.0.1:%d/live, cause="
              .formatted(scheme, port));
      assertContains(message, "; check the address and that it is being sent");
      assertFalse(message.contains("secret") || message.contains("hidden"), message);
    }
  }

  /** Where nobody listens. */
  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Test
  void whatIsNoVideoIsSaid() throws Exception {
    String page =
        serve(
            "text/html",
            (request, body) ->
                body.write("<html></html>".getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
    assertContains(
        assertThrows(MoteException.class, () -> open(page, EVERY).close()).getMessage(),
        "stream cannot be opened: source=" + page + ", cause=");
  }

  /** An answer from the network must not make this machine's files readable. */
  @Test
  void aPlaylistNamesNoFilesOfThisMachine() throws Exception {
    var clip = transportStream("clip.ts", "96x64");
    String playlist =
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://" + clip + "\n#EXT-X-ENDLIST\n";
    String url =
        serve(
            "application/vnd.apple.mpegurl",
            (request, body) ->
                body.write(playlist.getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
    LiveSourceOptions impatient = EVERY.withTimeout(Duration.ofSeconds(2));
    assertContains(
        assertThrows(MoteException.class, () -> open(url, impatient).close()).getMessage(),
        "source=" + url);
  }
}
