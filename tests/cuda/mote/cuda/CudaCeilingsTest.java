package mote.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import mote.engine.OpenResources;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the device is and reaches, as far as that does not depend on the device. */
final class CudaCeilingsTest {
  @AfterEach
  void nothingLeaks() {
    assertEquals(Map.of(), OpenResources.open());
  }

  @Test
  void measuresAndSaysWhat() {
    try (Ceilings ceilings = new Ceilings()) {
      Ceilings.Device device = ceilings.device();
      assertTrue(device.capability() >= 80, device.toString());
      assertTrue(device.memoryBytes() > device.cacheBytes(), device.toString());
      assertEquals("simt".equals(System.getenv(Driver.CHOICE)), device.standIn());
      assertTrue(ceilings.copyBytesPerSecond(1 << 16, 2) > 0);
      // Whole blocks of four loads, and what is left of them.
      for (long bytes : new long[] {16, 1 << 12, (1 << 16) + 48}) {
        assertTrue(ceilings.readBytesPerSecond(bytes, 3) > 0, bytes + " bytes");
      }
    }
  }

  @Test
  void refusesWhatIsNoVectorOfBytes() {
    try (Ceilings ceilings = new Ceilings()) {
      for (long bytes : new long[] {0, 8, 100}) {
        assertEquals(
            "size does not fit: bytes=" + bytes + "; give a multiple of 16",
            assertThrows(
                    IllegalArgumentException.class, () -> ceilings.readBytesPerSecond(bytes, 1))
                .getMessage());
      }
    }
  }

  @Test
  void afterCloseNothingWorksAndASecondCloseDoesNothing() {
    Ceilings ceilings = new Ceilings();
    ceilings.close();
    ceilings.close();
    String message = assertThrows(IllegalStateException.class, ceilings::device).getMessage();
    assertTrue(message.startsWith("Ceilings is closed: "), message);
  }
}
