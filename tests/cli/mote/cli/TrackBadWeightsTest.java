package mote.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What mote track says to weights that are none; nothing is tracked and nothing written. */
class TrackBadWeightsTest extends CliFixture {
  private Path weights;
  private byte[] shipped;

  @BeforeEach
  void copy() throws IOException {
    weights = folder.resolve("w.safetensors");
    shipped = Files.readAllBytes(Home.file(WeightsOption.SHIPPED));
  }

  @Test
  void weightsThatAreNotANumber() throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(shipped).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putFloat(shipped.length - 4, Float.NaN);
    assertRefused(
        shipped,
        "weight is not finite: path=W, tensor=\\E\\S+\\Q, index=\\E\\d+\\Q, value=NaN; train or"
            + " convert it again");
  }

  @Test
  void weightsThatAreCut() throws IOException {
    assertRefused(
        Arrays.copyOf(shipped, shipped.length - 4),
        "tensor lies beyond the file: path=W, tensor=\\E\\S+\\Q, begin=\\E\\d+\\Q,"
            + " end=\\E\\d+\\Q, data_bytes=\\E\\d+\\Q; fetch the file again");
    assertRefused(
        Arrays.copyOf(shipped, 100),
        "header's length lies beyond the file: path=W, header_bytes=\\E\\d+\\Q,"
            + " file_bytes=100; fetch it again");
    assertRefused(
        new byte[0], "file is too short for safetensors: path=W, bytes=0; fetch it again");
  }

  @Test
  void aHeaderThatIsLongerThanItsFile() throws IOException {
    ByteBuffer.wrap(shipped).order(ByteOrder.LITTLE_ENDIAN).putLong(0, -1);
    assertRefused(
        shipped,
        "header's length lies beyond the file: path=W, header_bytes=18446744073709551615,"
            + " file_bytes=\\E\\d+\\Q; fetch it again");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[1]|[0,4]|[1]|[0,4]|tensors overlap: path=W, tensor=b, begin=0, end=4, expected_begin=4",
        "[1]|[0,4]|[1]|[8,4]|tensor lies beyond the file: path=W, tensor=b, begin=8, end=4, data_bytes=8",
        "[1]|[0,4]|[1]|[4,9223372036854775807]|tensor lies beyond the file: path=W, tensor=b, begin=4, end=9223372036854775807, data_bytes=8",
        "[1]|[0,4]|[1]|[4,18446744073709551624]|header has a number out of range: path=W, b.data_offsets=18446744073709551624",
        "[1]|[0,4]|[4294967296,4294967296]|[4,8]|tensor's shape is out of range: tensor=b, shape=[4294967296, 4294967296]",
        "[1]|[0,4]|[2]|[4,8]|tensor's bytes do not fit its shape: path=W, tensor=b, begin=4, end=8, dtype=F32, shape=[2], expected_bytes=8",
      })
  void headersThatLie(
      String shapeA, String offsetsA, String shapeB, String offsetsB, String message)
      throws IOException {
    String entry = "\"%s\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":%s}";
    String header =
        "{" + entry.formatted("a", shapeA, offsetsA) + "," + entry.formatted("b", shapeB, offsetsB);
    byte[] json = (header + "}").getBytes(StandardCharsets.UTF_8);
    ByteBuffer file = ByteBuffer.allocate(8 + json.length + 8).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(json.length).put(json);
    assertRefused(file.array(), message + "; fetch the file again");
  }

  /**
   * @param message with W for the weights' path; what stands between \\E and \\Q is a pattern
   */
  private void assertRefused(byte[] content, String message) throws IOException {
    Files.write(weights, content);
    Path video = pictures("frames", 3);
    Ran ran =
        run("track", video, "--grid", 1, "--weights", weights, "--out", folder.resolve("t.csv"));
    String expected = "mote: \\Q" + message.replace("path=W", "path=" + weights) + "\\E";
    List<String> said =
        ran.expect(1).err().lines().filter(line -> !line.startsWith("mote: backend: ")).toList();
    assertEquals(1, said.size(), ran.err());
    assertTrue(said.getFirst().matches(expected), () -> expected + "\n" + said.getFirst());
    assertEquals(List.of("frames", "w.safetensors"), names());
  }
}
