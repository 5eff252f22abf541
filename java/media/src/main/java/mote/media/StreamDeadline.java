package mote.media;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOInterruptCB;
import org.bytedeco.javacpp.Pointer;

/** What ends FFmpeg's waits: silence for longer than a time-out, or that nobody wants more. */
final class StreamDeadline extends AVIOInterruptCB.Callback_Pointer {
  private final BooleanSupplier stopped;
  private final Duration timeout;
  private volatile long begin;

  StreamDeadline(Duration timeout, BooleanSupplier stopped) {
    this.timeout = timeout;
    this.stopped = stopped;
    restart();
  }

  /** FFmpeg keeps the pointer: this object must stay reachable as long as the context. */
  void watch(AVFormatContext format) {
    format.interrupt_callback().callback(this);
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

  @Override
  public int call(Pointer nothing) {
    return isStopped() || isPassed() ? 1 : 0;
  }
}
