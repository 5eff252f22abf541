package mote.cli.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import mote.engine.MoteException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumpyFileTest {
  @TempDir Path folder;

  @Test
  void floatsAndDoubles() throws IOException {
    Path file = folder.resolve("a.npy");
    Files.write(file, npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1, 3), }", 24));
    NumpyFile array = NumpyFile.read(file);
    assertArrayEquals(new int[] {2, 1, 3}, array.shape());
    assertEquals(6, array.values().length);
    Files.write(file, npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", 16));
    assertArrayEquals(new float[2], NumpyFile.read(file).values());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }|8",
        "{'descr': '<f4', 'fortran_order': True, 'shape': (2,), }|8",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }|8",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999, 99999999, 99999999), }|8",
        "{'descr': 'O', 'fortran_order': False, 'shape': (1,), }|8",
        "nothing|8",
      })
  void refusesTheRest(String header, int bytes) throws IOException {
    Path file = folder.resolve("a.npy");
    Files.write(file, npy(header, bytes));
    MoteException refused = assertThrows(MoteException.class, () -> NumpyFile.read(file));
    assertTrue(
        refused.getMessage().startsWith("not an array of floats in C order: file=" + file),
        refused.getMessage());
  }

  @Test
  void refusesWhatIsNoArray() throws IOException {
    Path file = folder.resolve("a.npy");
    assertThrows(MoteException.class, () -> NumpyFile.read(file));
    Files.writeString(file, "no array at all");
    assertThrows(MoteException.class, () -> NumpyFile.read(file));
  }

  private static byte[] npy(String header, int dataBytes) {
    byte[] text = header.getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer buffer = ByteBuffer.allocate(10 + text.length + dataBytes);
    buffer.order(ByteOrder.LITTLE_ENDIAN);
    buffer.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    buffer.putShort((short) text.length);
    return buffer.put(text).array();
  }
}
