package mote.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mote.engine.FrameSource;
import mote.engine.Untrusted;
import mote.engine.track.Queries;
import mote.engine.track.Query;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/** What to follow; exactly one of the three. */
final class PointOptions {
  @Option(
      names = "--points",
      paramLabel = "\"x,y[@frame];...\"",
      converter = TextConverter.class,
      description = "pixels of the video as it comes; without @frame, of the first frame tracked")
  private String text;

  @Option(
      names = "--points-file",
      paramLabel = "F.csv",
      description = {
        "CSV with the header x,y or x,y,frame; mote pick writes one;",
        "without the column, of the first frame tracked"
      })
  private Path file;

  @Option(
      names = "--grid",
      paramLabel = "N[@frame]",
      converter = GridConverter.class,
      description = "N rows of N points, evenly spaced; without @frame, on the first frame tracked")
  private Grid grid;

  /** Passes on a text that {@link Queries#parse} understands, whatever frame is the first. */
  static final class TextConverter implements ITypeConverter<String> {
    @Override
    public String convert(String argument) {
      UsageException.check(() -> Queries.parse(argument));
      return argument;
    }
  }

  /** As given: n and frame, null where there is none. */
  record Grid(int n, Long frame) {}

  /** Reads the option's text. */
  static final class GridConverter implements ITypeConverter<Grid> {
    private static final Pattern FORM = Pattern.compile("(\\d{1,4})(?:@(\\d{1,9}))?");

    @Override
    public Grid convert(String argument) {
      Matcher matcher = FORM.matcher(argument);
      if (!matcher.matches()) {
        throw new UsageException(
            "grid is malformed: grid="
                + Untrusted.quote(argument)
                + "; give N or N@frame, for example 16@30");
      }
      int n = Integer.parseInt(matcher.group(1));
      if (n < 1 || n > Queries.LARGEST_GRID) {
        throw new UsageException(
            "grid is out of range: n=%d; give 1 to %d".formatted(n, Queries.LARGEST_GRID));
      }
      return new Grid(n, matcher.group(2) == null ? null : Long.valueOf(matcher.group(2)));
    }
  }

  /** The points file, or null. */
  Path file() {
    return file;
  }

  /**
   * The points in pixels of the source.
   *
   * @param firstFrame that is tracked: points that name no frame start there
   */
  List<Query> queries(FrameSource source, long firstFrame) {
    return queries(source.width(), source.height(), firstFrame);
  }

  /** As {@link #queries(FrameSource, long)}, for pictures of that size. */
  List<Query> queries(int width, int height, long firstFrame) {
    if (text != null) {
      return Queries.parse(text, firstFrame);
    }
    if (file != null) {
      return Queries.read(file, firstFrame);
    }
    long frame = grid.frame() == null ? firstFrame : grid.frame();
    return Queries.grid(grid.n(), frame, width, height);
  }
}
