package mote.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mote.engine.Plan;
import mote.engine.Untrusted;
import picocli.CommandLine.ITypeConverter;

/** {@code WxH} as people write it. */
public record PictureSize(int width, int height) {
  private static final Pattern FORM = Pattern.compile("(\\d{1,9})[xX](\\d{1,9})");

  /** Reads the option's text. */
  public static final class Converter implements ITypeConverter<PictureSize> {
    @Override
    public PictureSize convert(String text) {
      Matcher matcher = FORM.matcher(text);
      if (!matcher.matches()) {
        throw new UsageException(
            "size is malformed: size=" + Untrusted.quote(text) + "; give WxH, for example 640x352");
      }
      int width = Integer.parseInt(matcher.group(1));
      int height = Integer.parseInt(matcher.group(2));
      if (Math.min(width, height) < Plan.SMALLEST || Math.max(width, height) > Plan.LARGEST) {
        throw new UsageException(
            "size is out of range: width=%d, height=%d; give %d to %d for both"
                .formatted(width, height, Plan.SMALLEST, Plan.LARGEST));
      }
      return new PictureSize(width, height);
    }
  }
}
