package mote.media;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * H.264 in mp4 or VP9 in webm, both as yuv420p in limited range with the matrix that {@link
 * RgbConverter} assumes for the size. That format has even sizes only: an odd width or height gets
 * one more column or row, a copy of the last, so that every pixel keeps its place.
 */
final class YuvEncoder implements FrameEncoder {
  private static final int TICKS_PER_SECOND = 90_000;
  private static final long DEFAULT_TICKS = TICKS_PER_SECOND / 25;
  private static final int KEY_FRAME_INTERVAL = 60;

  /** swscale reads whole vectors beyond a row's end. */
  private static final int PADDING = 64;

  private final Path file;
  private final int height;
  private final int width;
  private final int evenHeight;
  private final int evenWidth;
  private final EncodedFile output;
  private final AVFrame yuv;
  private final SwsContext scaler;
  private final PointerPointer<NativeAddress> planes = new PointerPointer<>(4);
  private final IntPointer strides = new IntPointer(4);
  private final Arena arena = Arena.ofShared();
  private final MemorySegment even;
  private long lastTick = -1;
  private long gap = DEFAULT_TICKS;
  private boolean closed;

  YuvEncoder(Path temporary, Path file, VideoFormat format, int height, int width) {
    this.file = file;
    Ffmpeg.load();
    this.height = height;
    this.width = width;
    evenHeight = height + height % 2;
    evenWidth = width + width % 2;
    AVCodec encoder = encoder(format);
    AVCodecContext codec = configure(encoder, evenHeight, evenWidth);
    String container = format.suffix().substring(1);
    output = new EncodedFile(temporary, file, container, encoder, codec, options(format));
    yuv = Ffmpeg.allocated(avutil.av_frame_alloc(), "frame");
    yuv.width(evenWidth).height(evenHeight).format(avutil.AV_PIX_FMT_YUV420P);
    yuv.colorspace(codec.colorspace());
    yuv.color_range(avutil.AVCOL_RANGE_MPEG);
    Ffmpeg.require(
        avutil.av_frame_get_buffer(yuv, 0), "memory is exhausted", file, "use a smaller video");
    scaler =
        Ffmpeg.allocated(
            swscale.sws_getContext(
                evenWidth,
                evenHeight,
                avutil.AV_PIX_FMT_RGB24,
                evenWidth,
                evenHeight,
                avutil.AV_PIX_FMT_YUV420P,
                swscale.SWS_BILINEAR | swscale.SWS_ACCURATE_RND | swscale.SWS_FULL_CHR_H_INP,
                null,
                null,
                (double[]) null),
            "scaler");
    IntPointer matrix = swscale.sws_getCoefficients(RgbConverter.defaultMatrix(height));
    swscale.sws_setColorspaceDetails(scaler, matrix, 1, matrix, 0, 0, 1 << 16, 1 << 16);
    boolean odd = evenHeight != height || evenWidth != width;
    even = odd ? arena.allocate(3L * evenHeight * evenWidth + PADDING, PADDING) : null;
  }

  /**
   * Says early whether the encoder takes pictures of that size.
   *
   * @throws MoteException if it refuses them
   */
  static void requireSize(VideoFormat format, int height, int width) {
    Ffmpeg.load();
    AVCodec encoder = encoder(format);
    AVCodecContext codec = configure(encoder, height + height % 2, width + width % 2);
    try {
      Ffmpeg.clearComplaints();
      EncodedFile.openCodec(encoder, codec, options(format));
    } finally {
      avcodec.avcodec_free_context(codec);
    }
  }

  private static AVCodec encoder(VideoFormat format) {
    return Ffmpeg.allocated(
        avcodec.avcodec_find_encoder_by_name(format.encoder()), format.encoder());
  }

  private static String[] options(VideoFormat format) {
    return switch (format) {
      // Constant quality: OpenH264's own fixed quantiser; no frame is skipped.
      case MP4 -> new String[] {"rc_mode=off", "allow_skip_frames=0"};
      case WEBM ->
          new String[] {"deadline=realtime", "cpu-used=8", "row-mt=1", "lag-in-frames=0", "crf=32"};
      case GIF -> throw new IllegalArgumentException("gif has no yuv encoder; use GifEncoder");
    };
  }

  private static AVCodecContext configure(AVCodec encoder, int evenHeight, int evenWidth) {
    AVCodecContext codec = Ffmpeg.allocated(avcodec.avcodec_alloc_context3(encoder), "encoder");
    boolean hd = RgbConverter.defaultMatrix(evenHeight) == swscale.SWS_CS_ITU709;
    codec.width(evenWidth).height(evenHeight).pix_fmt(avutil.AV_PIX_FMT_YUV420P);
    codec.time_base(new AVRational().num(1).den(TICKS_PER_SECOND));
    codec.framerate(new AVRational().num(30).den(1));
    codec.gop_size(KEY_FRAME_INTERVAL).max_b_frames(0);
    codec.thread_count(Math.min(2, Runtime.getRuntime().availableProcessors()));
    codec.color_range(avutil.AVCOL_RANGE_MPEG);
    codec.colorspace(hd ? avutil.AVCOL_SPC_BT709 : avutil.AVCOL_SPC_SMPTE170M);
    codec.color_primaries(hd ? avutil.AVCOL_PRI_BT709 : avutil.AVCOL_PRI_SMPTE170M);
    codec.color_trc(hd ? avutil.AVCOL_TRC_BT709 : avutil.AVCOL_TRC_SMPTE170M);
    return codec;
  }

  @Override
  public void encode(MemorySegment rgb, long nanos) {
    long tick = avutil.av_rescale(nanos, TICKS_PER_SECOND, 1_000_000_000L);
    if (lastTick >= 0) {
      // Containers want rising times; two frames of one time are shown one tick after another.
      tick = Math.max(tick, lastTick + 1);
      gap = tick - lastTick;
    }
    lastTick = tick;
    planes.put(0, new NativeAddress((even == null ? rgb : padToEven(rgb)).address()));
    strides.put(0, 3 * evenWidth);
    // The encoder may still hold a reference to the last picture's memory.
    Ffmpeg.require(
        avutil.av_frame_make_writable(yuv), "memory is exhausted", file, "use a smaller video");
    swscale.sws_scale(scaler, planes, strides, 0, evenHeight, yuv.data(), yuv.linesize());
    yuv.pts(tick);
    output.write(yuv, gap);
  }

  private MemorySegment padToEven(MemorySegment rgb) {
    long row = 3L * width;
    long evenRow = 3L * evenWidth;
    for (int y = 0; y < evenHeight; y++) {
      MemorySegment.copy(rgb, Math.min(y, height - 1) * row, even, y * evenRow, row);
      if (evenWidth != width) {
        MemorySegment.copy(even, y * evenRow + row - 3, even, y * evenRow + row, 3);
      }
    }
    return even;
  }

  @Override
  public void finish() {
    output.finish();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      output.close();
      avutil.av_frame_free(yuv);
      swscale.sws_freeContext(scaler);
      planes.close();
      strides.close();
      arena.close();
    }
  }
}
