package mote.engine.track;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import mote.engine.FrameSource;
import mote.engine.Frames;
import mote.engine.MoteException;
import mote.engine.OpenResources;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FrameSpoolTest {
  private static final int HEIGHT = 5;
  private static final int WIDTH = 7;

  @TempDir Path folder;
  private RootAllocator allocator;

  @BeforeEach
  void open() {
    allocator = new RootAllocator();
  }

  @AfterEach
  void nothingLeaks() {
    allocator.close();
    assertEquals(Map.of(), OpenResources.open());
  }

  @Test
  void framesComeBackInBothOrders() {
    try (FrameSpool spool = FrameSpool.create(folder, HEIGHT, WIDTH)) {
      fill(spool, 7);
      assertEquals(7, spool.count());
      assertOrder(spool.forward(), 10, 1);
      assertOrder(spool.reversed(), 16, -1);
      assertOrder(spool.reversed(), 16, -1);
    }
  }

  @Test
  void nothingBearsANameWhileItIsOpenNorAfterwards() throws IOException {
    try (FrameSpool spool = FrameSpool.create(folder, HEIGHT, WIDTH)) {
      fill(spool, 2);
      assertEmpty(folder);
    }
    assertEmpty(folder);
  }

  @Test
  void framesThatCannotFitAreRefusedAtOnce() {
    MoteException e;
    try (FrameSpool spool = FrameSpool.create(folder, 4096, 4096)) {
      spool.requireRoom(0);
      e = assertThrows(MoteException.class, () -> spool.requireRoom(1_000_000_000_000L));
    }
    assertTrue(
        e.getMessage()
            .matches(
                "the frames do not fit the disk: folder=.*, frames=1000000000000,"
                    + " needed_bytes=\\d+, free_bytes=\\d+; free some space, .*"),
        e.getMessage());
  }

  @Test
  void aFullDiskIsNamedAndEarlierFramesStay() throws IOException {
    Path full = Path.of("/dev/full");
    Assumptions.assumeTrue(Files.exists(full), "skipped: /dev/full is not there");
    FileChannel channel = FileChannel.open(full, StandardOpenOption.WRITE, StandardOpenOption.READ);
    try (FrameSpool spool = new FrameSpool(folder, HEIGHT, WIDTH, channel)) {
      MoteException e = assertThrows(MoteException.class, () -> append(spool, 4));
      assertTrue(
          e.getMessage()
              .matches(
                  "a frame does not fit the disk: folder=.*, frame=4, needed_bytes=121,"
                      + " free_bytes=\\d+, cause=No space left on device; free some space .*"),
          e.getMessage());
      assertEquals(0, spool.count());
    }
  }

  @Test
  void aFrameThatCannotBeReadBackIsNamedAndThoseBeforeItCome() throws IOException {
    Path path = folder.resolve("spool.rgb");
    FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try (FrameSpool spool = new FrameSpool(folder, HEIGHT, WIDTH, channel);
        Frames batch = new Frames(allocator, HEIGHT, WIDTH, 4)) {
      fill(spool, 3);
      channel.truncate(channel.size() - 1);
      FrameSource source = spool.forward();
      assertEquals(
          "a frame cannot be read back: folder=%s, position=2, cause=java.io.IOException: the file has become shorter; run it again"
              .formatted(folder),
          assertThrows(MoteException.class, () -> source.read(batch)).getMessage());
      assertEquals(2, batch.count());
      assertEquals(11, batch.frame(1));
    }
  }

  @Test
  void badSizesAndFoldersAreNamed() {
    assertEquals(
        "a frame has an impossible size: height=0, width=7;"
            + " keep height * width * 3 between 3 and 2 GiB",
        assertThrows(MoteException.class, () -> FrameSpool.create(folder, 0, 7)).getMessage());
    MoteException missing =
        assertThrows(MoteException.class, () -> FrameSpool.create(folder.resolve("none"), 1, 1));
    assertTrue(
        missing.getMessage().startsWith("a temporary file for frames cannot be made: folder="),
        missing.getMessage());
    try (FrameSpool spool = FrameSpool.create(folder, 2, 2);
        Frames other = new Frames(allocator, HEIGHT, WIDTH, 1)) {
      assertEquals(
          "a frame has another size than the spool: bytes=105, spool_bytes=12; give height * width RGB triples",
          assertThrows(MoteException.class, () -> append(spool, 0)).getMessage());
      spool.append(0, 0, MemorySegment.ofArray(new byte[12]));
      assertEquals(
          "a batch has another size than the spool: height=5, width=7, spool_height=2,"
              + " spool_width=2; use frames of one size",
          assertThrows(MoteException.class, () -> spool.forward().read(other)).getMessage());
    }
  }

  @Test
  void useAfterCloseIsNamed() {
    FrameSpool spool = FrameSpool.create(folder, HEIGHT, WIDTH);
    spool.close();
    spool.close();
    assertEquals(
        "FrameSpool is closed: frames=0; create a new one",
        assertThrows(IllegalStateException.class, spool::reversed).getMessage());
  }

  @Test
  void aClosedSourceIsNamed() {
    try (FrameSpool spool = FrameSpool.create(folder, HEIGHT, WIDTH);
        Frames batch = new Frames(allocator, HEIGHT, WIDTH, 1)) {
      FrameSource source = spool.forward();
      source.close();
      assertEquals(
          "FrameSpool's source is closed: position=0; ask the spool for a new one",
          assertThrows(IllegalStateException.class, () -> source.read(batch)).getMessage());
    }
  }

  /** Frames 10, 11, ..., each filled with a value of its own. */
  private static void fill(FrameSpool spool, int frames) {
    for (int frame = 10; frame < 10 + frames; frame++) {
      append(spool, frame);
    }
  }

  private static void append(FrameSpool spool, int frame) {
    byte[] picture = new byte[HEIGHT * WIDTH * 3];
    Arrays.fill(picture, (byte) frame);
    spool.append(frame, 1000L * frame, MemorySegment.ofArray(picture));
  }

  private void assertOrder(FrameSource source, int first, int step) {
    try (source;
        Frames batch = new Frames(allocator, HEIGHT, WIDTH, 4)) {
      assertEquals(7, source.expectedFrames());
      int expected = first;
      while (source.read(batch) > 0) {
        for (int i = 0; i < batch.count(); i++, expected += step) {
          assertEquals(expected, batch.frame(i));
          assertEquals(1000L * expected, batch.timestampNanos(i));
          long last = batch.picture(i).byteSize() - 1;
          assertEquals((byte) expected, batch.picture(i).get(ValueLayout.JAVA_BYTE, 0));
          assertEquals((byte) expected, batch.picture(i).get(ValueLayout.JAVA_BYTE, last));
        }
      }
      assertEquals(first + 7 * step, expected);
      assertEquals(0, source.expectedFrames());
    }
  }

  private static void assertEmpty(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      assertEquals(0, entries.count());
    }
  }
}
