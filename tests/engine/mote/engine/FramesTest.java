package mote.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.junit.jupiter.api.Test;

/** Frames are Arrow record batches: what is written as pictures is read back through Arrow. */
class FramesTest {
  private static final int HEIGHT = 3;
  private static final int WIDTH = 5;
  private static final int BYTES = HEIGHT * WIDTH * 3;

  @Test
  void anyArrowReaderReadsThePictures() throws IOException {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    try (RootAllocator allocator = new RootAllocator();
        Frames frames = new Frames(allocator, HEIGHT, WIDTH, 4)) {
      try (ArrowStreamWriter writer = new ArrowStreamWriter(frames.root(), null, stream)) {
        for (int[] batch : new int[][] {{7, 8, 9, 10}, {11}, {}}) {
          frames.clear();
          for (int frame : batch) {
            fill(frames, frame);
          }
          assertEquals(batch.length, frames.root().getRowCount());
          writer.writeBatch();
        }
      }
      assertEquals(0, readBack(stream.toByteArray(), allocator, 7, 4, 1, 0));
    }
  }

  /** Batches of those sizes with consecutive frames; returns the batches that are left. */
  private static int readBack(byte[] stream, RootAllocator allocator, int first, int... sizes)
      throws IOException {
    int frame = first;
    int left = 0;
    try (ArrowStreamReader reader =
        new ArrowStreamReader(new ByteArrayInputStream(stream), allocator)) {
      VectorSchemaRoot root = reader.getVectorSchemaRoot();
      assertEquals(Frames.schema(HEIGHT, WIDTH), root.getSchema());
      assertEquals(
          "{\"shape\":[3,5,3]}",
          root.getSchema().findField("picture").getMetadata().get("ARROW:extension:metadata"));
      for (int size : sizes) {
        reader.loadNextBatch();
        assertEquals(size, root.getRowCount());
        for (int row = 0; row < size; row++, frame++) {
          assertEquals(frame, ((BigIntVector) root.getVector("frame")).get(row));
          assertEquals(100L * frame, ((BigIntVector) root.getVector("timestamp_ns")).get(row));
          FixedSizeListVector list = (FixedSizeListVector) root.getVector("picture");
          UInt1Vector values = (UInt1Vector) list.getDataVector();
          byte[] seen = new byte[BYTES];
          for (int i = 0; i < BYTES; i++) {
            seen[i] = values.get(list.getElementStartIndex(row) + i);
          }
          assertArrayEquals(picture(frame), seen);
        }
      }
      while (reader.loadNextBatch()) {
        left++;
      }
    }
    return left;
  }

  private static void fill(Frames frames, int frame) {
    byte[] picture = picture(frame);
    for (int i = 0; i < BYTES; i++) {
      frames.picture(frames.count()).set(ValueLayout.JAVA_BYTE, i, picture[i]);
    }
    frames.append(frame, 100L * frame);
    assertEquals(frame, frames.frame(frames.count() - 1));
    assertEquals(100L * frame, frames.timestampNanos(frames.count() - 1));
  }

  private static byte[] picture(int frame) {
    byte[] picture = new byte[BYTES];
    for (int i = 0; i < BYTES; i++) {
      picture[i] = (byte) (31 * frame + 7 * i);
    }
    return picture;
  }

  @Test
  void nothingBeyondTheBatchIsReached() {
    try (RootAllocator allocator = new RootAllocator();
        Frames frames = new Frames(allocator, HEIGHT, WIDTH, 2)) {
      frames.append(0, 0);
      assertThrows(IndexOutOfBoundsException.class, () -> frames.frame(1));
      assertThrows(IndexOutOfBoundsException.class, () -> frames.picture(2));
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> frames.picture(1).set(ValueLayout.JAVA_BYTE, BYTES, (byte) 0));
      frames.append(1, 1);
      assertThrows(IndexOutOfBoundsException.class, () -> frames.append(2, 2));
    }
  }

  @Test
  void sizesThatDoNotFitAreRefused() {
    try (RootAllocator allocator = new RootAllocator()) {
      int most = Integer.MAX_VALUE;
      for (int[] size :
          new int[][] {
            {0, 1, 1}, {1, -1, 1}, {1, 1, 0}, {8192, 8192, 11}, {most, most, 1}, {most, most, most}
          }) {
        assertEquals(
            "frames do not fit a batch: height=%d, width=%d, capacity=%d; keep height * width * 3 * capacity under 2 GiB"
                .formatted(size[0], size[1], size[2]),
            assertThrows(
                    MoteException.class, () -> new Frames(allocator, size[0], size[1], size[2]))
                .getMessage());
      }
    }
  }

  @Test
  void closedMeansClosed() {
    try (RootAllocator allocator = new RootAllocator()) {
      Frames frames = new Frames(allocator, HEIGHT, WIDTH, 2);
      frames.close();
      frames.close();
      assertEquals(
          "Frames is closed: height=3, width=5; open a new one",
          assertThrows(IllegalStateException.class, () -> frames.picture(0)).getMessage());
      assertThrows(IllegalStateException.class, frames::root);
      assertThrows(IllegalStateException.class, () -> frames.append(0, 0));
    }
  }
}
