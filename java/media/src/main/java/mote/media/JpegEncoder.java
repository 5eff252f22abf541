package mote.media;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import mote.engine.MoteException;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerPointer;

/** Encodes RGB pictures of one size as JPEG, fast enough for every frame of a camera. */
public final class JpegEncoder implements AutoCloseable {
  /** FFmpeg's quantiser: 2 is the best, 31 the worst. */
  private static final int QUANTISER = 4;

  private final int height;
  private final int width;
  private final AVCodecContext codec;
  private final AVFrame yuv;
  private final AVPacket packet;
  private final SwsContext scaler;
  private final PointerPointer<NativeAddress> planes = new PointerPointer<>(4);
  private final LongPointer planeAddresses = new LongPointer(planes);
  private final IntPointer strides = new IntPointer(4);
  private boolean closed;

  /**
   * @param height rows of every picture, 1 to 8192
   * @param width columns of every picture, 1 to 8192
   * @throws MoteException if the encoder refuses the size
   */
  public JpegEncoder(int height, int width) {
    Ffmpeg.load();
    if (height < 1 || width < 1 || height > 8192 || width > 8192) {
      throw new MoteException(
          "a picture's size cannot be written: height=%d, width=%d; give 1 to 8192 for both"
              .formatted(height, width));
    }
    this.height = height;
    this.width = width;
    AVCodec encoder = Ffmpeg.allocated(avcodec.avcodec_find_encoder_by_name("mjpeg"), "mjpeg");
    codec = Ffmpeg.allocated(avcodec.avcodec_alloc_context3(encoder), "encoder");
    codec.width(width).height(height).pix_fmt(avutil.AV_PIX_FMT_YUVJ420P);
    codec.time_base(new AVRational().num(1).den(30));
    codec.color_range(avutil.AVCOL_RANGE_JPEG);
    codec.flags(codec.flags() | avcodec.AV_CODEC_FLAG_QSCALE);
    codec.global_quality(QUANTISER * avutil.FF_QP2LAMBDA);
    codec.thread_count(1);
    try {
      Ffmpeg.clearComplaints();
      EncodedFile.openCodec(encoder, codec);
    } catch (RuntimeException e) {
      avcodec.avcodec_free_context(codec);
      throw e;
    }
    packet = Ffmpeg.allocated(avcodec.av_packet_alloc(), "packet");
    yuv = Ffmpeg.allocated(avutil.av_frame_alloc(), "frame");
    yuv.width(width).height(height).format(avutil.AV_PIX_FMT_YUVJ420P);
    yuv.quality(codec.global_quality());
    Ffmpeg.allocated(avutil.av_frame_get_buffer(yuv, 0) < 0 ? null : yuv, "picture");
    scaler =
        Ffmpeg.allocated(
            swscale.sws_getContext(
                width,
                height,
                avutil.AV_PIX_FMT_RGB24,
                width,
                height,
                avutil.AV_PIX_FMT_YUV420P,
                swscale.SWS_BILINEAR,
                null,
                null,
                (double[]) null),
            "scaler");
    IntPointer matrix = swscale.sws_getCoefficients(swscale.SWS_CS_ITU601); // JFIF's
    swscale.sws_setColorspaceDetails(scaler, matrix, 1, matrix, 1, 0, 1 << 16, 1 << 16);
    OpenMedia.add(this);
  }

  public int height() {
    return height;
  }

  public int width() {
    return width;
  }

  /**
   * Encodes a picture.
   *
   * @param rgb height * width RGB triples
   * @return a whole JPEG file (JFIF)
   */
  public byte[] encode(MemorySegment rgb) {
    if (closed) {
      throw new IllegalStateException("JpegEncoder is closed; open a new one");
    }
    if (rgb.byteSize() != 3L * height * width) {
      throw new IllegalArgumentException(
          "a picture has another size: bytes=%d, height=%d, width=%d; give height * width RGB triples"
              .formatted(rgb.byteSize(), height, width));
    }
    planeAddresses.put(0, rgb.address());
    strides.put(0, 3 * width);
    require(avutil.av_frame_make_writable(yuv));
    swscale.sws_scale(scaler, planes, strides, 0, height, yuv.data(), yuv.linesize());
    yuv.pts(yuv.pts() == avutil.AV_NOPTS_VALUE ? 0 : yuv.pts() + 1);
    require(avcodec.avcodec_send_frame(codec, yuv));
    require(avcodec.avcodec_receive_packet(codec, packet));
    byte[] jpeg =
        NativeAddress.segment(packet.data(), packet.size()).toArray(ValueLayout.JAVA_BYTE);
    avcodec.av_packet_unref(packet);
    return jpeg;
  }

  private static void require(int code) {
    if (code < 0) {
      throw new MoteException(
          "a picture cannot be encoded: cause=%s; give the process more memory"
              .formatted(Ffmpeg.describe(code)));
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      avutil.av_frame_free(yuv);
      avcodec.av_packet_free(packet);
      avcodec.avcodec_free_context(codec);
      swscale.sws_freeContext(scaler);
      planes.close();
      strides.close();
      OpenMedia.remove(this);
    }
  }
}
