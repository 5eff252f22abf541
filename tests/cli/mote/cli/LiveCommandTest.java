package mote.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.Component;
import java.awt.EventQueue;
import java.awt.Frame;
import java.awt.event.MouseEvent;
import java.awt.event.WindowEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import javax.swing.JFrame;
import mote.engine.FrameSource;
import mote.engine.Frames;
import mote.media.Clicks;
import mote.media.Devices;
import mote.media.PointPicker;
import mote.media.StreamServer;
import mote.media.Videos;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code mote live} on files, filters and a local stream. */
class LiveCommandTest extends CliFixture {
  private static final String CAMERA = "lavfi:testsrc2=size=64x48:rate=30";

  @Test
  void processorsAreKeptAwakeWhereAskedTo() throws IOException {
    Path video = video("v.mp4", 3);
    Ran asleep = run("live", video, "--points", "30,20", "--policy", "every", "--json").expect(0);
    assertEquals(0, asleep.json().get("awake").asInt());
    requireAwake();
    Ran awake =
        run("live", video, "--points", "30,20", "--policy", "every", "--awake", "--json").expect(0);
    int processors = awake.json().get("awake").asInt();
    assertTrue(processors >= 1, "processors");
    assertContains(awake.err(), "mote: processors kept awake: " + processors + "\n");
  }

  @Test
  void aFileIsTrackedFrameByFrame() throws IOException {
    Path out = folder.resolve("t.csv");
    Path video = video("v.mp4", 12);
    Ran ran =
        run("live", video, "--points", "30,20@4;40,24", "--policy", "every", "--out", out, "--json")
            .expect(0);
    JsonNode summary = ran.json();
    assertEquals(12, summary.get("frames").asInt());
    assertEquals(12, summary.get("received").asInt());
    assertEquals(0, summary.get("dropped").asInt());
    assertEquals(2, summary.get("points").asInt());
    assertEquals(64, summary.get("width").asInt());
    assertEquals(64, summary.get("working_width").asInt());
    assertTrue(summary.get("complete").asBoolean());
    assertEquals(out.toString(), summary.get("out").asText());
    assertTrue(summary.get("overlay").isNull());
    double worst = summary.get("worst_ms").asDouble();
    assertTrue(summary.get("p50_ms").asDouble() > 0, "of the few frames there are");
    assertTrue(summary.get("p99_ms").asDouble() <= worst, "p99");
    assertContains(ran.err(), " ms with the start, 2 points");
    assertContains(ran.err(), "mote: source: " + video + ", pictures of 64x48");
    assertContains(ran.err(), "mote: wrote " + out + ": 20 rows");
    List<String> lines = Files.readAllLines(out);
    assertEquals("frame,timestamp_ns,point,x,y,visibility,confidence", lines.get(0));
    assertEquals(1 + 12 + 8, lines.size());
    assertTrue(lines.get(1).startsWith("0,0,1,40.0,24.0,"), "the list's second: " + lines.get(1));
    String[] last = lines.getLast().split(",");
    assertEquals("11", last[0]);
    assertEquals(440_000_000, Long.parseLong(last[1]), 20_000);
    boolean first = last[2].equals("0");
    assertEquals((first ? 30 - 7 : 40 - 11) * SPEED, Double.parseDouble(last[3]), 2);
    assertEquals(first ? 20 : 24, Double.parseDouble(last[4]), 2);
  }

  @Test
  void overlayAndArrowHaveEveryTrackedFrame() throws IOException {
    Devices.require();
    Path overlay = folder.resolve("o.mp4");
    Path out = folder.resolve("t.arrow");
    run(
            "live",
            CAMERA,
            "--grid",
            2,
            "--frames",
            8,
            "--iterations",
            1,
            "--policy",
            "every",
            "--overlay",
            overlay,
            "--out",
            out)
        .expect(0);
    int frames = 0;
    try (FrameSource source = Videos.open(overlay);
        RootAllocator allocator = new RootAllocator();
        Frames batch = new Frames(allocator, HEIGHT, WIDTH, 1)) {
      while (source.read(batch) > 0) {
        frames++;
      }
    }
    assertEquals(8, frames);
    try (RootAllocator allocator = new RootAllocator();
        var file = Files.newByteChannel(out);
        ArrowFileReader reader = new ArrowFileReader(file, allocator)) {
      long rows = 0;
      while (reader.loadNextBatch()) {
        rows += reader.getVectorSchemaRoot().getRowCount();
      }
      assertEquals(32, rows);
      assertEquals(
          "64", reader.getVectorSchemaRoot().getSchema().getCustomMetadata().get("mote.width"));
    }
    assertEquals(List.of("o.mp4", "t.arrow"), names());
  }

  @Test
  void itEndsAfterTheSecondsGiven() throws IOException {
    Devices.require();
    long began = System.nanoTime();
    JsonNode summary =
        run("live", CAMERA, "--grid", 1, "--for", 0.5, "--iterations", 1, "--json")
            .expect(0)
            .json();
    assertTrue(System.nanoTime() - began < 20_000_000_000L, "took too long");
    assertEquals(0.5, summary.get("seconds").asDouble(), 0.3);
    assertTrue(summary.get("out").isNull());
  }

  @Test
  void aStreamThatBreaksOffIsTrackedOn() throws Exception {
    byte[] bytes = Files.readAllBytes(video("v.webm", 60));
    Path out = folder.resolve("t.csv");
    CountDownLatch over = new CountDownLatch(1);
    try (StreamServer server =
        new StreamServer(
            "video/webm",
            (request, body) -> {
              body.write(bytes, 0, request == 0 ? bytes.length / 2 : bytes.length);
              body.flush();
              if (request > 0) {
                over.await();
              }
            })) {
      Ran ran =
          run(
                  "live",
                  server.url(),
                  "--grid",
                  2,
                  "--policy",
                  "every",
                  "--iterations",
                  1,
                  "--frames",
                  70,
                  "--out",
                  out,
                  "--json")
              .expect(0);
      assertEquals(1, ran.json().get("reconnects").asInt());
      assertEquals(70, ran.json().get("frames").asInt());
      assertTrue(ran.json().get("p99_ms").asDouble() > 0, "latency");
      assertEquals(1 + 4 * 70, Files.readAllLines(out).size());
      assertContains(ran.err(), "mote: source broke off: source=" + server.url());
      assertContains(ran.err(), "mote: source is back after ");
      over.countDown();
    }
  }

  @Test
  void whatWasTrackedIsKeptWhereTheSourceIsLost() throws Exception {
    byte[] bytes = Files.readAllBytes(video("v.webm", 40));
    Path out = folder.resolve("t.csv");
    try (StreamServer server =
        new StreamServer("video/webm", (request, body) -> body.write(bytes, 0, bytes.length / 2))) {
      Ran ran =
          run(
                  "live",
                  server.url(),
                  "--grid",
                  1,
                  "--policy",
                  "every",
                  "--retries",
                  0,
                  "--out",
                  out,
                  "--json")
              .expect(1);
      assertFalse(ran.json().get("complete").asBoolean());
      assertSaid(ran, "source is lost: source=" + server.url() + ", attempts=0, cause=");
      assertTrue(Files.readAllLines(out).size() > 5);
    }
  }

  @Test
  void ctrlCKeepsWhatWasTracked() throws Exception {
    Devices.require();
    Path out = folder.resolve("t.csv");
    Path err = folder.resolve("err.txt");
    List<String> command =
        childCommand(
            "live", CAMERA, "--grid", 2, "--out", out, "--overlay", folder.resolve("o.webm"));
    command.add(1, "-Dmote.terminal=true");
    // Tests that run in the background of a shell inherit that SIGINT is ignored, and so would it.
    command.addAll(0, List.of("env", "--default-signal=INT"));
    Process process =
        new ProcessBuilder(command)
            .redirectError(err.toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    for (int i = 0; i < 2400 && process.isAlive(); i++) {
      if (Files.readString(err).contains(" 4 points, ")) {
        break;
      }
      Thread.sleep(25);
    }
    assertContains(Files.readString(err), " 4 points, ");
    new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "did not end");
    assertEquals(Main.INTERRUPTED, process.exitValue(), Files.readString(err));
    assertTrue(Files.readAllLines(out).size() > 4);
    assertEquals(List.of("err.txt", "o.webm", "t.csv"), names());
    assertContains(Files.readString(err), "interrupted: what was tracked is being kept");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "ftp://host/v.mp4 --grid=2 | source's protocol is not read: protocol=ftp; give rtsp, rtsps, http or https, a camera (/dev/video0) or a file",
        "v.mp4 | no point is given: source=v.mp4; give --points, --grid or --points-file, or --window to click them",
        "v.mp4 --grid=2 --out=t.npz | tracks without an end cannot be written in this form: path=t.npz; end it in .arrow or .csv",
        "v.mp4 --grid=2 --overlay=o.avi | a video's suffix is not one that can be written: file=o.avi; use .mp4, .webm or .gif",
        "v.mp4 --grid=2 --frames=0 | run would be empty: frames=0; give more than 0",
        "v.mp4 --grid=2 --for=-1 | run would be empty: for=-1.0; give more than 0",
        "v.mp4 --grid=2 --serve=70000 | port is out of range: serve=70000; give 0 to 65535",
        "v.mp4 --grid=2 --trail=2147483647 | trail is out of range: trail=2147483647; give 0 to 1000 frames",
        "v.mp4 --grid=2 --capacity=0 | capacity is out of range: points=0; give 1 to 65536",
        "v.mp4 --grid=2 --retries=-1 | live source's option is out of range: retries=-1; give 0 to 1000",
        "v.mp4 --grid=2 --timeout=0 | live source's option is out of range: timeout_ms=0; give 100 to 3600000",
      })
  void wrongUsageIsTwo(String options, String message) {
    List<Object> command = new ArrayList<>(List.of("live"));
    command.addAll(List.of(options.split(" ")));
    Ran ran = run(command.toArray()).expect(2);
    assertEquals(
        List.of("mote: " + message, "Try 'mote live --help'."), ran.err().lines().toList());
  }

  @Test
  void whatFailsSaysWhy() {
    Path video = video("v.mp4", 3);
    assertSaid(
        run("live", "none.mp4", "--grid", 2).expect(1),
        "source does not exist or may not be read: file=none.mp4; check path and permission");
    assertSaid(
        run("live", video, "--points", "64,2").expect(1),
        "point lies outside the picture: point=0, x=64.0, y=2.0, width=64, height=48; give 0 <= x <= 63 and 0 <= y <= 47");
    assertSaid(
        run("live", video, "--grid", 3, "--capacity", 4).expect(1),
        "capacity is smaller than the points given: points=9, capacity=4; give more capacity");
    assertSaid(
        run("live", video, "--grid", 1, "--overlay", video).expect(1),
        "output would replace an input: output=%s, input=%s; give it another name"
            .formatted(video, video));
    if (!PointPicker.hasDisplay()) {
      assertSaid(
          run("live", video, "--window").expect(1),
          "there is no display for a window: DISPLAY=%s; leave the window out and serve the pictures to a browser"
              .formatted(System.getenv("DISPLAY")));
    }
  }

  @Test
  void aWindowsClicksAreTrackedUntilItIsClosed() throws Exception {
    Devices.require();
    Assumptions.assumeTrue(PointPicker.hasDisplay(), "skipped: there is no display");
    FutureTask<Ran> live =
        new FutureTask<>(() -> run("live", CAMERA, "--window", "--iterations", 1, "--json"));
    Thread.ofPlatform().daemon().start(live);
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    int pictures = 0;
    while (pictures < 3 && !live.isDone() && System.nanoTime() < until) {
      Thread.sleep(200);
      pictures += clickTheMiddle();
    }
    for (Frame frame : Frame.getFrames()) {
      EventQueue.invokeLater(
          () -> frame.dispatchEvent(new WindowEvent(frame, WindowEvent.WINDOW_CLOSING)));
    }
    JsonNode summary = live.get(30, TimeUnit.SECONDS).expect(0).json();
    assertEquals(3, pictures, "clicks on a window that is shown");
    assertTrue(summary.get("points").asInt() >= 1, "points: " + summary);
    assertTrue(summary.get("frames").asInt() >= 1, "frames: " + summary);
  }

  /** Clicks once in each window that shows something; says how many there are. */
  private static int clickTheMiddle() throws Exception {
    int[] shown = {0};
    EventQueue.invokeAndWait(
        () -> {
          for (Frame frame : Frame.getFrames()) {
            if (frame.isShowing() && frame.getTitle().startsWith("mote live: ")) {
              Component view = ((JFrame) frame).getContentPane().getComponent(0);
              Clicks.click(view, view.getWidth() / 2, view.getHeight() / 2, MouseEvent.BUTTON1);
              shown[0]++;
            }
          }
        });
    return shown[0];
  }
}
