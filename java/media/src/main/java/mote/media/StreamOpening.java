package mote.media;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import mote.engine.MoteException;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVInputFormat;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.global.avdevice;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/** Opens cameras, streams and FFmpeg's generated pictures as containers. */
final class StreamOpening {
  private static final String CAMERA = "video4linux2";

  /** Microseconds of a stream that are looked at, at most, before its first frame. */
  private static final String ANALYSED_MICROS = "2000000";

  /** What a stream may be; playlists too, whose addresses are limited to the network below. */
  private static final String STREAM_FORMATS = Containers.CONTAINERS + ",hls,mpjpeg,rtsp,sdp,rtp";

  /** No {@code file}: an answer from the network names no files of this machine. */
  private static final String STREAM_PROTOCOLS = "http,https,httpproxy,tls,tcp,udp,rtp,srtp,crypto";

  private StreamOpening() {}

  /**
   * Opens a source and reads what it says about its streams; the caller closes it.
   *
   * @param deadline ends it, now and whenever it is read
   */
  static AVFormatContext open(
      LiveAddress address, LiveSourceOptions options, StreamDeadline deadline) {
    Ffmpeg.load();
    AVInputFormat input = inputFormat(address);
    AVFormatContext format =
        Ffmpeg.allocated(avformat.avformat_alloc_context(), "container of a stream");
    deadline.restart();
    deadline.watch(format);
    if (address.kind() == LiveAddress.Kind.CAMERA) {
      // A driver's waits cannot be ended from outside: it is asked again and again instead.
      format.flags(format.flags() | AVFormatContext.AVFMT_FLAG_NONBLOCK);
    }
    AVDictionary dictionary = dictionary(address, options);
    Ffmpeg.clearComplaints();
    int code = avformat.avformat_open_input(format, address.target(), input, dictionary);
    avutil.av_dict_free(dictionary);
    if (code >= 0) {
      code = avformat.avformat_find_stream_info(format, (PointerPointer<?>) null);
      if (code < 0) {
        avformat.avformat_close_input(format);
      }
    }
    if (code < 0) {
      throw failure(address, code, deadline);
    }
    return format;
  }

  private static AVInputFormat inputFormat(LiveAddress address) {
    return switch (address.kind()) {
      case CAMERA -> {
        requireCamera(address);
        yield deviceFormat(CAMERA);
      }
      case LAVFI -> deviceFormat("lavfi");
      case STREAM, FILE -> null;
    };
  }

  private static AVInputFormat deviceFormat(String name) {
    try {
      Loader.load(avdevice.class);
    } catch (LinkageError e) {
      throw new MoteException(
          "FFmpeg's devices cannot be loaded: cause=%s; install libxcb1, libasound2 and libpulse0"
              .formatted(String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
          e);
    }
    avdevice.avdevice_register_all();
    return Ffmpeg.allocated(avformat.av_find_input_format(name), name);
  }

  private static AVDictionary dictionary(LiveAddress address, LiveSourceOptions options) {
    AVDictionary dictionary = new AVDictionary((Pointer) null);
    switch (address.kind()) {
      case CAMERA -> {
        if (options.cameraWidth() > 0) {
          set(dictionary, "video_size", options.cameraWidth() + "x" + options.cameraHeight());
        }
        if (options.cameraRate() > 0) {
          set(dictionary, "framerate", Integer.toString(options.cameraRate()));
        }
      }
      case STREAM -> {
        set(dictionary, "protocol_whitelist", STREAM_PROTOCOLS);
        set(dictionary, "format_whitelist", STREAM_FORMATS);
        set(dictionary, "analyzeduration", ANALYSED_MICROS);
        // UDP loses packets, and firewalls and address translation swallow it.
        set(dictionary, "rtsp_transport", "tcp");
      }
      case LAVFI, FILE -> {}
    }
    return dictionary;
  }

  private static void set(AVDictionary dictionary, String name, String value) {
    avutil.av_dict_set(dictionary, name, value, 0);
  }

  private static void requireCamera(LiveAddress address) {
    Path device = Path.of(address.target());
    if (!Files.exists(device)) {
      throw new MoteException(
          "camera does not exist: device=%s, cameras=%s; plug it in or give one that is there"
              .formatted(device, cameras()));
    }
    if (!Files.isReadable(device) || !Files.isWritable(device)) {
      throw new MoteException(
          "camera may not be used: device=%s, user=%s; add the user to the group video"
              .formatted(device, System.getProperty("user.name")));
    }
  }

  private static String cameras() {
    try (Stream<Path> devices = Files.list(Path.of("/dev"))) {
      String names =
          devices
              .map(Path::toString)
              .filter(name -> name.startsWith("/dev/video"))
              .sorted()
              .collect(Collectors.joining(" "));
      return names.isEmpty() ? "none" : names;
    } catch (java.io.IOException e) {
      return "unknown";
    }
  }

  private static MoteException failure(LiveAddress address, int code, StreamDeadline deadline) {
    String cause = cause(address, code, deadline);
    String message =
        switch (address.kind()) {
          case CAMERA ->
              "camera cannot be opened: device=%s, cause=%s, formats=%s; ask for a size and rate of these, or end the program that uses it"
                  .formatted(address.target(), cause, formats(address.target()));
          case LAVFI ->
              "filters cannot make pictures: source=%s, cause=%s; give filters as for ffmpeg -f lavfi, for example lavfi:testsrc2=size=640x480:rate=30"
                  .formatted(address.name(), cause);
          case STREAM, FILE ->
              "stream cannot be opened: source=%s, cause=%s; check the address and that it is being sent"
                  .formatted(address.name(), cause);
        };
    return new BrokenOffException(message, cause);
  }

  /** Why it ended, without the address: that may hold a password. */
  static String cause(LiveAddress address, int code, StreamDeadline deadline) {
    if (deadline.isPassed()) {
      return "silent for %.1f s".formatted(deadline.timeout().toMillis() / 1000.0);
    }
    String cause = Ffmpeg.describe(code);
    return address.kind() == LiveAddress.Kind.STREAM
        ? cause.replace(address.target(), address.name())
        : cause;
  }

  /** What a camera offers, as its driver lists it: {@code mjpeg 640x480 1280x720 | yuyv422 ...}. */
  private static String formats(String device) {
    AVFormatContext format = new AVFormatContext((Pointer) null);
    AVDictionary dictionary = new AVDictionary((Pointer) null);
    set(dictionary, "list_formats", "all");
    String said =
        Ffmpeg.listen(
            () -> {
              int code =
                  avformat.avformat_open_input(format, device, deviceFormat(CAMERA), dictionary);
              if (code >= 0) {
                avformat.avformat_close_input(format);
              }
            });
    avutil.av_dict_free(dictionary);
    return listedFormats(said);
  }

  /**
   * The formats in what FFmpeg says about a camera, a line each: {@code Raw : yuyv422 : YUYV 4:2:2
   * : 640x480 320x240}.
   */
  static String listedFormats(String said) {
    String formats =
        said.lines()
            .map(line -> line.split(" *: +", 4))
            .filter(parts -> parts.length == 4 && parts[0].matches(".*(Raw|Compressed) *"))
            .map(parts -> parts[1].strip() + " " + parts[3].replaceFirst("^.*: ", "").strip())
            .collect(Collectors.joining(" | "));
    return formats.isEmpty() ? "unknown" : formats;
  }
}
