package mote.cli.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/** Against what Pillow's resize(..., BILINEAR) makes of the same pictures. */
class PictureResizeTest {
  private static byte[] resize(int height, int width, int newHeight, int newWidth) {
    byte[] picture = new byte[height * width * 3];
    for (int i = 0; i < picture.length; i++) {
      picture[i] = (byte) (i * 37 % 251);
    }
    byte[] out = new byte[newHeight * newWidth * 3];
    try (Arena arena = Arena.ofConfined()) {
      new PictureResize(height, width, newHeight, newWidth)
          .resize(arena.allocateFrom(ValueLayout.JAVA_BYTE, picture), out);
    }
    return out;
  }

  @Test
  void reduced() {
    assertArrayEquals(bytes(REDUCED), resize(5, 7, 3, 4));
  }

  @Test
  void enlarged() {
    assertArrayEquals(bytes(ENLARGED), resize(2, 3, 3, 5));
  }

  @Test
  void sameSizeIsACopy() {
    byte[] copy = resize(2, 2, 2, 2);
    assertArrayEquals(bytes(new int[] {0, 37, 74, 111, 148, 185, 222, 8, 45, 82, 119, 156}), copy);
  }

  private static byte[] bytes(int[] values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static final int[] REDUCED = {
    68, 93, 130, 171, 77, 114, 144, 125, 87, 128, 160, 134, 97, 131, 144, 107, 115, 141, 153, 88,
    125, 163, 162, 96, 132, 169, 99, 116, 153, 100, 89, 126, 123, 116, 97, 134
  };
  private static final int[] ENLARGED = {
    0, 37, 74, 44, 81, 118, 111, 148, 185, 178, 64, 101, 222, 8, 45, 41, 78, 115, 85, 122, 109, 152,
    189, 101, 144, 105, 92, 138, 49, 86, 82, 119, 156, 126, 163, 100, 193, 230, 16, 109, 146, 83,
    53, 90, 127
  };
}
