package mote.media;

import java.nio.file.Path;
import java.util.Locale;
import mote.engine.MoteException;

/** What a video is written as, by the suffix of its name. */
enum VideoFormat {
  MP4("libopenh264"),
  WEBM("libvpx-vp9"),
  GIF("gif");

  private final String encoder;

  VideoFormat(String encoder) {
    this.encoder = encoder;
  }

  /** FFmpeg's name of the encoder. */
  String encoder() {
    return encoder;
  }

  static VideoFormat of(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    for (VideoFormat format : values()) {
      if (name.endsWith(format.suffix())) {
        return format;
      }
    }
    throw new MoteException(
        "a video's suffix is not one that can be written: file=%s; use .mp4, .webm or .gif"
            .formatted(file));
  }

  String suffix() {
    return "." + name().toLowerCase(Locale.ROOT);
  }
}
