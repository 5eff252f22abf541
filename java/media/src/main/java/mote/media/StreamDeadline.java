package mote.media;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;

/**
 * What ends FFmpeg's waits: silence for longer than a time-out, or that nobody wants more. FFmpeg
 * asks through a function pointer of this object's own: JavaCPP has ten for all together and gives
 * the eleventh a null pointer.
 */
final class StreamDeadline implements AutoCloseable {
  private final BooleanSupplier stopped;
  private final Duration timeout;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment function;
  private volatile long begin;

  StreamDeadline(Duration timeout, BooleanSupplier stopped) {
    this.timeout = timeout;
    this.stopped = stopped;
    function = functionPointer();
    restart();
  }

  @SuppressWarnings("restricted") // upcallStub: the descriptor is int (*)(void *)
  private MemorySegment functionPointer() {
    try {
      return Linker.nativeLinker()
          .upcallStub(
              MethodHandles.lookup()
                  .bind(this, "isOver", MethodType.methodType(int.class, long.class)),
              FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG),
              arena);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The context must be closed before this object. */
  void watch(AVFormatContext format) {
    // struct AVIOInterruptCB { int (*callback)(void *); void *opaque; }
    NativeAddress.segment(format.interrupt_callback(), 2 * ValueLayout.ADDRESS.byteSize())
        .set(ValueLayout.ADDRESS, 0, function);
  }

  /** From now on the time-out counts anew. */
  void restart() {
    begin = System.nanoTime();
  }

  boolean isPassed() {
    return System.nanoTime() - begin > timeout.toNanos();
  }

  boolean isStopped() {
    return stopped.getAsBoolean();
  }

  Duration timeout() {
    return timeout;
  }

  /** FFmpeg's question, with an argument that is not used; not 0 ends its wait. */
  private int isOver(long opaque) {
    return isStopped() || isPassed() ? 1 : 0;
  }

  @Override
  public void close() {
    arena.close();
  }
}
