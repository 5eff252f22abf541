package mote.media;

import java.nio.file.Path;
import mote.engine.MoteException;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVInputFormat;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/** Opens files as FFmpeg's containers and finds the video in them. */
final class Containers {
  /**
   * Containers of one self-contained file. Playlists, concatenations and session descriptions are
   * not among them: they name other files and addresses, and a video from outside is not trusted.
   */
  static final String CONTAINERS =
      "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,gif,apng,mpegts,mpeg,mpegvideo,flv,ogg,asf,h264,"
          + "hevc,av1,obu,ivf,mjpeg,yuv4mpegpipe,mxf,nut,dv,m4v,vc1,rm,mp3,wav,flac,aac,png_pipe";

  private Containers() {}

  /** Opens a file and reads what it says about its streams; the caller closes it. */
  static AVFormatContext open(Path file) {
    AVFormatContext format = new AVFormatContext((Pointer) null);
    AVDictionary options = new AVDictionary((Pointer) null);
    avutil.av_dict_set(options, "protocol_whitelist", "file", 0);
    avutil.av_dict_set(options, "format_whitelist", CONTAINERS, 0);
    Ffmpeg.clearComplaints();
    // The prefix keeps names with a colon or a percent sign from being taken for something else.
    String url = "file:" + file.toAbsolutePath();
    int code = avformat.avformat_open_input(format, url, (AVInputFormat) null, options);
    avutil.av_dict_free(options);
    Ffmpeg.require(
        code,
        "a file cannot be read as a video",
        file,
        "give a video (mp4, webm, mkv, avi, gif, ...) or a folder of pictures");
    code = avformat.avformat_find_stream_info(format, (PointerPointer<?>) null);
    if (code < 0) {
      avformat.avformat_close_input(format);
      Ffmpeg.require(
          code, "a video's streams cannot be read", file, "repair or re-encode the file");
    }
    return format;
  }

  /** The index of the stream to decode; a cover picture of a song is none. */
  static int findVideo(AVFormatContext format, Object file) {
    Ffmpeg.clearComplaints();
    int found =
        avformat.av_find_best_stream(
            format, avutil.AVMEDIA_TYPE_VIDEO, -1, -1, (PointerPointer<?>) null, 0);
    boolean cover =
        found >= 0
            && (format.streams(found).disposition() & avformat.AV_DISPOSITION_ATTACHED_PIC) != 0;
    if (found == avutil.AVERROR_STREAM_NOT_FOUND || cover) {
      boolean audio =
          avformat.av_find_best_stream(
                  format, avutil.AVMEDIA_TYPE_AUDIO, -1, -1, (PointerPointer<?>) null, 0)
              >= 0;
      throw new MoteException(
          "a file holds no video: file=%s, streams=%d%s; give a file with a video stream, or fetch this one again if it was cut"
              .formatted(file, format.nb_streams(), audio ? " (audio only)" : ""));
    }
    Ffmpeg.require(found, "a video's streams cannot be read", file, "repair or re-encode the file");
    return found;
  }

  /** The decoder of a codec. */
  static AVCodec findDecoder(int id, Object file) {
    // FFmpeg's own AV1 decoder, the first that it finds, needs a GPU.
    AVCodec known =
        id == avcodec.AV_CODEC_ID_AV1
            ? avcodec.avcodec_find_decoder_by_name("libaom-av1")
            : avcodec.avcodec_find_decoder(id);
    if (known == null || known.isNull()) {
      throw new MoteException(
          "a video's codec is not supported: file=%s, codec=%s; re-encode it as H.264 or VP9"
              .formatted(file, avcodec.avcodec_get_name(id).getString()));
    }
    return known;
  }
}
