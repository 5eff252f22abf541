package mote.media;

import java.nio.file.Path;
import mote.engine.MoteException;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avcodec.AVPacketSideData;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVFrameSideData;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * The first video stream of a file, frame after frame, as FFmpeg decodes it. Damage (a file that
 * ends early, a packet that cannot be read) is reported after the last good frame before it.
 */
final class VideoDecoder implements FrameInput {
  private final Path file;
  private final AVFormatContext format;
  private final AVCodecContext codec;
  private final AVStream stream;
  private final AVPacket packet;
  private final AVFrame frame;
  private final int streamIndex;
  private final TimeUnits units;
  private final long startNanos;
  private final long indexedPackets;
  private final boolean gif;

  /** A small file is read to its end while its streams are looked at. */
  private final boolean endsEarly;

  private long packets;
  private long decoded;
  private boolean draining;
  private String damage;
  private boolean closed;

  VideoDecoder(Path file) {
    Ffmpeg.load();
    this.file = file;
    format = Containers.open(file);
    endsEarly = saysThatItEndsEarly();
    AVCodecContext opened = null;
    try {
      streamIndex = Containers.findVideo(format, file);
      stream = format.streams(streamIndex);
      for (int i = 0; i < format.nb_streams(); i++) {
        if (i != streamIndex) {
          format.streams(i).discard(avcodec.AVDISCARD_ALL);
        }
      }
      indexedPackets = indexedPackets();
      gif = stream.codecpar().codec_id() == avcodec.AV_CODEC_ID_GIF;
      startNanos = startNanos(format.start_time(), file);
      units = new TimeUnits(format, stream);
      opened = openCodec();
      codec = opened;
      packet = Ffmpeg.allocated(avcodec.av_packet_alloc(), "packet");
      frame = Ffmpeg.allocated(avutil.av_frame_alloc(), "frame");
    } catch (RuntimeException e) {
      if (opened != null) {
        avcodec.avcodec_free_context(opened);
      }
      avformat.avformat_close_input(format);
      throw e;
    }
  }

  /**
   * Decodes the next frame into {@link #frame}.
   *
   * @return false at the video's proper end
   * @throws MoteException where the video is damaged, naming the file and the frame
   */
  @Override
  public boolean next() {
    while (true) {
      Ffmpeg.clearComplaints();
      int code = avcodec.avcodec_receive_frame(codec, frame);
      if (code == 0) {
        if (frame.decode_error_flags() != 0
            || (frame.flags() & AVFrame.AV_FRAME_FLAG_CORRUPT) != 0) {
          throw damaged("the picture is incomplete");
        }
        decoded++;
        return true;
      }
      if (code == avutil.AVERROR_EOF) {
        if (damage != null) {
          throw damaged(damage);
        }
        return false;
      }
      if (code != avutil.AVERROR_EAGAIN()) {
        throw damaged(Ffmpeg.describe(code));
      }
      feed();
    }
  }

  /** The frame that {@link #next} has decoded; its pixels are valid until the next call. */
  @Override
  public AVFrame frame() {
    return frame;
  }

  /** The time of {@link #frame} since the file's start, or {@link #NO_TIME}. */
  @Override
  public long frameNanos() {
    long nanos = units.nanos(frame.best_effort_timestamp());
    return nanos == NO_TIME ? NO_TIME : nanos - startNanos;
  }

  /** The file's start from what its container says in microseconds. */
  static long startNanos(long micros, Path file) {
    if (micros == avutil.AV_NOPTS_VALUE) {
      return 0;
    }
    if (Math.abs(micros / 1000) > TimeUnits.MOST_NANOS / 1_000_000) {
      throw new MoteException(
          "a video starts at an impossible time: file=%s, start_us=%d; re-encode it"
              .formatted(file, micros));
    }
    return micros * 1000;
  }

  @Override
  public long nominalFrameNanos() {
    return units.frameNanos();
  }

  /** Frames of the whole stream as the container counts or its duration suggests; -1 if unknown. */
  long expectedFrames() {
    if (indexedPackets > 0) {
      return indexedPackets;
    }
    if (stream.nb_frames() > 0) {
      return stream.nb_frames();
    }
    AVRational rate = stream.avg_frame_rate();
    long micros = format.duration();
    if (micros == avutil.AV_NOPTS_VALUE || micros <= 0 || rate.num() <= 0 || rate.den() <= 0) {
      return -1;
    }
    return avutil.av_rescale(micros, rate.num(), 1_000_000L * rate.den());
  }

  /**
   * Frames of the whole stream, counted without decoding: those in the container's index, otherwise
   * the packets up to the file's end or its first damage. No frame can be decoded afterwards.
   */
  long countFrames() {
    if (indexedPackets > 0) {
      return indexedPackets;
    }
    long count = 0;
    while (readPacket() >= 0) {
      count++;
    }
    avcodec.av_packet_unref(packet);
    return count;
  }

  /** How {@link #frame} is to be turned: by its own metadata (EXIF), else by the container's. */
  @Override
  public Orientation orientation() {
    AVFrameSideData own = avutil.av_frame_get_side_data(frame, avutil.AV_FRAME_DATA_DISPLAYMATRIX);
    if (own != null && !own.isNull()) {
      return fromMatrix(own.data());
    }
    AVPacketSideData shared =
        avcodec.av_packet_side_data_get(
            stream.codecpar().coded_side_data(),
            stream.codecpar().nb_coded_side_data(),
            avcodec.AV_PKT_DATA_DISPLAYMATRIX);
    return shared == null || shared.isNull() ? Orientation.UPRIGHT : fromMatrix(shared.data());
  }

  private Orientation fromMatrix(Pointer data) {
    int[] matrix = new int[9];
    new org.bytedeco.javacpp.IntPointer(data).get(matrix);
    return Orientation.fromDisplayMatrix(matrix, file);
  }

  private void feed() {
    if (draining) {
      throw damaged("the decoder stopped");
    }
    int code = readPacket();
    if (code == avutil.AVERROR_EOF) {
      if (endsEarly || saysThatItEndsEarly()) {
        damage = "the file ends within a packet";
      } else if (packets < indexedPackets) {
        damage = "the file ends after %d of %d packets".formatted(packets, indexedPackets);
      }
      drain();
    } else if (code < 0) {
      damage = Ffmpeg.describe(code);
      drain();
    } else if ((packet.flags() & avcodec.AV_PKT_FLAG_CORRUPT) != 0 || isCutGif()) {
      damage = "a packet is incomplete";
      drain();
    } else {
      packets++;
      code = avcodec.avcodec_send_packet(codec, packet);
      if (code < 0) {
        damage = Ffmpeg.describe(code);
        drain();
      }
    }
    avcodec.av_packet_unref(packet);
  }

  /** Reads the stream's next packet; a negative code at the end or where reading fails. */
  private int readPacket() {
    int code;
    do {
      avcodec.av_packet_unref(packet);
      code = avformat.av_read_frame(format, packet);
    } while (code >= 0 && packet.stream_index() != streamIndex);
    return code;
  }

  /** A picture of a gif ends with an empty block (0) or, if it is the last, the trailer (0x3b). */
  private boolean isCutGif() {
    if (!gif || packet.size() < 1) {
      return false;
    }
    byte last = packet.data().get(packet.size() - 1L);
    return last != 0 && last != 0x3b;
  }

  private static boolean saysThatItEndsEarly() {
    return Ffmpeg.complainedOf("prematurely") || Ffmpeg.complainedOf("partial file");
  }

  private void drain() {
    draining = true;
    avcodec.avcodec_send_packet(codec, null);
  }

  private MoteException damaged(String cause) {
    return new MoteException(
        "a video is damaged or ends early: file=%s, frame=%d, cause=%s; frames before it are good, repair or re-encode the file"
            .formatted(file, decoded, cause));
  }

  /**
   * Packets that the container's own index lists, 0 where there is no complete index. MP4 lists
   * every sample; edit lists have been applied to it already, other than to the stream's frame
   * count.
   */
  private long indexedPackets() {
    boolean indexed = format.iformat().name().getString().startsWith("mov,");
    return indexed ? avformat.avformat_index_get_entries_count(stream) : 0;
  }

  private AVCodecContext openCodec() {
    AVCodec known = Containers.findDecoder(stream.codecpar().codec_id(), file);
    AVCodecContext context = Ffmpeg.allocated(avcodec.avcodec_alloc_context3(known), "decoder");
    Ffmpeg.clearComplaints();
    int code = avcodec.avcodec_parameters_to_context(context, stream.codecpar());
    if (code >= 0) {
      context.pkt_timebase(stream.time_base());
      context.thread_count(Math.min(2, Runtime.getRuntime().availableProcessors()));
      code = avcodec.avcodec_open2(context, known, (PointerPointer<?>) null);
    }
    if (code < 0) {
      avcodec.avcodec_free_context(context);
      Ffmpeg.require(code, "a video's decoder cannot be opened", file, "re-encode it as H.264");
    }
    return context;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      avutil.av_frame_free(frame);
      avcodec.av_packet_free(packet);
      avcodec.avcodec_free_context(codec);
      avformat.avformat_close_input(format);
    }
  }
}
