package mote.engine;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** What a device has not written, or failed to write, cannot be read. */
final class ArgumentsTest {
  private static final Plan PLAN = Plan.unscaled(48, 64, 4, 8, 2);
  private static final float[] MANY = new float[100_000];

  private final Arguments arguments = new Arguments(Architecture.moteS(), PLAN);

  @Test
  void aSlotHoldsAPictureOnlyOnceItIsWritten() {
    encode();
    assertNoPicture(); // the device failed
    encode();
    arguments.encoded(3);
    assertDoesNotThrow(() -> arguments.features(3, 0, MANY));
    encode();
    assertNoPicture(); // and what was there before may be half overwritten
  }

  @Test
  void aTemplateIsSampledOnlyOnceItIsWritten() {
    encode();
    arguments.encoded(3);
    int[] both = {1, 0};
    arguments.sample(3, 2, both, MANY);
    assertNotSampled(0);
    assertNotSampled(1);
    arguments.sampled(1, both);
    assertNotSampled(0);
    assertDoesNotThrow(() -> arguments.template(1, MANY));
    arguments.sample(3, 1, both, MANY);
    assertNotSampled(1);
  }

  private void encode() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment picture = arena.allocate(48 * 64 * 3);
      arguments.encode(3, picture, 64 * 3);
    }
  }

  private void assertNoPicture() {
    assertEquals(
        "slot holds no picture: slot=3; encode one into it first",
        assertThrows(IllegalArgumentException.class, () -> arguments.features(3, 0, MANY))
            .getMessage());
  }

  private void assertNotSampled(int template) {
    assertEquals(
        "template was not sampled: template=" + template + "; sample it first",
        assertThrows(IllegalArgumentException.class, () -> arguments.template(template, MANY))
            .getMessage());
  }
}
