package mote.media;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import mote.engine.AtomicFile;

/**
 * A frame with a labelled coordinate grid, as a png: where there is no display, a person reads
 * coordinates off it. Small frames are enlarged by a whole factor. The digits are drawn from dots,
 * so that machines without fonts will do.
 */
public final class GridPicture {
  /** Enlarged pictures have a long side of about this. */
  private static final int GOOD_SIDE = 1800;

  /** Labelled lines are at least this far apart on the picture. */
  private static final int LEAST_SPACING = 50;

  private static final int[] STEPS = {5, 10, 20, 25, 50, 100, 200, 250, 500, 1000};

  /** Lines between two labelled ones. */
  private static final int MINOR = 5;

  private static final int MARGIN = 54;
  private static final int DOT = 2;
  private static final Color PAPER = new Color(0x1b1f24);
  private static final Color INK = new Color(0xf2f4f6);

  /** Digits as 7 rows of 5 dots, the leftmost dot in the highest of 5 bits. */
  private static final int[][] DIGITS = {
    {0x0e, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0e},
    {0x04, 0x0c, 0x04, 0x04, 0x04, 0x04, 0x0e},
    {0x0e, 0x11, 0x01, 0x02, 0x04, 0x08, 0x1f},
    {0x1f, 0x02, 0x04, 0x02, 0x01, 0x11, 0x0e},
    {0x02, 0x06, 0x0a, 0x12, 0x1f, 0x02, 0x02},
    {0x1f, 0x10, 0x1e, 0x01, 0x01, 0x11, 0x0e},
    {0x06, 0x08, 0x10, 0x1e, 0x11, 0x11, 0x0e},
    {0x1f, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08},
    {0x0e, 0x11, 0x11, 0x0e, 0x11, 0x11, 0x0e},
    {0x0e, 0x11, 0x11, 0x0f, 0x01, 0x02, 0x0c}
  };

  private GridPicture() {}

  /**
   * Writes a frame's picture with a grid.
   *
   * @param video a file or folder
   * @param frame its index, from 0
   * @param png where to; written under a temporary name first
   * @return one line that says how to read it
   * @throws mote.engine.MoteException if the frame does not exist or the file cannot be written
   */
  public static String write(Path video, long frame, Path png) {
    BufferedImage picture;
    try (FrameSeeker seeker = new FrameSeeker(video)) {
      picture = seeker.picture(frame);
    }
    int scale = Math.max(1, GOOD_SIDE / Math.max(picture.getWidth(), picture.getHeight()));
    int step = step(scale, Math.max(picture.getWidth(), picture.getHeight()));
    save(draw(picture, scale, step), png);
    return "grid of frame %d: %s, %dx%d enlarged %d times, a labelled line every %d pixels, a thin one every %d"
        .formatted(frame, png, picture.getWidth(), picture.getHeight(), scale, step, step / MINOR);
  }

  /** Pixels of the video between labelled lines. */
  static int step(int scale, int longSide) {
    for (int step : STEPS) {
      if (step * scale >= LEAST_SPACING) {
        return step;
      }
    }
    return Math.max(STEPS[STEPS.length - 1], longSide / 10 / MINOR * MINOR);
  }

  static BufferedImage draw(BufferedImage picture, int scale, int step) {
    int width = picture.getWidth();
    int height = picture.getHeight();
    BufferedImage image =
        new BufferedImage(
            width * scale + 2 * MARGIN, height * scale + 2 * MARGIN, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    try {
      g.setColor(PAPER);
      g.fillRect(0, 0, image.getWidth(), image.getHeight());
      g.setRenderingHint(
          RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR);
      g.drawImage(picture, MARGIN, MARGIN, width * scale, height * scale, null);
      for (int v = 0; v < width; v += step / MINOR) {
        drawLine(g, v, step, scale, height * scale, true);
      }
      for (int v = 0; v < height; v += step / MINOR) {
        drawLine(g, v, step, scale, width * scale, false);
      }
    } finally {
      g.dispose();
    }
    return image;
  }

  /** A line through the centres of a column (or row) of the video's pixels. */
  private static void drawLine(
      Graphics2D g, int value, int step, int scale, int length, boolean vertical) {
    int at = MARGIN + value * scale + scale / 2;
    boolean labelled = value % step == 0;
    // A dark line beside a light one is seen on any picture.
    g.setColor(new Color(0, 0, 0, labelled ? 110 : 28));
    fillLine(g, at + 1, length, vertical);
    g.setColor(new Color(255, 255, 255, labelled ? 150 : 45));
    fillLine(g, at, length, vertical);
    if (!labelled) {
      return;
    }
    int text = textWidth(value);
    int far = MARGIN + length;
    g.setColor(INK);
    if (vertical) {
      drawNumber(g, value, at - text / 2, MARGIN - 8 - 7 * DOT);
      drawNumber(g, value, at - text / 2, far + 8);
    } else {
      drawNumber(g, value, Math.max(1, MARGIN - 4 - text), at - 7 * DOT / 2);
      drawNumber(g, value, far + 4, at - 7 * DOT / 2);
    }
  }

  private static void fillLine(Graphics2D g, int at, int length, boolean vertical) {
    if (vertical) {
      g.fillRect(at, MARGIN, 1, length);
    } else {
      g.fillRect(MARGIN, at, length, 1);
    }
  }

  private static int textWidth(int value) {
    return Integer.toString(value).length() * 6 * DOT - DOT;
  }

  private static void drawNumber(Graphics2D g, int value, int left, int top) {
    int x = left;
    for (char digit : Integer.toString(value).toCharArray()) {
      int[] rows = DIGITS[digit - '0'];
      for (int row = 0; row < rows.length; row++) {
        for (int column = 0; column < 5; column++) {
          if ((rows[row] >> 4 - column & 1) != 0) {
            g.fillRect(x + column * DOT, top + row * DOT, DOT, DOT);
          }
        }
      }
      x += 6 * DOT;
    }
  }

  private static void save(BufferedImage image, Path png) {
    AtomicFile.write(
        png,
        temporary -> {
          // Given a file that it cannot open, ImageIO would print a stack trace.
          try (OutputStream out = Files.newOutputStream(temporary)) {
            if (!ImageIO.write(image, "png", out)) {
              throw new IOException("no png writer in this Java");
            }
          }
        });
  }
}
