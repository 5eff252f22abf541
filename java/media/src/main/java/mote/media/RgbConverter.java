package mote.media;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import mote.engine.MoteException;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVPixFmtDescriptor;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * Decoded pictures to RGB uint8, full range, through swscale with accurate rounding and
 * full-resolution chroma interpolation. The matrix (BT.601, BT.709, ...) and range are the frame's
 * tags; without a matrix tag BT.709 from 720 lines on, otherwise BT.601, as players do.
 *
 * <p>swscale squeezes the chroma of an odd width or height, whose last sample reaches beyond the
 * picture, into the picture: colours end up to a pixel off. Such pictures are converted with the
 * columns and rows that their chroma covers, which are then left out.
 */
final class RgbConverter implements AutoCloseable {
  private static final int FLAGS =
      swscale.SWS_BILINEAR
          | swscale.SWS_ACCURATE_RND
          | swscale.SWS_FULL_CHR_H_INT
          | swscale.SWS_FULL_CHR_H_INP;

  /** swscale writes whole vectors: rows get this many bytes to spare, and this alignment. */
  private static final int PADDING = 64;

  private static final int HD_LINES = 720;
  private static final int ONE = 1 << 16;

  private final PointerPointer<NativeAddress> planes = new PointerPointer<>(4);

  /** The same memory as numbers: putting one in makes no garbage. */
  private final LongPointer planeAddresses = new LongPointer(planes);

  private final IntPointer strides = new IntPointer(4);
  private SwsContext scaler;
  private AVFrame seen;
  private PointerPointer<?> seenPlanes;
  private IntPointer seenStrides;

  /** Holds pictures whose chroma covers more than the picture; null where none does. */
  private AVFrame roomy;

  private int height;
  private int width;
  private int coveredHeight;
  private int coveredWidth;
  private int format = avutil.AV_PIX_FMT_NONE;
  private int matrix;
  private boolean fullRange;
  private Arena arena;
  private MemorySegment padded;
  private boolean closed;

  /**
   * Converts, turns and writes one picture.
   *
   * @param frame a decoded frame
   * @param rgb height * width RGB triples of the picture as it is shown
   * @param name the file, for messages
   */
  void convert(AVFrame frame, Orientation orientation, MemorySegment rgb, Object name) {
    if (closed) {
      throw new IllegalStateException("RgbConverter is closed; open a new one");
    }
    if (rgb.byteSize() != 3L * frame.height() * frame.width()) {
      throw new IllegalArgumentException(
          "RGB memory has another size than the picture: bytes=%d, height=%d, width=%d; give 3 * height * width"
              .formatted(rgb.byteSize(), frame.height(), frame.width()));
    }
    prepare(frame, name);
    // Rows whose length is a multiple of the vectors are written in place: nothing can run over.
    boolean direct =
        roomy == null && orientation.equals(Orientation.UPRIGHT) && width * 3 % PADDING == 0;
    long stride = direct ? 3L * width : paddedStride(coveredWidth);
    AVFrame source = roomy == null ? frame : copyToRoomy(frame, name);
    MemorySegment target = direct ? rgb : padded;
    planeAddresses.put(0, target.address());
    strides.put(0, (int) stride);
    if (source != seen) { // asking for its arrays makes garbage, and it is one object for a video
      seen = source;
      seenPlanes = source.data();
      seenStrides = source.linesize();
    }
    int rows =
        swscale.sws_scale(scaler, seenPlanes, seenStrides, 0, coveredHeight, planes, strides);
    if (rows != coveredHeight) {
      throw new MoteException(
          "a picture cannot be converted to RGB: file=%s, format=%s, cause=%s; re-encode it as H.264 or PNG"
              .formatted(
                  name, formatName(format), rows < 0 ? Ffmpeg.describe(rows) : "rows=" + rows));
    }
    if (!direct) {
      orientation.apply(padded, stride, height, width, rgb);
    }
  }

  private void prepare(AVFrame frame, Object name) {
    int frameFormat = withoutRange(frame.format());
    boolean frameFull =
        frameFormat != frame.format() || frame.color_range() == avutil.AVCOL_RANGE_JPEG;
    int frameMatrix = matrix(frame, name);
    boolean same =
        scaler != null
            && frame.height() == height
            && frame.width() == width
            && frameFormat == format
            && frameMatrix == matrix
            && frameFull == fullRange;
    if (same) {
      return;
    }
    release();
    height = frame.height();
    width = frame.width();
    format = frameFormat;
    matrix = frameMatrix;
    fullRange = frameFull;
    AVPixFmtDescriptor samples = avutil.av_pix_fmt_desc_get(format);
    coveredHeight = roundedUp(height, samples.log2_chroma_h());
    coveredWidth = roundedUp(width, samples.log2_chroma_w());
    scaler =
        swscale.sws_getContext(
            coveredWidth,
            coveredHeight,
            format,
            coveredWidth,
            coveredHeight,
            avutil.AV_PIX_FMT_RGB24,
            FLAGS,
            null,
            null,
            (double[]) null);
    if (scaler == null || scaler.isNull()) {
      scaler = null;
      throw new MoteException(
          "a picture cannot be converted to RGB: file=%s, format=%s, height=%d, width=%d; re-encode it as H.264 or PNG"
              .formatted(name, formatName(format), height, width));
    }
    IntPointer from = swscale.sws_getCoefficients(matrix);
    IntPointer to = swscale.sws_getCoefficients(swscale.SWS_CS_DEFAULT);
    // RGB pictures and those whose range cannot be chosen refuse: their conversion needs no matrix.
    swscale.sws_setColorspaceDetails(scaler, from, fullRange ? 1 : 0, to, 1, 0, ONE, ONE);
    arena = Arena.ofShared();
    padded = arena.allocate(coveredHeight * paddedStride(coveredWidth) + PADDING, PADDING);
    if (coveredHeight != height || coveredWidth != width) {
      roomy = Ffmpeg.allocated(avutil.av_frame_alloc(), "frame");
      roomy.width(coveredWidth).height(coveredHeight).format(format);
      require(avutil.av_frame_get_buffer(roomy, 0), name);
    }
  }

  /** What lies beyond the picture stays undefined: it is left out in the end. */
  private AVFrame copyToRoomy(AVFrame frame, Object name) {
    roomy.width(width).height(height).format(frame.format());
    require(avutil.av_frame_copy(roomy, frame), name);
    return roomy;
  }

  private static int roundedUp(int size, int log2) {
    return size + (1 << log2) - 1 >> log2 << log2;
  }

  private static void require(int code, Object name) {
    Ffmpeg.require(
        code, "a picture cannot be converted to RGB", name, "re-encode it as H.264 or PNG");
  }

  /** The matrix, as swscale numbers them, of a video of that many lines that does not say. */
  static int defaultMatrix(int height) {
    return height >= HD_LINES ? swscale.SWS_CS_ITU709 : swscale.SWS_CS_ITU601;
  }

  private static int matrix(AVFrame frame, Object name) {
    int tag = frame.colorspace();
    if (tag == avutil.AVCOL_SPC_UNSPECIFIED || tag == avutil.AVCOL_SPC_RESERVED) {
      return defaultMatrix(frame.height());
    }
    if (tag == avutil.AVCOL_SPC_RGB) {
      return swscale.SWS_CS_DEFAULT;
    }
    if (tag == avutil.AVCOL_SPC_BT709) {
      return swscale.SWS_CS_ITU709;
    }
    if (tag == avutil.AVCOL_SPC_BT470BG || tag == avutil.AVCOL_SPC_SMPTE170M) {
      return swscale.SWS_CS_ITU601;
    }
    if (tag == avutil.AVCOL_SPC_FCC) {
      return swscale.SWS_CS_FCC;
    }
    if (tag == avutil.AVCOL_SPC_SMPTE240M) {
      return swscale.SWS_CS_SMPTE240M;
    }
    if (tag == avutil.AVCOL_SPC_BT2020_NCL) {
      return swscale.SWS_CS_BT2020;
    }
    throw new MoteException(
        "a video has a colour matrix that is not supported: file=%s, matrix=%s; re-encode it in BT.709"
            .formatted(name, avutil.av_color_space_name(tag).getString()));
  }

  /** The yuvj formats are the yuv formats in full range. */
  private static int withoutRange(int format) {
    if (format == avutil.AV_PIX_FMT_YUVJ420P) {
      return avutil.AV_PIX_FMT_YUV420P;
    }
    if (format == avutil.AV_PIX_FMT_YUVJ422P) {
      return avutil.AV_PIX_FMT_YUV422P;
    }
    if (format == avutil.AV_PIX_FMT_YUVJ444P) {
      return avutil.AV_PIX_FMT_YUV444P;
    }
    if (format == avutil.AV_PIX_FMT_YUVJ440P) {
      return avutil.AV_PIX_FMT_YUV440P;
    }
    if (format == avutil.AV_PIX_FMT_YUVJ411P) {
      return avutil.AV_PIX_FMT_YUV411P;
    }
    return format;
  }

  private static long paddedStride(int width) {
    return (3L * width + 2 * PADDING - 1) / PADDING * PADDING;
  }

  private static String formatName(int format) {
    var name = avutil.av_get_pix_fmt_name(format);
    return name == null ? "unknown" : name.getString();
  }

  private void release() {
    if (scaler != null) {
      swscale.sws_freeContext(scaler);
      scaler = null;
    }
    if (roomy != null) {
      avutil.av_frame_free(roomy);
      roomy = null;
      seen = null;
    }
    if (arena != null) {
      arena.close();
      arena = null;
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      release();
      planes.close();
      strides.close();
    }
  }
}
