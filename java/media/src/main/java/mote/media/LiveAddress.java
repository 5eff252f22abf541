package mote.media;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mote.engine.MoteException;
import mote.engine.Untrusted;

/**
 * What a user names as a live source: {@code /dev/video0} or {@code v4l2:/dev/video0} (a camera),
 * {@code rtsp://...} or {@code http://...} (a stream, with or without TLS), {@code
 * lavfi:testsrc2=size=640x480} (pictures that FFmpeg's filters make), otherwise a file.
 *
 * @param kind how it is opened
 * @param target what FFmpeg is given
 * @param name for people: without password and query
 */
public record LiveAddress(Kind kind, String target, String name) {
  /** Kinds of sources. */
  public enum Kind {
    CAMERA,
    STREAM,
    LAVFI,
    FILE
  }

  private static final Pattern URL =
      Pattern.compile("([a-zA-Z][a-zA-Z0-9+.-]*)://(?:([^/?#@]*)@)?([^?#]*).*", Pattern.DOTALL);

  private static final String SCHEMES = "rtsp, rtsps, http or https";

  /**
   * Reads an address; nothing is opened.
   *
   * @throws MoteException if it is empty or of a protocol that is not read
   */
  public static LiveAddress parse(String text) {
    if (text.isBlank() || text.indexOf('\0') >= 0 || text.matches("(lavfi|v4l2):\\s*")) {
      throw new MoteException(
          "source has no name: source="
              + Untrusted.quote(text)
              + "; give a camera (/dev/video0), a URL, a file or lavfi:FILTERS");
    }
    if (text.startsWith("lavfi:")) {
      return new LiveAddress(Kind.LAVFI, text.substring("lavfi:".length()), visible(text));
    }
    if (text.startsWith("v4l2:")) {
      return new LiveAddress(Kind.CAMERA, text.substring("v4l2:".length()), visible(text));
    }
    if (text.startsWith("/dev/video")) {
      return new LiveAddress(Kind.CAMERA, text, visible(text));
    }
    Matcher url = URL.matcher(text);
    if (!url.matches()) {
      return new LiveAddress(Kind.FILE, text, visible(text));
    }
    String scheme = url.group(1).toLowerCase(Locale.ROOT);
    if (!scheme.matches("rtsps?|https?")) {
      throw new MoteException(
          "source's protocol is not read: protocol=%s; give %s, a camera (/dev/video0) or a file"
              .formatted(Untrusted.printable(scheme), SCHEMES));
    }
    String user = url.group(2) == null ? "" : "...@";
    String name = scheme + "://" + user + url.group(3);
    return new LiveAddress(Kind.STREAM, text, visible(name));
  }

  /** Whether a break is met by opening the source again. */
  boolean reconnects() {
    return kind == Kind.STREAM || kind == Kind.CAMERA;
  }

  private static String visible(String text) {
    return Untrusted.visible(text);
  }
}
