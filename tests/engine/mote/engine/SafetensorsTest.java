package mote.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reading and writing of safetensors: round trips, and headers that lie. */
final class SafetensorsTest {
  @TempDir Path folder;

  @AfterEach
  void nothingLeaks() {
    assertEquals(Map.of(), OpenResources.open());
  }

  private static Safetensors.Tensor floats(String name, long[] shape, float... values) {
    return new Safetensors.Tensor(name, Safetensors.Type.F32, shape, MemorySegment.ofArray(values));
  }

  @Test
  void readsWhatItWrote() {
    Path path = folder.resolve("two.safetensors");
    Safetensors.Tensor bytes =
        new Safetensors.Tensor(
            "ünï",
            Safetensors.Type.U8,
            new long[] {3},
            MemorySegment.ofArray(new byte[] {7, 8, 9}));
    Safetensors.Tensor scalar = floats("scalar", new long[0], 5);
    Safetensors.Tensor none = floats("none", new long[] {0, 4});
    Safetensors.Tensor matrix = floats("matrix", new long[] {2, 2}, 1, 2, 3, -4);
    Safetensors.write(path, Map.of("key", "\"value\""), List.of(matrix, scalar, none, bytes));
    try (Safetensors file = Safetensors.open(path)) {
      assertEquals(Map.of("key", "\"value\""), file.metadata());
      assertEquals(List.of("matrix", "scalar", "none", "ünï"), List.copyOf(file.names()));
      assertArrayEquals(new long[] {2, 2}, file.tensor("matrix").shape());
      assertArrayEquals(
          new float[] {1, 2, 3, -4}, file.tensor("matrix").data().toArray(ValueLayout.JAVA_FLOAT));
      assertEquals(1, file.tensor("scalar").size());
      assertEquals(0, file.tensor("none").size());
      assertArrayEquals(
          new byte[] {7, 8, 9}, file.tensor("ünï").data().toArray(ValueLayout.JAVA_BYTE));
      assertTrue(file.tensor("matrix").data().isReadOnly());
      assertEquals(0, file.tensor("matrix").data().address() % 8);
    }
  }

  @Test
  void writesTensorsLargerThanItsBuffer() {
    Path path = folder.resolve("large.safetensors");
    float[] values = new float[700_001];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    Safetensors.write(path, Map.of(), List.of(floats("large", new long[] {700_001}, values)));
    try (Safetensors file = Safetensors.open(path)) {
      assertArrayEquals(values, file.tensor("large").data().toArray(ValueLayout.JAVA_FLOAT));
    }
  }

  @Test
  void closedMeansClosed() {
    Path path = folder.resolve("closed.safetensors");
    Safetensors.write(path, Map.of(), List.of(floats("a", new long[] {1}, 1)));
    Safetensors file = Safetensors.open(path);
    file.close();
    file.close();
    assertEquals(
        "Safetensors is closed: path=" + path + "; open it again",
        assertThrows(IllegalStateException.class, () -> file.tensor("a")).getMessage());
  }

  @Test
  void anEarlierFileSurvivesAFailedWrite() throws IOException {
    Path path = folder.resolve("kept.safetensors");
    Safetensors.write(path, Map.of(), List.of(floats("a", new long[] {1}, 1)));
    byte[] before = Files.readAllBytes(path);
    Safetensors.Tensor twice = floats("a", new long[] {1}, 2);
    assertEquals(
        "tensor's name cannot be used: tensor=a; give each its own",
        message(() -> Safetensors.write(path, Map.of(), List.of(twice, twice))));
    assertArrayEquals(before, Files.readAllBytes(path));
    try (var files = Files.list(folder)) {
      assertEquals(Set.of(path), Set.copyOf(files.toList()));
    }
  }

  @Test
  void saysWhyAFileCannotBeReadOrWritten() throws IOException {
    Path missing = folder.resolve("missing.safetensors");
    assertEquals(
        "file cannot be read: path=%s, cause=NoSuchFile; check the path and its permissions"
            .formatted(missing),
        message(() -> Safetensors.open(missing)));
    assertEquals(
        "path is a folder: path=" + folder + "; name a safetensors file",
        message(() -> Safetensors.open(folder)));
    Path nowhere = folder.resolve("nowhere").resolve("x.safetensors");
    assertEquals(
        "file cannot be written: path=%s, cause=NoSuchFile; check that the folder exists, may be written and has space"
            .formatted(nowhere),
        message(() -> Safetensors.write(nowhere, Map.of(), List.of())));
    Path small = Files.write(folder.resolve("small"), new byte[7]);
    assertEquals(
        "file is too short for safetensors: path=%s, bytes=7; fetch it again".formatted(small),
        message(() -> Safetensors.open(small)));
    assertEquals(
        "tensor's bytes do not fit its shape: tensor=a, type=F32, shape=[3], bytes=4; give 12",
        message(() -> floats("a", new long[] {3}, 1)));
  }

  /** Headers with 8 bytes of data behind them; {@code ;} stands for the text after the path. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[]|header has the wrong kind of value: , at=header, found=START_ARRAY, expected=START_OBJECT",
        "{'a':3}|header has the wrong kind of value: , at=a, found=VALUE_NUMBER_INT, expected=START_OBJECT",
        "{'__metadata__':{'a':1}}|header has the wrong kind of value: , at=__metadata__.a, found=VALUE_NUMBER_INT, expected=VALUE_STRING",
        "{'__metadata__':{'a':'1','a':'2'}}|metadata has a key twice: , key=a",
        "{'a':{'dtype':'F32','shape':[2]}}|header lacks dtype, shape or two data_offsets: , tensor=a",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0]}}|header lacks dtype, shape or two data_offsets: , tensor=a",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8,9]}}|header has a number out of range: , a.data_offsets=9",
        "{'a':{'dtype':'F31','shape':[2],'data_offsets':[0,8]}}|tensor's type is unknown: , tensor=a, dtype=F31",
        "{'a':{'dtype':'F32','dtype':'F32','shape':[2],'data_offsets':[0,8]}}|header has an unknown or repeated key: , tensor=a, key=dtype",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8],'x':1}}|header has an unknown or repeated key: , tensor=a, key=x",
        "{'a':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}}|header has a number out of range: , a.shape=-2",
        "{'a':{'dtype':'F32','shape':[2.0],'data_offsets':[0,8]}}|header has the wrong kind of value: , at=a.shape, found=VALUE_NUMBER_FLOAT, expected=VALUE_NUMBER_INT",
        "{'a':{'dtype':'F32','shape':[9223372036854775808],'data_offsets':[0,8]}}|header has a number out of range: , a.shape=9223372036854775808",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,9]}}|tensor lies beyond the file: , tensor=a, begin=0, end=9, data_bytes=8",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[8,0]}}|tensor lies beyond the file: , tensor=a, begin=8, end=0, data_bytes=8",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[9223372036854775800,9223372036854775807]}}|tensor lies beyond the file: , tensor=a, begin=9223372036854775800, end=9223372036854775807, data_bytes=8",
        "{'a':{'dtype':'F32','shape':[3],'data_offsets':[0,8]}}|tensor's bytes do not fit its shape: , tensor=a, begin=0, end=8, dtype=F32, shape=[3], expected_bytes=12",
        "{'a':{'dtype':'F64','shape':[2],'data_offsets':[0,8]}}|tensor's bytes do not fit its shape: , tensor=a, begin=0, end=8, dtype=F64, shape=[2], expected_bytes=16",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}|header names a tensor twice: , tensor=a",
        "{'a':{'dtype':'U8','shape':[6],'data_offsets':[0,6]},'b':{'dtype':'U8','shape':[4],'data_offsets':[4,8]}}|tensors overlap: , tensor=b, begin=4, end=8, expected_begin=6",
        "{'a':{'dtype':'U8','shape':[2],'data_offsets':[0,2]},'b':{'dtype':'U8','shape':[4],'data_offsets':[4,8]}}|data has a hole: , tensor=b, begin=4, end=8, expected_begin=2",
        "{'a':{'dtype':'U8','shape':[2],'data_offsets':[0,2]}}|file has bytes that belong to no tensor: , from=2, data_bytes=8",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}{|header goes on after its end: , token=START_OBJECT",
      })
  void refusesHeadersThatLie(String header, String expected) throws IOException {
    Path path = write(header.replace('\'', '"').getBytes(StandardCharsets.UTF_8), new byte[8]);
    assertEquals(
        expected.replaceFirst(": ", ": path=" + path) + "; fetch the file again",
        message(() -> Safetensors.open(path)));
  }

  /** A name may hold a terminal's control characters, and be long. */
  @Test
  void hostileNamesAreMadePrintable() throws IOException {
    String name = "a\\u001b[2J\\n" + "b".repeat(1000);
    Path path = write(("{\"" + name + "\":{}}").getBytes(StandardCharsets.UTF_8), new byte[8]);
    assertEquals(
        "header lacks dtype, shape or two data_offsets: path=%s, tensor=a?[2J?%s...; fetch the file again"
            .formatted(path, "b".repeat(74)),
        message(() -> Safetensors.open(path)));
  }

  @Test
  void refusesShapesWhoseProductOverflows() throws IOException {
    for (String shape :
        new String[] {
          "4611686018427387904",
          "4294967296,4294967296",
          "4611686018427387904,4,0",
          "2305843009213693952,8"
        }) {
      String header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[%s],\"data_offsets\":[0,8]}}";
      Path path = write(header.formatted(shape).getBytes(StandardCharsets.UTF_8), new byte[8]);
      assertEquals(
          "tensor's shape is out of range: tensor=a, shape=[%s]; fetch the file again"
              .formatted(shape.replace(",", ", ")),
          message(() -> Safetensors.open(path)));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "header has the wrong kind of value, [, 1, 1",
    "header is not sound JSON, '{\"a\":{\"shape\":[', 1, [",
    "header is not sound JSON, '{\"a\":{\"dtype\":\"', 2000000, 9",
    "header is not sound JSON, '{\"', 5000, n",
    "header is not sound JSON, '{\"a\":{\"shape\":[', 5000, 9",
    "header is not sound JSON, '{\"a\"', 1, ''",
    "header is not sound JSON, '{\"a\":', 1, '}'",
    "header is not UTF-8, '{\"\u00c3', 1, ("
  })
  void refusesDeepHugeAndGarbledHeaders(String reason, String start, int count, String repeated)
      throws IOException {
    byte[] header = (start + repeated.repeat(count)).getBytes(StandardCharsets.ISO_8859_1);
    Path path = write(header, new byte[8]);
    String message = message(() -> Safetensors.open(path));
    assertTrue(message.startsWith(reason + ": path=" + path), message);
    assertTrue(message.contains("; "), message);
  }

  @Test
  void refusesHeaderLengthsBeyondTheFile() throws IOException {
    for (long length : new long[] {-1, Long.MIN_VALUE, 0, 1, 11, Long.MAX_VALUE}) {
      ByteBuffer bytes = ByteBuffer.allocate(18).order(ByteOrder.LITTLE_ENDIAN);
      Path path =
          Files.write(folder.resolve("length"), bytes.putLong(length).put((byte) '{').array());
      assertEquals(
          "header's length lies beyond the file: path=%s, header_bytes=%s, file_bytes=18; fetch it again"
              .formatted(path, Long.toUnsignedString(length)),
          message(() -> Safetensors.open(path)));
    }
    int most = SafetensorsHeader.MOST_BYTES;
    ByteBuffer large = ByteBuffer.allocate(most + 9).order(ByteOrder.LITTLE_ENDIAN);
    Path path = Files.write(folder.resolve("large"), large.putLong(most + 1).array());
    assertEquals(
        "header is too long: path=%s, header_bytes=%d; at most %d are read"
            .formatted(path, most + 1, most),
        message(() -> Safetensors.open(path)));
  }

  private Path write(byte[] header, byte[] data) throws IOException {
    ByteBuffer file =
        ByteBuffer.allocate(8 + header.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(header.length).put(header).put(data);
    return Files.write(folder.resolve("lies.safetensors"), file.array());
  }

  private static String message(org.junit.jupiter.api.function.Executable call) {
    return assertThrows(MoteException.class, call).getMessage();
  }
}
