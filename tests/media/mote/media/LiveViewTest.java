package mote.media;

import static mote.media.Clicks.click;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.EventQueue;
import java.awt.Frame;
import java.awt.Graphics2D;
import java.awt.event.MouseEvent;
import java.awt.event.WindowEvent;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import javax.imageio.ImageIO;
import javax.swing.JComponent;
import mote.engine.MoteException;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Live pictures for people: JPEG files and the window. */
final class LiveViewTest extends MediaFixture {
  /** Left half red, right half blue. */
  private static MemorySegment halves(Arena arena, int height, int width) {
    MemorySegment rgb = arena.allocate(3L * height * width);
    for (int i = 0; i < height * width; i++) {
      boolean left = i % width < width / 2;
      rgb.set(ValueLayout.JAVA_BYTE, 3L * i + (left ? 0 : 2), (byte) 250);
    }
    return rgb;
  }

  @ParameterizedTest
  @CsvSource({"48,64", "47,63", "1,1", "16,2"})
  void jpegsAreReadByOthersAsTheyWere(int height, int width) throws IOException {
    try (Arena arena = Arena.ofConfined();
        JpegEncoder encoder = new JpegEncoder(height, width)) {
      MemorySegment rgb = halves(arena, height, width);
      encoder.encode(rgb);
      BufferedImage read = ImageIO.read(new ByteArrayInputStream(encoder.encode(rgb)));
      assertEquals(width, read.getWidth());
      assertEquals(height, read.getHeight());
      if (width > 16) {
        assertEquals(250, read.getRGB(width / 4, height / 2) >> 16 & 0xff, 12, "red");
        assertEquals(0, read.getRGB(width / 4, height / 2) & 0xff, 12, "no blue");
        assertEquals(250, read.getRGB(width * 3 / 4, height / 2) & 0xff, 12, "blue");
      }
    }
  }

  @Test
  void wrongPicturesAreRefused() {
    assertEquals(
        "a picture's size cannot be written: height=0, width=9; give 1 to 8192 for both",
        assertThrows(MoteException.class, () -> new JpegEncoder(0, 9)).getMessage());
    JpegEncoder encoder = new JpegEncoder(16, 16);
    try (encoder;
        Arena arena = Arena.ofConfined()) {
      MemorySegment small = arena.allocate(5);
      assertThrows(IllegalArgumentException.class, () -> encoder.encode(small));
    }
    assertEquals(
        "JpegEncoder is closed; open a new one",
        assertThrows(IllegalStateException.class, () -> encoder.encode(MemorySegment.NULL))
            .getMessage());
  }

  @Test
  void clicksAreWishesInPixelsOfThePictureShown() {
    try (Arena arena = Arena.ofConfined();
        LiveWindow window = new LiveWindow(48, 64)) {
      JComponent view = window.view();
      view.setSize(128, 200); // twice as large, bars above and below
      click(view, 1, 1, MouseEvent.BUTTON1);
      assertNull(window.poll(), "no picture yet");
      window.offer(7, halves(arena, 48, 64), 48, 64);
      window.offer(8, halves(arena, 48, 64), 48, 64); // left out: 7 is not painted yet
      BufferedImage painted = new BufferedImage(128, 200, BufferedImage.TYPE_INT_RGB);
      Graphics2D graphics = painted.createGraphics();
      view.paint(graphics);
      graphics.dispose();
      assertEquals(0xfa0000, painted.getRGB(20, 100) & 0xffffff);
      assertEquals(0x0000fa, painted.getRGB(110, 100) & 0xffffff);
      assertEquals(0x1b1f24, painted.getRGB(64, 10) & 0xffffff);
      click(view, 21, 53, MouseEvent.BUTTON1); // 52 is the picture's top
      assertEquals(new LiveWindow.Wish(7, 10, 0, false, 7), window.poll());
      click(view, 127, 147, MouseEvent.BUTTON3);
      assertEquals(new LiveWindow.Wish(7, 63, 47, true, 7), window.poll());
      click(view, 64, 20, MouseEvent.BUTTON1);
      click(view, 64, 100, MouseEvent.BUTTON2);
      assertNull(window.poll(), "beside the picture, or the middle button");
    }
  }

  @Test
  void withoutADisplayAWindowIsRefused() {
    Assumptions.assumeFalse(PointPicker.hasDisplay());
    String message =
        assertThrows(MoteException.class, () -> LiveWindow.open("x", 4, 4)).getMessage();
    assertEquals(
        "there is no display for a window: DISPLAY=%s; leave the window out and serve the pictures to a browser"
            .formatted(System.getenv("DISPLAY")),
        message);
  }

  @Test
  void aClosedWindowSaysSo() throws Exception {
    Assumptions.assumeTrue(PointPicker.hasDisplay());
    try (LiveWindow window = LiveWindow.open("test", 48, 64)) {
      assertFalse(window.isClosing());
      Frame frame = Frame.getFrames()[Frame.getFrames().length - 1];
      assertEquals("mote live: test", frame.getTitle());
      EventQueue.invokeAndWait(
          () -> frame.dispatchEvent(new WindowEvent(frame, WindowEvent.WINDOW_CLOSING)));
      assertTrue(window.isClosing());
    }
  }
}
