package mote.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import mote.engine.FrameSource;
import mote.engine.MoteException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad input: every message names the file, the frame where there is one, and a remedy. */
final class BadVideosTest extends MediaFixture {
  private final List<Seen> before = new ArrayList<>();

  @Test
  void missing() {
    Path file = folder.resolve("none.mp4");
    assertEquals(
        "a video does not exist: file=%s; check the path".formatted(file), failure(file, before));
  }

  @Test
  void empty() throws IOException {
    Path file = Files.createFile(folder.resolve("empty.mp4"));
    assertEquals(
        "a video is empty: file=%s, bytes=0; fetch or record it again".formatted(file),
        failure(file, before));
  }

  @ParameterizedTest
  @ValueSource(strings = {"text.mp4", "text.mkv", "text.dat", "a%03d.png", "x:y.txt"})
  void noVideo(String name) throws IOException {
    Path file = Files.writeString(folder.resolve(name), "This is a text, not a video.\n");
    String message = failure(file, before);
    assertTrue(
        message.startsWith("a file cannot be read as a video: file=%s, cause=".formatted(file)),
        message);
    assertTrue(
        message.endsWith("; give a video (mp4, webm, mkv, avi, gif, ...) or a folder of pictures"));
  }

  @Test
  void aPlaylistOpensNothingElse() throws IOException {
    Path clip = greyClip("clip.mp4", 32, 48, everyMillis(2, 40));
    String playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:" + clip + "\n";
    for (String name : List.of("list.m3u8", "list.mp4")) {
      Path file = Files.writeString(folder.resolve(name), playlist);
      String message = failure(file, before);
      assertTrue(message.startsWith("a file cannot be read as a video: file=" + file), message);
    }
    Path concat = folder.resolve("list.ffconcat");
    Files.writeString(concat, "ffconcat version 1.0\nfile clip.mp4\n");
    String message = failure(concat, before);
    assertTrue(message.contains("the container is not one of those that are read"), message);
  }

  @Test
  void audioOnly() throws IOException {
    Path file = folder.resolve("sound.wav");
    ByteBuffer wav = ByteBuffer.allocate(44 + 1600).order(ByteOrder.LITTLE_ENDIAN);
    wav.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(36 + 1600);
    wav.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16).putShort((short) 1);
    wav.putShort((short) 1).putInt(8000).putInt(16000).putShort((short) 2).putShort((short) 16);
    wav.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(1600);
    Files.write(file, wav.array());
    assertEquals(
        "a file holds no video: file=%s, streams=1 (audio only); give a file with a video stream, or fetch this one again if it was cut"
            .formatted(file),
        failure(file, before));
  }

  @ParameterizedTest
  @ValueSource(strings = {"cut.mp4", "cut.webm", "cut.gif"})
  void truncated(String name) throws IOException {
    Path file = noisyClip(name, 10);
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length * 6 / 10));
    String message = failure(file, before);
    assertTrue(before.size() >= 2 && before.size() < 10, "frames before: " + before.size());
    assertTrue(
        message.startsWith(
            "a video is damaged or ends early: file=%s, frame=%d, cause="
                .formatted(file, before.size())),
        message);
    assertTrue(
        message.endsWith("; frames before it are good, repair or re-encode the file"), message);
    for (int i = 0; i < before.size(); i++) {
      assertEquals(i, before.get(i).index());
    }
  }

  @Test
  void cutWithinTheHeader() throws IOException {
    Path file = noisyClip("cut.mp4", 3);
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 40));
    assertEquals(
        "a file holds no video: file=%s, streams=0; give a file with a video stream, or fetch this one again if it was cut"
            .formatted(file),
        failure(file, before));
  }

  @Test
  void aVideoThatChangesItsSize() throws IOException {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    for (int i = 0; i < 6; i++) {
      ImageIO.write(i < 4 ? plain(32, 48, 0x808080) : plain(40, 48, 0x808080), "jpg", stream);
    }
    Path file = Files.write(folder.resolve("grows.mjpeg"), stream.toByteArray());
    assertEquals(
        "a frame has another size than the first: file=%s, frame=4, height=40, width=48, first_height=32, first_width=48; split the video there or scale it to one size"
            .formatted(file),
        failure(file, before));
    assertEquals(4, before.size());
  }

  @Test
  void aFolderWithoutPictures() throws IOException {
    Files.writeString(folder.resolve("notes.txt"), "none");
    assertEquals(
        "a folder holds no picture: folder=%s; give one with png, jpg, webp or bmp files"
            .formatted(folder),
        failure(folder, before));
  }

  @Test
  void aPictureOfAnotherSize() {
    save(plain(20, 30, 0xff), folder.resolve("1.png"), "png");
    save(plain(20, 30, 0xff), folder.resolve("2.png"), "png");
    save(plain(20, 31, 0xff), folder.resolve("3.png"), "png");
    assertEquals(
        "a frame has another size than the first: file=%s, frame=2, height=20, width=31, first_height=20, first_width=30; scale all pictures to one size"
            .formatted(folder.resolve("3.png")),
        failure(folder, before));
    assertEquals(2, before.size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpg", "bmp"})
  void aPictureThatIsCut(String format) throws IOException {
    save(noise(40, 60), folder.resolve("1." + format), format);
    Path second = folder.resolve("2." + format);
    save(noise(40, 60), second, format);
    byte[] whole = Files.readAllBytes(second);
    Files.write(second, Arrays.copyOf(whole, whole.length / 2));
    String message = failure(folder, before);
    assertTrue(
        message.startsWith(
            "a picture cannot be decoded: file=%s, frame=1, cause=".formatted(second)),
        message);
    assertTrue(message.endsWith("; frames before it are good, replace or remove the file"));
    assertEquals(1, before.size());
  }

  @Test
  void aPictureThatIsNone() throws IOException {
    Path file = Files.writeString(folder.resolve("1.png"), "hello");
    assertEquals(
        "a picture cannot be decoded: file=%s, frame=0, cause=it is no png, jpg, webp or bmp; frames before it are good, replace or remove the file"
            .formatted(file),
        failure(folder, before));
    Files.write(file, new byte[0]);
    assertTrue(failure(folder, before).contains("cause=the file is empty;"));
  }

  @Test
  void animatedWebp() throws IOException {
    byte[] header = new byte[40];
    ByteBuffer.wrap(header).put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(0x20000000);
    ByteBuffer.wrap(header, 8, 8).put("WEBPVP8X".getBytes(StandardCharsets.US_ASCII));
    header[20] = 2;
    Path file = Files.write(folder.resolve("moving.webp"), header);
    String message = failure(file, before);
    assertTrue(message.contains("cause=animated webp is not supported;"), message);
  }

  @Test
  void ranges() {
    Path file = greyClip("clip.mp4", 32, 48, everyMillis(3, 40));
    assertEquals(
        "the range starts behind the last frame: file=%s, start=5, frames=3; give start <= 2"
            .formatted(file),
        rangeFailure(file, 5, 9));
    save(plain(20, 30, 0xff), folder.resolve("1.png"), "png");
    assertEquals(
        "the range starts behind the last frame: file=%s, start=1, frames=1; give start <= 0"
            .formatted(folder),
        rangeFailure(folder, 1, 9));
    assertEquals(
        "a frame range holds no frame: start=4, end=4; give 0 <= start < end",
        assertThrows(MoteException.class, () -> new FrameRange(4, 4)).getMessage());
    assertEquals(
        "a frame range holds no frame: start=-1, end=4; give 0 <= start < end",
        assertThrows(MoteException.class, () -> new FrameRange(-1, 4)).getMessage());
    assertEquals(
        "a folder's frame time is not positive: nanoseconds=0; give the time between two pictures",
        assertThrows(MoteException.class, () -> Videos.open(folder, FrameRange.ALL, 0))
            .getMessage());
  }

  private String rangeFailure(Path path, long start, long end) {
    return assertThrows(
            MoteException.class,
            () -> {
              try (var source = Videos.open(path, new FrameRange(start, end))) {
                readInto(source, before);
              }
            })
        .getMessage();
  }

  private static java.awt.image.BufferedImage noise(int height, int width) {
    java.util.Random random = new java.util.Random(3);
    java.awt.image.BufferedImage image = plain(height, width, 0);
    for (int i = 0; i < height * width; i++) {
      image.setRGB(i % width, i / width, random.nextInt(1 << 24));
    }
    return image;
  }

  /** A clip that does not compress well: its frames spread over the file. */
  private Path noisyClip(String name, int frames) {
    Path file = folder.resolve(name);
    java.util.Random random = new java.util.Random(4);
    byte[] noise = new byte[3 * 64 * 96];
    try (VideoWriter writer = VideoWriter.create(file, 64, 96)) {
      for (int i = 0; i < frames; i++) {
        random.nextBytes(noise);
        writer.next().copyFrom(java.lang.foreign.MemorySegment.ofArray(noise));
        writer.submit(i * 40_000_000L);
      }
      writer.finish();
    }
    return file;
  }

  @Test
  void timesBeyondNanosecondsAreRefusedOrLeftOut() throws IOException {
    Path file = greyClip("far.webm", 32, 48, 0, 1L << 60, (1L << 60) + 40_000_000);
    assertEquals(0, VideoDecoder.startNanos(Long.MIN_VALUE, file), "none is given");
    assertEquals(-3000, VideoDecoder.startNanos(-3, file));
    for (long micros : new long[] {Long.MAX_VALUE, 1L << 53, -(1L << 53)}) {
      assertEquals(
          "a video starts at an impossible time: file=%s, start_us=%d; re-encode it"
              .formatted(file, micros),
          assertThrows(MoteException.class, () -> VideoDecoder.startNanos(micros, file))
              .getMessage());
    }
    byte[] bytes = Files.readAllBytes(file);
    int at = indexOfLateCluster(bytes);
    Arrays.fill(bytes, at, at + 6, (byte) 0xff);
    bytes[at] = 0x7f; // 2^47 milliseconds
    Files.write(file, bytes);
    List<Seen> seen = new ArrayList<>();
    try (FrameSource source = Videos.open(file)) {
      readInto(source, seen);
    }
    assertEquals(3, seen.size());
    long last = 0;
    for (Seen frame : seen) {
      assertTrue(frame.nanos() >= last, "times never fall: " + frame.nanos());
      last = frame.nanos();
    }
  }

  /** Where the second cluster's timestamp of six bytes is (EBML ids 1F43B675 and E7). */
  private static int indexOfLateCluster(byte[] bytes) {
    for (int i = 0; i < bytes.length - 8; i++) {
      if ((bytes[i] & 0xff) == 0xe7 && (bytes[i + 1] & 0xff) == 0x86) {
        return i + 2;
      }
    }
    throw new AssertionError("no cluster with a timestamp of six bytes");
  }
}
