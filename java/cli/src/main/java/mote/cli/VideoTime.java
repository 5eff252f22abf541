package mote.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mote.engine.Untrusted;
import picocli.CommandLine.ITypeConverter;

/**
 * A time in a video: seconds ({@code 1.5}, {@code 1.5s}) or a frame ({@code 45f}).
 *
 * @param value seconds, or a frame index
 * @param isFrame which of them
 */
record VideoTime(double value, boolean isFrame) {
  private static final Pattern FORM = Pattern.compile("(\\d{1,9}(?:\\.\\d{0,9})?)(s?)|(\\d{1,9})f");

  long nanos() {
    return Math.round(value * 1e9);
  }

  long frame() {
    return (long) value;
  }

  /** Whether a frame with that index and time is not before this. */
  boolean reached(long frame, long timestampNanos) {
    return isFrame ? frame >= frame() : timestampNanos >= nanos();
  }

  /** As it is written on the command line. */
  @Override
  public String toString() {
    return isFrame ? frame() + "f" : Double.toString(value);
  }

  /**
   * Refuses a range that holds no frame whatever the video; a frame and seconds can be compared by
   * the video alone.
   *
   * @param start null for the beginning
   * @param end null for the end
   */
  static void requireRange(VideoTime start, VideoTime end) {
    double begin = start == null ? 0 : start.value;
    boolean comparable = start == null || begin == 0 || end != null && start.isFrame == end.isFrame;
    if (end != null && (end.value == 0 || comparable && end.value <= begin)) {
      throw new UsageException(
          "range is empty: start=%s, end=%s; give an end behind the start"
              .formatted(start == null ? "0" : start, end));
    }
  }

  /** Reads the option's text. */
  static final class Converter implements ITypeConverter<VideoTime> {
    @Override
    public VideoTime convert(String text) {
      Matcher matcher = FORM.matcher(text);
      if (!matcher.matches()) {
        throw new UsageException(
            "time is malformed: time="
                + Untrusted.quote(text)
                + "; give seconds (1.5) or a frame (45f)");
      }
      return matcher.group(3) != null
          ? new VideoTime(Long.parseLong(matcher.group(3)), true)
          : new VideoTime(Double.parseDouble(matcher.group(1)), false);
    }
  }
}
