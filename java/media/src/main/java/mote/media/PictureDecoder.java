package mote.media;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import mote.engine.MoteException;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVFrameSideData;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;

/** Decodes picture files: png, jpeg, webp and bmp, told apart by their first bytes. */
final class PictureDecoder implements AutoCloseable {
  private static final int HEADER_BYTES = 12;

  /** The extended header's flags and the bit that says that frames follow (RFC 9649, 2.7). */
  private static final int WEBP_FLAGS = 20;

  private static final int WEBP_ANIMATION = 2;

  private final Map<Integer, AVCodecContext> codecs = new HashMap<>();
  private final AVPacket packet;
  private final AVFrame frame;
  private boolean closed;

  PictureDecoder() {
    Ffmpeg.load();
    packet = Ffmpeg.allocated(avcodec.av_packet_alloc(), "packet");
    frame = Ffmpeg.allocated(avutil.av_frame_alloc(), "frame");
  }

  /**
   * Decodes a file whole.
   *
   * @param index its number in the video, for messages
   * @return the picture, valid until the next call
   */
  AVFrame decode(Path file, long index) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new MoteException(
          "a picture cannot be read: file=%s, frame=%d, cause=%s; check file and disk"
              .formatted(file, index, e),
          e);
    }
    int id = codecId(bytes);
    if (id == avcodec.AV_CODEC_ID_NONE) {
      throw failure(
          file, index, bytes.length == 0 ? "the file is empty" : "it is no png, jpg, webp or bmp");
    }
    if (isAnimatedWebp(bytes)) {
      throw failure(file, index, "animated webp is not supported");
    }
    AVCodecContext codec = codecs.computeIfAbsent(id, PictureDecoder::openCodec);
    Ffmpeg.clearComplaints();
    int code = avcodec.av_new_packet(packet, bytes.length);
    if (code >= 0) {
      packet.data().put(bytes);
      // Without the flag FFmpeg's png decoder takes the picture for a difference to the last one.
      packet.flags(avcodec.AV_PKT_FLAG_KEY);
      code = avcodec.avcodec_send_packet(codec, packet);
    }
    avcodec.av_packet_unref(packet);
    if (code >= 0) {
      code = avcodec.avcodec_receive_frame(codec, frame);
    }
    boolean broken =
        code >= 0
            && (frame.decode_error_flags() != 0
                || (frame.flags() & AVFrame.AV_FRAME_FLAG_CORRUPT) != 0);
    if (code < 0 || broken) {
      MoteException failure =
          failure(file, index, code < 0 ? Ffmpeg.describe(code) : "the picture is incomplete");
      avcodec.avcodec_flush_buffers(codec);
      throw failure;
    }
    return frame;
  }

  /** How the decoded picture is to be turned (EXIF). */
  Orientation orientation(Path file) {
    AVFrameSideData data = avutil.av_frame_get_side_data(frame, avutil.AV_FRAME_DATA_DISPLAYMATRIX);
    if (data == null || data.isNull()) {
      return Orientation.UPRIGHT;
    }
    int[] matrix = new int[9];
    new IntPointer(data.data()).get(matrix);
    return Orientation.fromDisplayMatrix(matrix, file);
  }

  private static MoteException failure(Path file, long index, String cause) {
    return new MoteException(
        "a picture cannot be decoded: file=%s, frame=%d, cause=%s; frames before it are good, replace or remove the file"
            .formatted(file, index, cause));
  }

  /** Whether a file starts like a jpeg, webp or bmp. (A png may be animated.) */
  static boolean isStill(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      int id = codecId(in.readNBytes(HEADER_BYTES));
      return id != avcodec.AV_CODEC_ID_NONE && id != avcodec.AV_CODEC_ID_PNG;
    } catch (IOException e) {
      throw new MoteException(
          "a video cannot be read: file=%s, cause=%s; check the disk".formatted(file, e), e);
    }
  }

  private static boolean isAnimatedWebp(byte[] bytes) {
    return startsWith(bytes, 8, 'W', 'E', 'B', 'P', 'V', 'P', '8', 'X')
        && bytes.length > WEBP_FLAGS
        && (bytes[WEBP_FLAGS] & WEBP_ANIMATION) != 0;
  }

  private static int codecId(byte[] bytes) {
    if (startsWith(bytes, 0, 0x89, 'P', 'N', 'G')) {
      return avcodec.AV_CODEC_ID_PNG;
    }
    if (startsWith(bytes, 0, 0xff, 0xd8, 0xff)) {
      return avcodec.AV_CODEC_ID_MJPEG;
    }
    if (startsWith(bytes, 0, 'R', 'I', 'F', 'F') && startsWith(bytes, 8, 'W', 'E', 'B', 'P')) {
      return avcodec.AV_CODEC_ID_WEBP;
    }
    return startsWith(bytes, 0, 'B', 'M') ? avcodec.AV_CODEC_ID_BMP : avcodec.AV_CODEC_ID_NONE;
  }

  private static boolean startsWith(byte[] bytes, int at, int... magic) {
    if (bytes.length < at + magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if ((bytes[at + i] & 0xff) != magic[i]) {
        return false;
      }
    }
    return true;
  }

  private static AVCodecContext openCodec(int id) {
    AVCodec decoder = Ffmpeg.allocated(avcodec.avcodec_find_decoder(id), "picture decoder");
    AVCodecContext context = Ffmpeg.allocated(avcodec.avcodec_alloc_context3(decoder), "decoder");
    // One picture in, one picture out: threads would hold the picture back until the next.
    context.thread_count(1);
    // libjpeg's transform: pictures are what other programs read from them, to the rounding.
    context.idct_algo(AVCodecContext.FF_IDCT_INT);
    context.err_recognition(avcodec.AV_EF_EXPLODE | avcodec.AV_EF_CRCCHECK);
    int code = avcodec.avcodec_open2(context, decoder, (PointerPointer<?>) null);
    if (code < 0) {
      avcodec.avcodec_free_context(context);
      throw new MoteException(
          "a picture decoder cannot be opened: codec=%s, cause=%s; reinstall FFmpeg's libraries"
              .formatted(decoder.name().getString(), Ffmpeg.describe(code)));
    }
    return context;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      codecs.values().forEach(avcodec::avcodec_free_context);
      avutil.av_frame_free(frame);
      avcodec.av_packet_free(packet);
    }
  }
}
