package mote.engine.track;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import mote.engine.FrameSource;
import mote.engine.Frames;
import mote.engine.MoteException;
import mote.engine.ReadAhead;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReadAheadTest {
  @ParameterizedTest
  @CsvSource({"0, 1", "1, 1", "7, 2", "8, 2", "3, 16"})
  void deliversEveryFrameInOrderThenNothing(int frames, int capacity) {
    try (RootAllocator allocator = new RootAllocator();
        FrameSource source = new NumberedFrames(frames);
        ReadAhead ahead = new ReadAhead(source, allocator, capacity)) {
      int expected = 0;
      for (Frames batch = ahead.next(); batch != null; batch = ahead.next()) {
        for (int i = 0; i < batch.count(); i++) {
          assertEquals(expected, batch.frame(i));
          assertEquals(expected, batch.picture(i).get(ValueLayout.JAVA_BYTE, 0));
          expected++;
        }
      }
      assertEquals(frames, expected);
      assertNull(ahead.next());
    }
  }

  @Test
  void goodFramesComeBeforeTheFailureWhichStays() {
    try (RootAllocator allocator = new RootAllocator();
        FrameSource source = new NumberedFrames(9, 5);
        ReadAhead ahead = new ReadAhead(source, allocator, 2)) {
      List<Long> seen = new ArrayList<>();
      MoteException failure =
          assertThrows(
              MoteException.class,
              () -> {
                for (Frames batch = ahead.next(); batch != null; batch = ahead.next()) {
                  for (int i = 0; i < batch.count(); i++) {
                    seen.add(batch.frame(i));
                  }
                }
              });
      assertEquals(List.of(0L, 1L, 2L, 3L, 4L), seen);
      assertEquals("frame is broken: frame=5; mend the file", failure.getMessage());
      assertSame(failure, assertThrows(MoteException.class, ahead::next));
    }
  }

  @Test
  void readsWhileABatchIsWorkedOn() throws InterruptedException {
    CountDownLatch second = new CountDownLatch(2);
    FrameSource counting =
        new Wrapped(new NumberedFrames(10)) {
          @Override
          public int read(Frames into) {
            int count = super.read(into);
            second.countDown();
            return count;
          }
        };
    try (RootAllocator allocator = new RootAllocator();
        ReadAhead ahead = new ReadAhead(counting, allocator, 1)) {
      Frames batch = ahead.next();
      assertTrue(second.await(10, TimeUnit.SECONDS), "nothing was read ahead");
      assertEquals(0, batch.frame(0));
      assertEquals(0, batch.picture(0).get(ValueLayout.JAVA_BYTE, 0));
    }
  }

  @Test
  void interruptionIsSaidAndKept() throws InterruptedException {
    CountDownLatch go = new CountDownLatch(1);
    FrameSource waiting =
        new Wrapped(new NumberedFrames(3)) {
          @Override
          public int read(Frames into) {
            try {
              go.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            return super.read(into);
          }
        };
    try (RootAllocator allocator = new RootAllocator();
        ReadAhead ahead = new ReadAhead(waiting, allocator, 1)) {
      Thread.currentThread().interrupt();
      MoteException failure = assertThrows(MoteException.class, ahead::next);
      assertTrue(Thread.interrupted(), "the interruption was swallowed");
      assertEquals(
          "reading was interrupted: thread=%s; read again"
              .formatted(Thread.currentThread().getName()),
          failure.getMessage());
      go.countDown();
    }
  }

  @Test
  void aBugInTheSourceComesAsItIs() {
    FrameSource buggy =
        new Wrapped(new NumberedFrames(3)) {
          @Override
          public int read(Frames into) {
            throw new ArithmeticException("bug");
          }
        };
    try (RootAllocator allocator = new RootAllocator();
        ReadAhead ahead = new ReadAhead(buggy, allocator, 1)) {
      assertThrows(ArithmeticException.class, ahead::next);
    }
  }

  /** A source that behaves as another one, but for what a test changes. */
  private static class Wrapped implements FrameSource {
    private final FrameSource inner;

    Wrapped(FrameSource inner) {
      this.inner = inner;
    }

    @Override
    public int height() {
      return inner.height();
    }

    @Override
    public int width() {
      return inner.width();
    }

    @Override
    public long expectedFrames() {
      return inner.expectedFrames();
    }

    @Override
    public int read(Frames into) {
      return inner.read(into);
    }

    @Override
    public void close() {
      inner.close();
    }
  }
}
