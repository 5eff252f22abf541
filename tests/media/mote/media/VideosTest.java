package mote.media;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import mote.engine.FrameSource;
import mote.engine.Frames;
import mote.engine.MoteException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes out of sources: pictures, order, times, ranges, turns. Bad input: BadVideosTest. */
final class VideosTest extends MediaFixture {
  /** Lossy codecs at the writer's quality on flat pictures. */
  private static final int CODEC_LEVELS = 3;

  @ParameterizedTest
  @ValueSource(strings = {"clip.mp4", "clip.webm", "clip.gif"})
  void everyFrameComesOnceInOrderWithItsTime(String name) {
    long[] nanos = {0, 40_000_000, 80_000_000, 180_000_000, 220_000_000, 500_000_000, 540_000_000};
    Path file = greyClip(name, 36, 52, nanos);
    try (FrameSource source = Videos.open(file)) {
      assertEquals(36, source.height());
      assertEquals(52, source.width());
      long expected = source.expectedFrames();
      assertTrue(expected == 7 || expected == -1 && name.endsWith("webm"), "frames " + expected);
      List<Seen> seen = readAll(source);
      assertEquals(7, seen.size());
      for (int i = 0; i < 7; i++) {
        assertEquals(i, seen.get(i).index());
        assertEquals(nanos[i], seen.get(i).nanos(), 1_000_000, "frame " + i);
        assertEquals(grey(i), seen.get(i).at(20, 18, 52, 1), CODEC_LEVELS, "frame " + i);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 3, 0, 3", "2, 5, 2, 3", "4, 100, 4, 2"})
  void aRangeKeepsTheWholeVideosIndices(long start, long end, int first, int count) {
    Path file = greyClip("clip.mp4", 32, 48, everyMillis(6, 40));
    try (FrameSource source = Videos.open(file, new FrameRange(start, end))) {
      assertEquals(count, source.expectedFrames());
      List<Seen> seen = readAll(source);
      assertEquals(count, seen.size());
      assertEquals(0, source.expectedFrames());
      for (int i = 0; i < count; i++) {
        assertEquals(first + i, seen.get(i).index());
        assertEquals((first + i) * 40_000_000L, seen.get(i).nanos(), 1000);
        assertEquals(grey(first + i), seen.get(i).at(3, 3, 48, 0), CODEC_LEVELS);
      }
    }
  }

  @Test
  void folderPicturesComeInNaturalOrder() throws IOException {
    String[] names = {"seq1.png", "seq2.jpg", "seq10.bmp", "seq010a.PNG"};
    int[] shades = {10, 60, 110, 160};
    String[] formats = {"png", "jpg", "bmp", "png"};
    for (int i = 3; i >= 0; i--) {
      save(plain(6, 9, shades[i] * 0x010101), folder.resolve(names[i]), formats[i]);
    }
    Files.writeString(folder.resolve("notes.txt"), "no picture");
    Files.writeString(folder.resolve(".hidden.png"), "no picture");
    Files.createDirectory(folder.resolve("seq3.png"));
    FrameRange range = new FrameRange(1, 4);
    try (FrameSource source = Videos.open(folder, range, 10_000_000)) {
      assertEquals(3, source.expectedFrames());
      List<Seen> seen = readAll(source);
      for (int i = 1; i < 4; i++) {
        assertEquals(i, seen.get(i - 1).index());
        assertEquals(i * 10_000_000L, seen.get(i - 1).nanos());
        assertEquals(shades[i], seen.get(i - 1).at(4, 3, 9, 2), 1);
      }
    }
    try (FrameSource source = Videos.open(folder)) {
      assertEquals(3 * Videos.FOLDER_FRAME_NANOS, readAll(source).get(3).nanos());
    }
  }

  @Test
  void naturalOrderIsTotal() {
    List<String> sorted =
        List.of(
            "a",
            "A1",
            "a1",
            "a1b",
            "a02",
            "a2",
            "a10",
            "a10b2",
            "a10b11",
            "b",
            "b99999999999999999999");
    NaturalOrder order = new NaturalOrder();
    for (int i = 0; i < sorted.size(); i++) {
      for (int j = 0; j < sorted.size(); j++) {
        assertEquals(
            Integer.signum(Integer.compare(i, j)),
            Integer.signum(order.compare(sorted.get(i), sorted.get(j))),
            sorted.get(i) + " and " + sorted.get(j));
      }
    }
  }

  @Test
  void picturesAreReadExactly() {
    byte[] rgb = new byte[3 * 13 * 37];
    new java.util.Random(5).nextBytes(rgb);
    java.awt.image.BufferedImage image = plain(13, 37, 0);
    for (int i = 0; i < 13 * 37; i++) {
      int value = (rgb[3 * i] & 0xff) << 16 | (rgb[3 * i + 1] & 0xff) << 8 | rgb[3 * i + 2] & 0xff;
      image.setRGB(i % 37, i / 37, value);
    }
    // Twice each: a decoder that is used again must not see the picture before.
    save(image, folder.resolve("1.png"), "png");
    save(image, folder.resolve("2.png"), "png");
    save(image, folder.resolve("3.bmp"), "bmp");
    save(image, folder.resolve("4.bmp"), "bmp");
    try (FrameSource source = Videos.open(folder)) {
      for (Seen seen : readAll(source)) {
        assertArrayEquals(rgb, seen.rgb(), "frame " + seen.index());
      }
    }
    try (FrameSource source = Videos.open(folder.resolve("3.bmp"))) {
      assertArrayEquals(rgb, readAll(source).getFirst().rgb());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "90, 0, 1, -1, 0, 32, 48",
    "180, -1, 0, 0, -1, 48, 32",
    "270, 0, -1, 1, 0, 32, 48",
    "mirrored, -1, 0, 0, 1, 48, 32"
  })
  void turnsAreHonoured(String name, int a, int b, int c, int d, int width, int height)
      throws IOException {
    // Quadrants red, green / blue, white; shown pixel (x, y) comes from the stored one that the
    // display matrix takes there.
    int[] quadrants = {0xff0000, 0x00ff00, 0x0000ff, 0xffffff};
    byte[] rgb = new byte[3 * 32 * 48];
    for (int i = 0; i < 32 * 48; i++) {
      int colour = quadrants[(i / 48 < 16 ? 0 : 2) + (i % 48 < 24 ? 0 : 1)];
      rgb[3 * i] = (byte) (colour >> 16);
      rgb[3 * i + 1] = (byte) (colour >> 8);
      rgb[3 * i + 2] = (byte) colour;
    }
    Path file = stillClip("turned.mp4", 32, 48, rgb);
    setMatrix(file, a, b, c, d);
    try (FrameSource source = Videos.open(file)) {
      assertEquals(width, source.width());
      assertEquals(height, source.height());
      Seen seen = readAll(source).getFirst();
      for (int q = 0; q < 4; q++) {
        // The quadrant's centre relative to the picture's, turned by the matrix.
        double u = q % 2 == 0 ? -12 : 12;
        double v = q < 2 ? -8 : 8;
        int x = (int) (width / 2.0 + a * u + c * v);
        int y = (int) (height / 2.0 + b * u + d * v);
        for (int channel = 0; channel < 3; channel++) {
          int expected = quadrants[q] >> 8 * (2 - channel) & 0xff;
          assertEquals(expected, seen.at(x, y, width, channel), 8, "quadrant " + q);
        }
      }
    }
  }

  /** Chroma at half the resolution belongs to the same pixels whatever the size. */
  @ParameterizedTest
  @CsvSource({"64, 96", "64, 95", "63, 96", "63, 95"})
  void chromaStaysInPlaceAtOddSizes(int height, int width) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int red = (int) (128 + 100 * Math.sin(0.35 * x + 0.1 * y));
        int blue = (int) (128 + 100 * Math.cos(0.3 * y - 0.1 * x));
        image.setRGB(x, y, red << 16 | 110 << 8 | blue);
      }
    }
    Path file = folder.resolve("%dx%d.jpg".formatted(width, height));
    save(image, file, "jpg"); // 4:2:0
    BufferedImage expected = ImageIO.read(file.toFile());
    try (FrameSource source = Videos.open(file)) {
      Seen seen = readAll(source).getFirst();
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          String at = "x=" + x + ", y=" + y;
          assertEquals(expected.getRGB(x, y) >> 16 & 0xff, seen.at(x, y, width, 0), 4, at);
          assertEquals(expected.getRGB(x, y) & 0xff, seen.at(x, y, width, 2), 4, at);
        }
      }
    }
  }

  @Test
  void aPhotosTurnIsHonoured() throws IOException {
    java.awt.image.BufferedImage image = plain(32, 48, 0xff0000);
    for (int i = 0; i < 32 * 24; i++) {
      image.setRGB(24 + i % 24, i / 24, 0x0000ff);
    }
    Path file = folder.resolve("photo.jpg");
    save(image, file, "jpg");
    byte[] jpeg = Files.readAllBytes(file);
    // An Exif segment with one entry: orientation (0x112) is 6, turned right by 90 degrees.
    ByteBuffer turned = ByteBuffer.allocate(jpeg.length + 36);
    turned.put(jpeg, 0, 2).putShort((short) 0xffe1).putShort((short) 34);
    turned.put("Exif\0\0MM\0*".getBytes(StandardCharsets.US_ASCII)).putInt(8);
    turned.putShort((short) 1).putShort((short) 0x112).putShort((short) 3).putInt(1);
    turned.putShort((short) 6).putShort((short) 0).putInt(0);
    Files.write(file, turned.put(jpeg, 2, jpeg.length - 2).array());
    for (Path video : List.of(file, folder)) {
      try (FrameSource source = Videos.open(video)) {
        assertEquals(32, source.width());
        assertEquals(48, source.height());
        Seen seen = readAll(source).getFirst();
        assertEquals(255, seen.at(16, 5, 32, 0), 8, "the left side is up");
        assertEquals(255, seen.at(16, 42, 32, 2), 8, "the right side is down");
      }
    }
  }

  @Test
  void everyOrientationMovesEveryPixel() {
    int[][] matrices = {
      {1, 0, 0, 1}, {-1, 0, 0, 1}, {1, 0, 0, -1}, {-1, 0, 0, -1},
      {0, 1, 1, 0}, {0, -1, 1, 0}, {0, 1, -1, 0}, {0, -1, -1, 0}
    };
    int height = 35;
    int width = 67;
    try (java.lang.foreign.Arena arena = java.lang.foreign.Arena.ofConfined()) {
      var stored = arena.allocate(height * 256L);
      var shown = arena.allocate(3L * height * width);
      for (int[] m : matrices) {
        int[] matrix = {m[0] << 16, m[1] << 16, 0, m[2] << 16, m[3] << 16, 0, 0, 0, 1 << 30};
        Orientation orientation = Orientation.fromDisplayMatrix(matrix, "test");
        for (int v = 0; v < height; v++) {
          for (int u = 0; u < width; u++) {
            stored.set(java.lang.foreign.ValueLayout.JAVA_BYTE, v * 256L + 3 * u, (byte) u);
            stored.set(java.lang.foreign.ValueLayout.JAVA_BYTE, v * 256L + 3 * u + 1, (byte) v);
          }
        }
        orientation.apply(stored, 256, height, width, shown);
        int shownWidth = orientation.shownWidth(height, width);
        int shownHeight = orientation.shownHeight(height, width);
        for (int v = 0; v < height; v++) {
          for (int u = 0; u < width; u++) {
            int x = m[0] * u + m[2] * v;
            int y = m[1] * u + m[3] * v;
            x = x < 0 || x == 0 && m[0] + m[2] < 0 ? x + shownWidth - 1 : x;
            y = y < 0 || y == 0 && m[1] + m[3] < 0 ? y + shownHeight - 1 : y;
            long at = 3L * (y * shownWidth + x);
            assertEquals(u, shown.get(java.lang.foreign.ValueLayout.JAVA_BYTE, at));
            assertEquals(v, shown.get(java.lang.foreign.ValueLayout.JAVA_BYTE, at + 1));
          }
        }
      }
    }
  }

  @Test
  void anObliqueTurnIsRefused() throws IOException {
    Path file = greyClip("oblique.mp4", 32, 48, everyMillis(2, 40));
    setMatrix(file, 1, 1, -1, 1);
    assertEquals(
        "a video is turned by an angle that is no quarter turn: file=%s, matrix=65536 65536 -65536 65536; re-encode it upright"
            .formatted(file),
        assertThrows(MoteException.class, () -> Videos.open(file)).getMessage());
  }

  @Test
  void useAfterCloseAndWrongBatchesAreNamed() {
    Path file = greyClip("clip.mp4", 32, 48, everyMillis(2, 40));
    FrameSource source = Videos.open(file);
    try (Frames batch = new Frames(allocator, 32, 32, 1)) {
      assertEquals(
          "a batch has another size than the video: file=%s, height=32, width=32, video_height=32, video_width=48; open Frames with the source's size"
              .formatted(file),
          assertThrows(MoteException.class, () -> source.read(batch)).getMessage());
      source.close();
      source.close();
      IllegalStateException e = assertThrows(IllegalStateException.class, () -> source.read(batch));
      assertTrue(e.getMessage().startsWith("VideoFile is closed: file="), e.getMessage());
    }
  }

  /** Writes a turn into an mp4's track header, in units of 1. */
  private static void setMatrix(Path file, int a, int b, int c, int d) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("tkhd");
    assertTrue(at > 0);
    // Behind the type: version and flags, 2 times, track, reserved, duration (4 bytes each), 8
    // reserved, layer, group, volume and 2 reserved.
    ByteBuffer.wrap(bytes, at + 4 + 40, 36)
        .putInt(a << 16)
        .putInt(b << 16)
        .putInt(0)
        .putInt(c << 16)
        .putInt(d << 16)
        .putInt(0)
        .putInt(0)
        .putInt(0)
        .putInt(1 << 30);
    Files.write(file, bytes);
  }
}
