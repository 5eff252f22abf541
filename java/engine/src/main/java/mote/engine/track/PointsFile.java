package mote.engine.track;

import de.siegmar.fastcsv.reader.CommentStrategy;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mote.engine.MoteException;
import mote.engine.Untrusted;

/** The points file: CSV with the header {@code x,y} or {@code x,y,frame}. */
final class PointsFile {
  private static final String HEADERS = "x,y or x,y,frame";
  private static final Pattern LINE = Pattern.compile("line (\\d+)");
  private static final int LONGEST_LINE = 1 << 16;

  private final Path file;
  private final long defaultFrame;
  private final List<Query> queries = new ArrayList<>();
  private int columns;

  private PointsFile(Path file, long defaultFrame) {
    this.file = file;
    this.defaultFrame = defaultFrame;
  }

  static List<Query> read(Path file, long defaultFrame) {
    PointsFile points = new PointsFile(file, defaultFrame);
    if (Files.isDirectory(file)) {
      throw new MoteException("points file is a folder: file=" + file + "; give a CSV file");
    }
    try (CsvReader<CsvRecord> records =
        CsvReader.builder()
            .commentStrategy(CommentStrategy.SKIP)
            .detectBomHeader(true)
            .trimWhitespacesAroundQuotes(true)
            .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
            .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
            .allowUnclosedQuote(false)
            .maxBufferSize(LONGEST_LINE)
            .ofCsvRecord(file)) {
      records.forEach(points::add);
    } catch (NoSuchFileException e) {
      throw new MoteException("points file does not exist: file=" + file + "; check the name", e);
    } catch (IOException | UncheckedIOException e) {
      throw new MoteException(
          "points file cannot be read: file=" + file + ", cause=" + e.getMessage() + "; check it",
          e);
    } catch (CsvParseException e) {
      throw notCsv(file, e);
    }
    if (points.queries.isEmpty()) {
      throw new MoteException(
          "points file holds no point: file="
              + file
              + "; write the header "
              + HEADERS
              + " and one line a point");
    }
    return List.copyOf(points.queries);
  }

  static void write(Path file, List<Query> queries) throws IOException {
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      out.write("x,y,frame\n");
      for (Query query : queries) {
        out.write(query.x() + "," + query.y() + "," + query.frame() + "\n");
      }
    }
  }

  private void add(CsvRecord line) {
    String first = line.getField(0).strip();
    if (first.startsWith("#") || (first.isEmpty() && line.getFieldCount() == 1)) {
      return; // an indented comment or a line of spaces
    }
    if (columns == 0) {
      columns = header(line);
      return;
    }
    if (line.getFieldCount() != columns) {
      throw bad(line, "fields", Integer.toString(line.getFieldCount()));
    }
    Float x = Queries.number(line.getField(0));
    Float y = Queries.number(line.getField(1));
    Long frame = columns == 3 ? Queries.frame(line.getField(2)) : Long.valueOf(defaultFrame);
    if (x == null) {
      throw bad(line, "x", Untrusted.quote(line.getField(0)));
    }
    if (y == null) {
      throw bad(line, "y", Untrusted.quote(line.getField(1)));
    }
    if (frame == null) {
      throw bad(line, "frame", Untrusted.quote(line.getField(2)));
    }
    queries.add(new Query(frame, x, y));
    Queries.refuseTooMany(queries.size(), file.toString());
  }

  /** The library's message names the line on which the record began. */
  private static MoteException notCsv(Path file, CsvParseException e) {
    Matcher line = LINE.matcher(String.valueOf(e.getMessage()));
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return new MoteException(
        "points file is not CSV: file=%s, line=%s, cause=%s; write lines of %s"
            .formatted(file, line.find() ? line.group(1) : "1", cause.getMessage(), HEADERS),
        e);
  }

  private int header(CsvRecord line) {
    List<String> names =
        line.getFields().stream().map(name -> name.strip().toLowerCase(Locale.ROOT)).toList();
    if (names.equals(List.of("x", "y")) || names.equals(List.of("x", "y", "frame"))) {
      return names.size();
    }
    throw new MoteException(
        "points file has no header: file=%s, line=%d, text=%s; begin with %s"
            .formatted(
                file,
                line.getStartingLineNumber(),
                Untrusted.quote(String.join(",", line.getFields())),
                HEADERS));
  }

  private MoteException bad(CsvRecord line, String name, String value) {
    return new MoteException(
        "points file has a bad line: file=%s, line=%d, %s=%s; write %s as finite numbers%s"
            .formatted(
                file,
                line.getStartingLineNumber(),
                name,
                value,
                columns == 2 ? "x,y" : "x,y,frame",
                columns == 2 ? "" : ", the frame from 0 on"));
  }
}
