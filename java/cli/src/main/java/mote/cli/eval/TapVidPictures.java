package mote.cli.eval;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Iterator;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/** The frames of a video of TAP-Vid, one at a time. */
interface TapVidPictures {
  int LARGEST = 8192;

  int frames();

  int height();

  int width();

  /**
   * Reads a frame.
   *
   * @param into height x width RGB triples
   * @throws IllegalArgumentException saying what is wrong with it
   */
  void read(int frame, MemorySegment into);

  /**
   * Frames as they are.
   *
   * @param video u1 (T, H, W, 3) in C order
   */
  static TapVidPictures of(NumpyArray video) {
    return new TapVidPictures() {
      @Override
      public int frames() {
        return video.shape()[0];
      }

      @Override
      public int height() {
        return video.shape()[1];
      }

      @Override
      public int width() {
        return video.shape()[2];
      }

      @Override
      public void read(int frame, MemorySegment into) {
        into.copyFrom(video.entry(frame));
      }
    };
  }

  /**
   * Frames that are compressed one by one.
   *
   * @param files JPEG files, at least one; zeros may follow each
   * @throws IllegalArgumentException if the first is none
   */
  static TapVidPictures ofJpeg(List<MemorySegment> files) {
    BufferedImage first = decode(files.getFirst(), 0, 0);
    int height = first.getHeight();
    int width = first.getWidth();
    return new TapVidPictures() {
      @Override
      public int frames() {
        return files.size();
      }

      @Override
      public int height() {
        return height;
      }

      @Override
      public int width() {
        return width;
      }

      @Override
      public void read(int frame, MemorySegment into) {
        BufferedImage picture = decode(files.get(frame), width, height);
        int[] row = new int[width];
        for (int y = 0; y < height; y++) {
          picture.getRGB(0, y, row.length, 1, row, 0, row.length);
          for (int x = 0; x < row.length; x++) {
            long at = 3L * (y * row.length + x);
            into.set(ValueLayout.JAVA_BYTE, at, (byte) (row[x] >> 16));
            into.set(ValueLayout.JAVA_BYTE, at + 1, (byte) (row[x] >> 8));
            into.set(ValueLayout.JAVA_BYTE, at + 2, (byte) row[x]);
          }
        }
      }
    };
  }

  /** Decodes a picture of that size, or of any up to {@link #LARGEST} where it is 0. */
  private static BufferedImage decode(MemorySegment file, int width, int height) {
    byte[] bytes = file.toArray(ValueLayout.JAVA_BYTE);
    try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(bytes))) {
      Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName("jpeg");
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, true);
        int w = reader.getWidth(0);
        int h = reader.getHeight(0);
        boolean fits = width == 0 ? w <= LARGEST && h <= LARGEST : w == width && h == height;
        if (!fits) {
          throw new IllegalArgumentException("a picture of %dx%d".formatted(w, h));
        }
        return reader.read(0);
      } finally {
        reader.dispose();
      }
    } catch (IOException | RuntimeException e) { // the decoder's own on broken files, of any kind
      throw new IllegalArgumentException("no JPEG picture: " + e.getMessage(), e);
    }
  }
}
