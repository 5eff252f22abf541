package mote.media;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import mote.engine.MoteException;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.PointerPointer;

/**
 * The first video stream of a camera, a network stream or a filter, decoded with as little delay as
 * the stream allows. What cannot be decoded (a receiver comes in the middle of things, packets get
 * lost) is left out and counted.
 */
final class StreamInput implements FrameInput {
  /** How long to leave a camera alone that has no frame yet. */
  private static final long CAMERA_PAUSE_NANOS = 500_000;

  /** Frames of at most so many pixels are decoded: what comes from outside may say anything. */
  private static final long MOST_PIXELS = 1L << 26;

  private final LiveAddress address;
  private final StreamDeadline deadline;
  private final AVFormatContext format;
  private final AVCodecContext codec;
  private final AVPacket packet;
  private final AVFrame frame;
  private final TimeUnits units;
  private final int streamIndex;

  /** Whether the source has a length: its end is no break, and its frames have a pace. */
  private final boolean finite;

  /** Whether timestamps are the demuxer's guess at a frame rate: then arrival is the truth. */
  private final boolean untimed;

  private long damaged;
  private boolean draining;
  private boolean closed;

  /**
   * @param stopped asked while FFmpeg waits: ends the wait
   * @throws MoteException if it cannot be opened within the options' time-out
   */
  StreamInput(LiveAddress address, LiveSourceOptions options, BooleanSupplier stopped) {
    this.address = address;
    deadline = new StreamDeadline(options.timeout(), stopped);
    try {
      format = StreamOpening.open(address, options, deadline);
    } catch (RuntimeException e) {
      deadline.close();
      throw e;
    }
    AVCodecContext opened = null;
    try {
      streamIndex = Containers.findVideo(format, address.name());
      AVStream stream = format.streams(streamIndex);
      for (int i = 0; i < format.nb_streams(); i++) {
        if (i != streamIndex) {
          format.streams(i).discard(avcodec.AVDISCARD_ALL);
        }
      }
      units = new TimeUnits(format, stream);
      finite = isFinite();
      untimed =
          address.kind() == LiveAddress.Kind.STREAM
              && format.iformat().name().getString().matches("mpjpeg|mjpeg|h264|hevc|m4v|obu");
      opened = openCodec(stream);
      codec = opened;
      packet = Ffmpeg.allocated(avcodec.av_packet_alloc(), "packet");
      frame = Ffmpeg.allocated(avutil.av_frame_alloc(), "frame");
    } catch (RuntimeException e) {
      if (opened != null) {
        avcodec.avcodec_free_context(opened);
      }
      avformat.avformat_close_input(format);
      deadline.close();
      throw e;
    }
  }

  private boolean isFinite() {
    if (address.kind() != LiveAddress.Kind.STREAM) {
      return address.kind() == LiveAddress.Kind.LAVFI;
    }
    String name = format.iformat().name().getString();
    if (name.startsWith("hls")) { // with an end, or going on
      return format.duration() != avutil.AV_NOPTS_VALUE && format.duration() > 0;
    }
    return format.pb() != null && avformat.avio_size(format.pb()) > 0;
  }

  private AVCodecContext openCodec(AVStream stream) {
    AVCodec known = Containers.findDecoder(stream.codecpar().codec_id(), address.name());
    AVCodecContext context = Ffmpeg.allocated(avcodec.avcodec_alloc_context3(known), "decoder");
    Ffmpeg.clearComplaints();
    int code = avcodec.avcodec_parameters_to_context(context, stream.codecpar());
    if (code >= 0) {
      context.pkt_timebase(stream.time_base());
      // Threads for slices, not for frames: these hold back a frame each.
      context.thread_type(AVCodecContext.FF_THREAD_SLICE);
      context.thread_count(Math.min(2, Runtime.getRuntime().availableProcessors()));
      context.max_pixels(MOST_PIXELS);
      code = avcodec.avcodec_open2(context, known, (PointerPointer<?>) null);
    }
    if (code < 0) {
      avcodec.avcodec_free_context(context);
      Ffmpeg.require(
          code, "a stream's decoder cannot be opened", address.name(), "send it as H.264");
    }
    return context;
  }

  /** {@inheritDoc} A source that was stopped is at its end. */
  @Override
  public boolean next() {
    deadline.restart();
    while (true) {
      Ffmpeg.clearComplaints();
      int code = avcodec.avcodec_receive_frame(codec, frame);
      if (code == 0) {
        if (frame.decode_error_flags() == 0
            && (frame.flags() & AVFrame.AV_FRAME_FLAG_CORRUPT) == 0) {
          return true;
        }
        damaged++;
      } else if (code == avutil.AVERROR_EOF) {
        return false;
      } else if (code == avutil.AVERROR_EAGAIN()) {
        feed();
      } else { // as a packet that cannot be decoded
        damaged++;
      }
      if (deadline.isStopped()) {
        return false;
      }
      if (deadline.isPassed()) { // packets come, but no picture is in them
        throw brokenOff(avutil.AVERROR_EOF);
      }
    }
  }

  private void feed() {
    int code = readPacket();
    if (code == avutil.AVERROR_EOF && !endedByError()) {
      if (draining) {
        throw brokenOff(code);
      }
      draining = true;
      avcodec.avcodec_send_packet(codec, null);
    } else if (code < 0) {
      if (!deadline.isStopped()) {
        throw brokenOff(code);
      }
    } else {
      if (avcodec.avcodec_send_packet(codec, packet) < 0) {
        damaged++;
      }
      avcodec.av_packet_unref(packet);
    }
  }

  /** Demuxers call a connection that broke an end; only the connection knows. */
  private boolean endedByError() {
    return address.kind() == LiveAddress.Kind.STREAM
        && format.pb() != null
        && format.pb().error() < 0
        && format.pb().error() != avutil.AVERROR_EOF;
  }

  /** Waits for the stream's next packet; a negative code where none comes. */
  private int readPacket() {
    while (true) {
      int code = avformat.av_read_frame(format, packet);
      if (code == avutil.AVERROR_EAGAIN() && !deadline.isStopped() && !deadline.isPassed()) {
        LockSupport.parkNanos(CAMERA_PAUSE_NANOS);
      } else if (code < 0 || packet.stream_index() == streamIndex) {
        return code;
      } else {
        avcodec.av_packet_unref(packet);
      }
    }
  }

  private MoteException brokenOff(int code) {
    String cause = StreamOpening.cause(address, code, deadline);
    return new BrokenOffException(
        "stream broke off: source=%s, cause=%s; check its sender".formatted(address.name(), cause),
        cause);
  }

  /** Whether the source has a length. */
  boolean isFiniteSource() {
    return finite;
  }

  /** Packets and frames that were left out because they could not be decoded. */
  long damaged() {
    return damaged;
  }

  @Override
  public AVFrame frame() {
    return frame;
  }

  @Override
  public long frameNanos() {
    return untimed ? System.nanoTime() : units.nanos(frame.best_effort_timestamp());
  }

  @Override
  public long nominalFrameNanos() {
    return units.frameNanos();
  }

  @Override
  public Orientation orientation() {
    return Orientation.UPRIGHT;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      avutil.av_frame_free(frame);
      avcodec.av_packet_free(packet);
      avcodec.avcodec_free_context(codec);
      avformat.avformat_close_input(format);
      deadline.close();
    }
  }
}
