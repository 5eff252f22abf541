package mote.media;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import mote.engine.MoteException;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVOutputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.Pointer;

/** A file with one encoded video stream. Used by one thread at a time. */
final class EncodedFile implements AutoCloseable {
  private final Path temporary;
  private final Path file;
  private final AVCodecContext codec;
  private final AVFormatContext format;
  private final AVStream stream;
  private final AVPacket packet;
  private long frameTicks;
  private boolean ioOpen;
  private boolean closed;

  /**
   * Opens codec and file.
   *
   * @param temporary where it is written
   * @param file what it will be called, for messages
   * @param container FFmpeg's name of the container
   * @param codec a configured context of {@code encoder}, owned by this object from now on
   * @param codecOptions {@code name=value} pairs for the encoder
   */
  EncodedFile(
      Path temporary,
      Path file,
      String container,
      AVCodec encoder,
      AVCodecContext codec,
      String... codecOptions) {
    this.temporary = temporary;
    this.file = file;
    this.codec = codec;
    AVFormatContext output = new AVFormatContext((Pointer) null);
    try {
      Ffmpeg.clearComplaints();
      require(
          avformat.avformat_alloc_output_context2(
              output, (AVOutputFormat) null, container, temporary.toString()));
      if ((output.oformat().flags() & avformat.AVFMT_GLOBALHEADER) != 0) {
        codec.flags(codec.flags() | avcodec.AV_CODEC_FLAG_GLOBAL_HEADER);
      }
      openCodec(encoder, codec, codecOptions);
      stream = Ffmpeg.allocated(avformat.avformat_new_stream(output, encoder), "stream");
      stream.time_base(codec.time_base());
      require(avcodec.avcodec_parameters_from_context(stream.codecpar(), codec));
      format = output;
      openFile(container);
      packet = Ffmpeg.allocated(avcodec.av_packet_alloc(), "packet");
    } catch (RuntimeException e) {
      if (!output.isNull()) {
        closeIo(output);
        avformat.avformat_free_context(output);
      }
      avcodec.avcodec_free_context(codec);
      throw e;
    }
  }

  /**
   * Opens an encoder without a file.
   *
   * @throws MoteException if it refuses, for instance the size
   */
  static void openCodec(AVCodec encoder, AVCodecContext codec, String... codecOptions) {
    AVDictionary options = new AVDictionary((Pointer) null);
    for (String option : codecOptions) {
      int equals = option.indexOf('=');
      avutil.av_dict_set(options, option.substring(0, equals), option.substring(equals + 1), 0);
    }
    int code = avcodec.avcodec_open2(codec, encoder, options);
    avutil.av_dict_free(options);
    if (code < 0) {
      throw new MoteException(
          "an encoder cannot be opened: codec=%s, height=%d, width=%d, cause=%s; use another suffix (.mp4, .webm, .gif)"
              .formatted(
                  encoder.name().getString(),
                  codec.height(),
                  codec.width(),
                  Ffmpeg.describe(code)));
    }
  }

  private void openFile(String container) {
    AVIOContext io = new AVIOContext((Pointer) null);
    require(avformat.avio_open(io, "file:" + temporary.toAbsolutePath(), avformat.AVIO_FLAG_WRITE));
    format.pb(io);
    ioOpen = true;
    AVDictionary options = new AVDictionary((Pointer) null);
    if (container.equals("mp4")) {
      avutil.av_dict_set(options, "movflags", "+faststart", 0);
    }
    int code = avformat.avformat_write_header(format, options);
    avutil.av_dict_free(options);
    require(code);
  }

  /**
   * Encodes a frame.
   *
   * @param frame with its time in the codec's unit
   * @param ticks how long it is shown as far as known, for the last frame's sake
   */
  void write(AVFrame frame, long ticks) {
    frameTicks = ticks;
    send(frame);
  }

  /** Writes what the encoder holds back and the end of the file. */
  void finish() {
    send(null);
    require(avformat.av_write_trailer(format));
    require(closeIo(format));
  }

  private void send(AVFrame frame) {
    Ffmpeg.clearComplaints();
    require(avcodec.avcodec_send_frame(codec, frame));
    while (true) {
      int code = avcodec.avcodec_receive_packet(codec, packet);
      if (code == avutil.AVERROR_EAGAIN() || code == avutil.AVERROR_EOF) {
        return;
      }
      require(code);
      if (packet.duration() == 0) {
        packet.duration(frameTicks);
      }
      avcodec.av_packet_rescale_ts(packet, codec.time_base(), stream.time_base());
      packet.stream_index(0);
      require(avformat.av_interleaved_write_frame(format, packet));
    }
  }

  private int closeIo(AVFormatContext of) {
    if (!ioOpen) {
      return 0;
    }
    ioOpen = false;
    AVIOContext io = of.pb();
    of.pb(null);
    return avformat.avio_close(io);
  }

  private void require(int code) {
    if (code < 0) {
      throw new MoteException(
          "a video cannot be written: file=%s, free_bytes=%s, cause=%s; free some space or write elsewhere"
              .formatted(file, freeBytes(), Ffmpeg.describe(code)));
    }
  }

  private String freeBytes() {
    try {
      return Long.toString(Files.getFileStore(file.toAbsolutePath().getParent()).getUsableSpace());
    } catch (IOException e) {
      return "unknown";
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      avcodec.av_packet_free(packet);
      closeIo(format);
      avformat.avformat_free_context(format);
      avcodec.avcodec_free_context(codec);
    }
  }
}
