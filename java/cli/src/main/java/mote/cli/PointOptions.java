package mote.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mote.engine.FrameSource;
import mote.engine.track.Queries;
import mote.engine.track.Query;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What to follow; exactly one of the three. */
final class PointOptions {
  @Option(
      names = "--points",
      paramLabel = "\"x,y[@frame];...\"",
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

  /** As given: n and frame, null where there is none. */
  record Grid(int n, Long frame) {}

  /** Reads the option's text. */
  static final class GridConverter implements ITypeConverter<Grid> {
    private static final Pattern FORM = Pattern.compile("(\\d{1,4})(?:@(\\d{1,9}))?");

    @Override
    public Grid convert(String argument) {
      Matcher matcher = FORM.matcher(argument);
      if (!matcher.matches()) {
        throw new TypeConversionException(
            "'" + argument + "' is no grid; give N or N@frame, for example 16@30");
      }
      Long frame = matcher.group(2) == null ? null : Long.valueOf(matcher.group(2));
      return new Grid(Integer.parseInt(matcher.group(1)), frame);
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
    if (text != null) {
      return Queries.parse(text, firstFrame);
    }
    if (file != null) {
      return Queries.read(file, firstFrame);
    }
    long frame = grid.frame() == null ? firstFrame : grid.frame();
    return Queries.grid(grid.n(), frame, source.width(), source.height());
  }
}
