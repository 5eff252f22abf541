package mote.media;

import static mote.media.Clicks.click;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Component;
import java.awt.Container;
import java.awt.EventQueue;
import java.awt.Window;
import java.awt.event.MouseEvent;
import java.awt.event.WindowEvent;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import mote.engine.MoteException;
import mote.engine.track.Query;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * Picking points: the list and its file, the canvas, the grid, the window where there is a display.
 */
final class PickTest extends MediaFixture {
  @Test
  void pointsAreAddedRemovedAndSavedWhole() throws IOException {
    PickedPoints points = new PickedPoints(100, 200);
    assertTrue(points.isSaved());
    assertTrue(points.add(10, 20, 0));
    assertTrue(points.add(199.4f, 99.4f, 3));
    assertTrue(points.add(12, 20, 3));
    assertFalse(points.add(199.6f, 50, 3), "outside");
    assertFalse(points.add(Float.NaN, 50, 3), "nowhere");
    assertFalse(points.removeNear(10, 20, 1, 5), "none on that frame");
    assertFalse(points.removeNear(30, 20, 3, 5), "none that near");
    assertTrue(points.removeNear(11, 20, 3, 5));
    assertFalse(points.isSaved());
    Path file = folder.resolve("points.csv");
    assertEquals(2, points.save(file));
    assertTrue(points.isSaved());
    assertEquals("x,y,frame\n10.0,20.0,0\n199.0,99.0,3\n", Files.readString(file));
    assertEquals(List.of("points.csv"), names());
    assertTrue(points.undo());
    assertTrue(points.undo());
    assertFalse(points.undo());
    assertFalse(points.isSaved());
    Path nowhere = folder.resolve("none/points.csv");
    MoteException e = assertThrows(MoteException.class, () -> points.save(nowhere));
    assertTrue(
        e.getMessage().startsWith("file cannot be written: path=" + nowhere + ", cause="),
        e.getMessage());
  }

  @Test
  void anyFrameIsFound() {
    for (String name : List.of("clip.mp4", "clip.webm")) {
      Path clip = greyClip(name, 32, 48, 0, 40_000_000, 100_000_000, 150_000_000, 300_000_000);
      try (FrameSeeker seeker = new FrameSeeker(clip)) {
        assertEquals(5, seeker.frames(), name);
        for (int frame : new int[] {0, 1, 4, 2, 3, 0, 4}) {
          int pixel = seeker.picture(frame).getRGB(10, 10);
          assertEquals(grey(frame), pixel & 0xff, 3, "frame " + frame);
        }
        assertEquals(
            "a video has no such frame: file=%s, frame=5, frames=5; give 0 <= frame <= 4"
                .formatted(clip),
            assertThrows(MoteException.class, () -> seeker.picture(5)).getMessage());
      }
    }
  }

  /** Long waits between the first frames: duration times rate is far from the number of frames. */
  @Test
  void framesAreCountedAndNotEstimated() {
    long[] nanos = new long[30];
    for (int i = 1; i < nanos.length; i++) {
      nanos[i] = nanos[i - 1] + (i < 8 ? 2_000_000_000L : 10_000_000L);
    }
    Path clip = greyClip("slow-then-fast.webm", 32, 48, nanos);
    try (FrameSeeker seeker = new FrameSeeker(clip)) {
      assertEquals(30, seeker.frames());
      assertEquals(grey(25), seeker.picture(25).getRGB(10, 10) & 0xff, 3);
      assertEquals(
          "a video has no such frame: file=%s, frame=30, frames=30; give 0 <= frame <= 29"
              .formatted(clip),
          assertThrows(MoteException.class, () -> seeker.picture(30)).getMessage());
    }
  }

  @Test
  void aVideoThatGoesAwayIsNamedAndMayComeBack() throws IOException {
    Path clip = greyClip("clip.mp4", 32, 48, everyMillis(5, 40));
    Path away = folder.resolve("away.mp4");
    try (FrameSeeker seeker = new FrameSeeker(clip)) {
      Files.move(clip, away);
      assertEquals(
          "a video does not exist: file=" + clip + "; check the path",
          assertThrows(MoteException.class, () -> seeker.picture(3)).getMessage());
      assertEquals(grey(0), seeker.picture(0).getRGB(10, 10) & 0xff, 3, "it is still open there");
      Files.move(away, clip);
      assertEquals(grey(3), seeker.picture(3).getRGB(10, 10) & 0xff, 3);
    }
  }

  @Test
  void theCanvasTurnsClicksIntoPixels() {
    PickedPoints points = new PickedPoints(50, 100);
    int[] changes = new int[1];
    PickerCanvas canvas = new PickerCanvas(points, plain(50, 100, 0x808080), () -> changes[0]++);
    // Four screen pixels for one of the video, and bars of 30 above and below.
    canvas.setSize(400, 260);
    click(canvas, 42, 30 + 82, MouseEvent.BUTTON1);
    canvas.show(7, plain(50, 100, 0x202020));
    click(canvas, 202, 30 + 102, MouseEvent.BUTTON1);
    click(canvas, 302, 30 + 102, MouseEvent.BUTTON1);
    click(canvas, 200, 10, MouseEvent.BUTTON1);
    assertEquals(
        List.of(new Query(0, 10, 20), new Query(7, 50, 25), new Query(7, 75, 25)), points.all());
    click(canvas, 308, 30 + 100, MouseEvent.BUTTON3);
    click(canvas, 42, 30 + 82, MouseEvent.BUTTON3);
    assertEquals(2, points.all().size(), "the point of frame 0 is out of reach on frame 7");
    assertEquals(6, changes[0]);
  }

  @Test
  void theGridsLinesRunThroughPixelCentres() throws IOException {
    Path clip = greyClip("clip.mp4", 64, 96, everyMillis(3, 40));
    Path png = folder.resolve("grid.png");
    String said = GridPicture.write(clip, 2, png);
    assertEquals(
        "grid of frame 2: %s, 96x64 enlarged 18 times, a labelled line every 5 pixels, a thin one every 1"
            .formatted(png),
        said);
    assertEquals(List.of("clip.mp4", "grid.png"), names());
    BufferedImage grid = ImageIO.read(png.toFile());
    int margin = (grid.getWidth() - 96 * 18) / 2;
    int between = grid.getRGB(margin + 10 * 18 + 9 + 5, margin + 10 * 18 + 9 + 5) & 0xff;
    int labelled = grid.getRGB(margin + 10 * 18 + 9, margin + 10 * 18 + 9 + 5) & 0xff;
    int thin = grid.getRGB(margin + 11 * 18 + 9, margin + 10 * 18 + 9 + 5) & 0xff;
    assertEquals(grey(2), between, 3);
    assertTrue(
        labelled > thin + 30 && thin > between + 10, labelled + ", " + thin + ", " + between);
    assertEquals(
        "a video has no such frame: file=%s, frame=3, frames=3; give 0 <= frame <= 2"
            .formatted(clip),
        assertThrows(MoteException.class, () -> GridPicture.write(clip, 3, png)).getMessage());
    PrintStream before = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setErr(new PrintStream(printed, true));
    try {
      MoteException e =
          assertThrows(
              MoteException.class, () -> GridPicture.write(clip, 0, folder.resolve("none/g.png")));
      assertTrue(e.getMessage().startsWith("file cannot be written: path="), e.getMessage());
    } finally {
      System.setErr(before);
    }
    assertEquals("", printed.toString(), "the message is all that is said");
  }

  @Test
  void gridStepsAreRound() {
    assertEquals(5, GridPicture.step(18, 96));
    assertEquals(50, GridPicture.step(1, 1900));
    assertEquals(25, GridPicture.step(2, 854));
  }

  @Test
  void theWindowSavesWhatWasClicked() throws Exception {
    Assumptions.assumeTrue(PointPicker.hasDisplay(), "skipped: there is no display");
    Path clip = greyClip("clip.mp4", 64, 96, everyMillis(5, 40));
    Path file = folder.resolve("points.csv");
    FutureTask<Integer> picking = new FutureTask<>(() -> PointPicker.pick(clip, file));
    Thread.ofPlatform().daemon().start(picking);
    Window window = awaitWindow();
    EventQueue.invokeAndWait(
        () -> {
          PickerCanvas canvas = find(window, PickerCanvas.class).orElseThrow();
          double scale = Math.min(canvas.getWidth() / 96.0, canvas.getHeight() / 64.0);
          int x = (int) ((canvas.getWidth() - 96 * scale) / 2 + 20.5 * scale);
          int y = (int) ((canvas.getHeight() - 64 * scale) / 2 + 30.5 * scale);
          click(canvas, x, y, MouseEvent.BUTTON1);
          canvas.getActionMap().get("control S").actionPerformed(null);
          window.dispatchEvent(new WindowEvent(window, WindowEvent.WINDOW_CLOSING));
        });
    assertEquals(1, picking.get(20, TimeUnit.SECONDS));
    String[] lines = Files.readString(file).split("\n");
    assertEquals("x,y,frame", lines[0]);
    String[] point = lines[1].split(",");
    assertEquals(20, Double.parseDouble(point[0]), 0.3);
    assertEquals(30, Double.parseDouble(point[1]), 0.3);
    assertEquals("0", point[2]);
  }

  @Test
  void withoutADisplayTheWindowIsRefused() {
    Assumptions.assumeFalse(PointPicker.hasDisplay(), "skipped: there is a display");
    String message =
        assertThrows(MoteException.class, () -> PointPicker.pick(folder, folder)).getMessage();
    assertTrue(message.startsWith("there is no display to pick points on: DISPLAY="), message);
    assertTrue(message.endsWith("; use the picture with a grid instead"), message);
  }

  private static Window awaitWindow() throws InterruptedException {
    for (int i = 0; i < 200; i++) {
      for (Window window : Window.getWindows()) {
        if (window.isShowing()) {
          return window;
        }
      }
      Thread.sleep(100);
    }
    throw new AssertionError("no window within 20 s");
  }

  private static <T> Optional<T> find(Container container, Class<T> type) {
    for (Component child : container.getComponents()) {
      if (type.isInstance(child)) {
        return Optional.of(type.cast(child));
      }
      if (child instanceof Container inner) {
        Optional<T> found = find(inner, type);
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }
}
