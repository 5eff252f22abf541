package mote.media;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;

/**
 * Which points' colours occur in a clip. A palette that is made by counting pixels drops them: a
 * few dots are nothing beside the picture, and a teal dot on a beige animal would come out beige.
 */
final class MarkColours {
  /** Points whose colours are looked for; a gif's palette has no room for more. */
  private static final int POINTS = 128;

  private final BitSet wanted = new BitSet(1 << 18);
  private final BitSet seen = new BitSet(1 << 18);

  MarkColours() {
    for (int point = 0; point < POINTS; point++) {
      wanted.set(code(PointColours.of(point)));
    }
  }

  /** Notes the points' colours, to 6 bits a channel, in a picture of RGB triples. */
  void note(MemorySegment rgb) {
    for (long i = 0; i < rgb.byteSize(); i += 3) {
      int code = code(at(rgb, i) << 16 | at(rgb, i + 1) << 8 | at(rgb, i + 2));
      if (wanted.get(code)) {
        seen.set(code);
      }
    }
  }

  private static int at(MemorySegment rgb, long i) {
    return rgb.get(ValueLayout.JAVA_BYTE, i) & 0xff;
  }

  private static int code(int rgb) {
    return (rgb >> 18 & 0x3f) << 12 | (rgb >> 10 & 0x3f) << 6 | rgb >> 2 & 0x3f;
  }

  boolean isEmpty() {
    return seen.isEmpty();
  }

  /** Fills a picture of RGB triples with what was noted, equally much of each. */
  void chart(MemorySegment rgb) {
    int[] codes = seen.stream().toArray();
    for (long i = 0; i < rgb.byteSize(); i += 3) {
      int code = codes[(int) (i / 3 % codes.length)];
      for (int channel = 0; channel < 3; channel++) {
        int bits = code >> (12 - 6 * channel) & 0x3f;
        rgb.set(ValueLayout.JAVA_BYTE, i + channel, (byte) (bits << 2 | bits >> 4));
      }
    }
  }
}
