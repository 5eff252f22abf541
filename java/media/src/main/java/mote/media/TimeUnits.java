package mote.media;

import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;

/** A stream's unit of time and its frame rate, read once: asking FFmpeg again makes garbage. */
final class TimeUnits {
  /** Half of what a long holds: differences of such times do not overflow. */
  static final long MOST_NANOS = Long.MAX_VALUE / 2;

  private static final long NANOS = 1_000_000_000L;
  private static final long DEFAULT_FRAME_NANOS = 40_000_000L;

  private final int numerator;
  private final int denominator;
  private final long frameNanos;

  TimeUnits(AVFormatContext format, AVStream stream) {
    AVRational unit = stream.time_base();
    numerator = unit.num();
    denominator = unit.den();
    AVRational rate = avformat.av_guess_frame_rate(format, stream, null);
    frameNanos =
        rate.num() > 0 && rate.den() > 0
            ? avutil.av_rescale(NANOS, rate.den(), rate.num())
            : DEFAULT_FRAME_NANOS;
  }

  /** A timestamp of the stream in nanoseconds, or {@link FrameInput#NO_TIME}. */
  long nanos(long timestamp) {
    if (timestamp == avutil.AV_NOPTS_VALUE) {
      return FrameInput.NO_TIME;
    }
    long nanos = avutil.av_rescale(timestamp, NANOS * numerator, denominator);
    // A time beyond what nanoseconds can say is none.
    return Math.abs(nanos / 2) > MOST_NANOS / 2 ? FrameInput.NO_TIME : nanos;
  }

  /** The time between frames as the container gives it, for frames without a timestamp. */
  long frameNanos() {
    return frameNanos;
  }
}
