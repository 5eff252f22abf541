package mote.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import mote.engine.FrameSource;
import mote.engine.MoteException;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Conversion to RGB against the equations of BT.601 and BT.709 in double precision. */
final class ColoursTest extends MediaFixture {
  /** Rounding of swscale's 15-bit arithmetic. */
  private static final double LEVELS = 2;

  /** Kr and Kb of the matrices. */
  private enum Matrix {
    BT601(avutil.AVCOL_SPC_SMPTE170M, 0.299, 0.114),
    BT709(avutil.AVCOL_SPC_BT709, 0.2126, 0.0722),
    UNTAGGED(avutil.AVCOL_SPC_UNSPECIFIED, Double.NaN, Double.NaN);

    private final int tag;
    private final double kr;
    private final double kb;

    Matrix(int tag, double kr, double kb) {
      this.tag = tag;
      this.kr = kr;
      this.kb = kb;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "BT601, BT601, false, 48", "BT601, BT601, true, 48",
    "BT709, BT709, false, 48", "BT709, BT709, true, 48",
    "UNTAGGED, BT601, false, 48", "UNTAGGED, BT709, false, 720"
  })
  void knownColours(Matrix tagged, Matrix expected, boolean fullRange, int height) {
    int width = 64;
    try (Arena arena = Arena.ofConfined();
        RgbConverter converter = new RgbConverter()) {
      MemorySegment rgb = arena.allocate(3L * height * width);
      for (int y = 16; y <= 235; y += 73) {
        for (int u = 64; u <= 192; u += 32) {
          for (int v = 64; v <= 192; v += 32) {
            AVFrame frame = flat(height, width, y, u, v);
            frame.colorspace(tagged.tag);
            frame.color_range(fullRange ? avutil.AVCOL_RANGE_JPEG : avutil.AVCOL_RANGE_MPEG);
            converter.convert(frame, Orientation.UPRIGHT, rgb, "test");
            avutil.av_frame_free(frame);
            assertColour(rgb, 3L * (width * (height / 2) + 30), expected, fullRange, y, u, v);
          }
        }
      }
    }
  }

  private static void assertColour(
      MemorySegment rgb, long at, Matrix matrix, boolean fullRange, int y, int u, int v) {
    double luma = fullRange ? y : (y - 16) * 255 / 219.0;
    double scale = fullRange ? 1 : 255 / 224.0;
    double cb = (u - 128) * scale;
    double cr = (v - 128) * scale;
    double red = luma + 2 * (1 - matrix.kr) * cr;
    double blue = luma + 2 * (1 - matrix.kb) * cb;
    double green = (luma - matrix.kr * red - matrix.kb * blue) / (1 - matrix.kr - matrix.kb);
    double[] expected = {red, green, blue};
    for (int c = 0; c < 3; c++) {
      int actual = rgb.get(ValueLayout.JAVA_BYTE, at + c) & 0xff;
      assertEquals(
          Math.clamp(expected[c], 0, 255), actual, LEVELS, "y=%d u=%d v=%d".formatted(y, u, v));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 16, 17, 31, 33, 63, 64, 65, 128, 131})
  void nothingIsWrittenBesideThePicture(int width) {
    int height = 5;
    long bytes = 3L * height * width;
    try (Arena arena = Arena.ofConfined();
        RgbConverter converter = new RgbConverter()) {
      MemorySegment all = arena.allocate(bytes + 512, 64);
      all.fill((byte) 0x5a);
      AVFrame frame = flat(height, width, 200, 128, 128);
      converter.convert(frame, Orientation.UPRIGHT, all.asSlice(256, bytes), "test");
      avutil.av_frame_free(frame);
      for (long i = 0; i < all.byteSize(); i++) {
        boolean inside = i >= 256 && i < 256 + bytes;
        int value = all.get(ValueLayout.JAVA_BYTE, i) & 0xff;
        assertEquals(inside ? 214 : 0x5a, value, inside ? LEVELS : 0, "byte " + i);
      }
    }
  }

  @Test
  void anUnknownMatrixIsRefused() {
    try (Arena arena = Arena.ofConfined();
        RgbConverter converter = new RgbConverter()) {
      AVFrame frame = flat(16, 16, 100, 128, 128);
      frame.colorspace(avutil.AVCOL_SPC_ICTCP);
      MemorySegment rgb = arena.allocate(3 * 16 * 16);
      assertEquals(
          "a video has a colour matrix that is not supported: file=test, matrix=ictcp; re-encode it"
              + " in BT.709",
          assertThrows(
                  MoteException.class,
                  () -> converter.convert(frame, Orientation.UPRIGHT, rgb, "test"))
              .getMessage());
      avutil.av_frame_free(frame);
    }
  }

  @ParameterizedTest
  @CsvSource({"c.mp4, 6", "c.webm, 6", "c.gif, 6"})
  void coloursSurviveWritingAndReading(String name, int levels) {
    // Flat bars wide enough that chroma subsampling does not reach their middle.
    int[] bars = {0xffffff, 0xd03030, 0x30c040, 0x3050d0, 0xc0b020, 0x101010};
    int width = 32 * bars.length;
    byte[] rgb = new byte[3 * 32 * width];
    for (int i = 0; i < 32 * width; i++) {
      int colour = bars[i % width / 32];
      rgb[3 * i] = (byte) (colour >> 16);
      rgb[3 * i + 1] = (byte) (colour >> 8);
      rgb[3 * i + 2] = (byte) colour;
    }
    try (FrameSource source = Videos.open(stillClip(name, 32, width, rgb))) {
      Seen seen = readAll(source).getLast();
      for (int bar = 0; bar < bars.length; bar++) {
        for (int c = 0; c < 3; c++) {
          int expected = bars[bar] >> 8 * (2 - c) & 0xff;
          assertEquals(expected, seen.at(32 * bar + 16, 16, width, c), levels, "bar " + bar);
        }
      }
    }
  }

  @Test
  void aFewDotsKeepTheirColoursInAGif() {
    // Thousands of colours between foliage and skin, and three dots that are nothing beside them.
    int height = 240;
    int width = 320;
    byte[] rgb = new byte[3 * height * width];
    Random random = new Random(7);
    for (int i = 0; i < height * width; i++) {
      double share = (double) (i % width) / width;
      for (int c = 0; c < 3; c++) {
        double level =
            (1 - share) * new int[] {60, 90, 30}[c] + share * new int[] {225, 200, 170}[c];
        rgb[3 * i + c] = (byte) (level + random.nextInt(-25, 26));
      }
    }
    for (int dot = 0; dot < 3; dot++) {
      for (int y = 100; y < 107; y++) {
        for (int x = 80 * (dot + 1); x < 80 * (dot + 1) + 7; x++) {
          for (int c = 0; c < 3; c++) {
            rgb[3 * (y * width + x) + c] = (byte) (PointColours.of(dot) >> 8 * (2 - c));
          }
        }
      }
    }
    try (FrameSource source = Videos.open(stillClip("dots.gif", height, width, rgb))) {
      Seen seen = readAll(source).getLast();
      for (int dot = 0; dot < 3; dot++) {
        for (int c = 0; c < 3; c++) {
          int expected = PointColours.of(dot) >> 8 * (2 - c) & 0xff;
          assertEquals(expected, seen.at(80 * (dot + 1) + 3, 103, width, c), 10, "dot " + dot);
        }
      }
    }
  }

  private static AVFrame flat(int height, int width, int y, int u, int v) {
    AVFrame frame = avutil.av_frame_alloc();
    frame.height(height).width(width).format(avutil.AV_PIX_FMT_YUV420P);
    assertEquals(0, avutil.av_frame_get_buffer(frame, 0));
    int[] values = {y, u, v};
    for (int plane = 0; plane < 3; plane++) {
      int rows = plane == 0 ? height : (height + 1) / 2;
      NativeAddress.segment(frame.data(plane), (long) rows * frame.linesize(plane))
          .fill((byte) values[plane]);
    }
    return frame;
  }
}
