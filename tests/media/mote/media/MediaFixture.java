package mote.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import mote.engine.FrameSource;
import mote.engine.Frames;
import mote.engine.MoteException;
import mote.engine.OpenResources;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A folder, an allocator and clips for tests of this package; nothing may be open afterwards. */
abstract class MediaFixture {
  /** What a frame of a test clip was read as. */
  record Seen(long index, long nanos, byte[] rgb) {
    int at(int x, int y, int width, int channel) {
      return rgb[3 * (y * width + x) + channel] & 0xff;
    }
  }

  @TempDir Path folder;
  BufferAllocator allocator;

  @BeforeEach
  void openAllocator() {
    allocator = new RootAllocator();
  }

  @AfterEach
  void nothingLeaks() {
    allocator.close();
    assertEquals(0, OpenMedia.count(), "open sources and writers");
    assertEquals(Map.of(), OpenResources.open());
  }

  /** The grey level of a test clip's frame: steps that survive lossy compression. */
  static int grey(int frame) {
    return 40 + 8 * frame;
  }

  /** A clip whose frame i has {@link #grey} everywhere. */
  Path greyClip(String name, int height, int width, long... nanos) {
    Path file = folder.resolve(name);
    try (VideoWriter writer = VideoWriter.create(file, height, width)) {
      for (int i = 0; i < nanos.length; i++) {
        writer.next().fill((byte) grey(i));
        writer.submit(nanos[i]);
      }
      assertEquals(nanos.length, writer.finish());
    }
    return file;
  }

  static long[] everyMillis(int frames, int millis) {
    long[] nanos = new long[frames];
    for (int i = 0; i < frames; i++) {
      nanos[i] = i * millis * 1_000_000L;
    }
    return nanos;
  }

  /** A clip of one picture, shown three times. */
  Path stillClip(String name, int height, int width, byte[] rgb) {
    Path file = folder.resolve(name);
    try (Arena arena = Arena.ofConfined();
        VideoWriter writer = VideoWriter.create(file, height, width)) {
      MemorySegment picture = arena.allocate(rgb.length);
      MemorySegment.copy(rgb, 0, picture, ValueLayout.JAVA_BYTE, 0, rgb.length);
      for (int i = 0; i < 3; i++) {
        writer.write(picture, i * 40_000_000L);
      }
      writer.finish();
    }
    return file;
  }

  List<Seen> readAll(FrameSource source) {
    List<Seen> seen = new ArrayList<>();
    assertEquals(readInto(source, seen), seen.size());
    return seen;
  }

  /** Reads in batches of 3, keeping what came before an exception. */
  long readInto(FrameSource source, List<Seen> seen) {
    try (Frames batch = new Frames(allocator, source.height(), source.width(), 3)) {
      try {
        for (int n = source.read(batch); n > 0; n = source.read(batch)) {
          assertEquals(n, batch.count());
          keep(batch, seen);
        }
      } catch (MoteException e) {
        keep(batch, seen);
        throw e;
      }
    }
    return seen.size();
  }

  private static void keep(Frames batch, List<Seen> seen) {
    for (int i = 0; i < batch.count(); i++) {
      byte[] rgb = batch.picture(i).toArray(ValueLayout.JAVA_BYTE);
      seen.add(new Seen(batch.frame(i), batch.timestampNanos(i), rgb));
    }
  }

  /** The message with which opening or reading fails, and the frames that came before. */
  String failure(Path path, List<Seen> before) {
    MoteException e =
        assertThrows(
            MoteException.class,
            () -> {
              try (FrameSource source = Videos.open(path)) {
                readInto(source, before);
              }
            });
    return e.getMessage();
  }

  static BufferedImage plain(int height, int width, int rgb) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, rgb);
      }
    }
    return image;
  }

  static void save(BufferedImage image, Path file, String format) {
    try {
      if (!ImageIO.write(image, format, file.toFile())) {
        throw new IllegalArgumentException("ImageIO writes no " + format);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<String> names() throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }
}
