package mote.engine.track;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import mote.engine.MoteException;
import mote.engine.Plan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QueriesTest {
  @TempDir Path folder;

  @Test
  void textGivesPointsInOrder() {
    assertEquals(
        List.of(new Query(0, 10, 20), new Query(12, 30.5f, -4e1f), new Query(0, 0.5f, 7)),
        Queries.parse("10,20; 30.5 , -4e1 @ 12;.5,7.;"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1,2;3|point is malformed: point=1, text=\"3\"; write x,y or x,y@frame, separated by ;",
        "1,2,3|point is malformed: point=0, text=\"1,2,3\"; write x,y or x,y@frame, separated by ;",
        "1,2@3@4|point is malformed: point=0, text=\"1,2@3@4\"; write x,y or x,y@frame, separated by ;",
        "1,2@-1|point is malformed: point=0, text=\"1,2@-1\"; write x,y or x,y@frame, separated by ;",
        "1,2@1.5|point is malformed: point=0, text=\"1,2@1.5\"; write x,y or x,y@frame, separated by ;",
        "NaN,2|point is malformed: point=0, text=\"NaN,2\"; write x,y or x,y@frame, separated by ;",
        "1e39,2|point is malformed: point=0, text=\"1e39,2\"; write x,y or x,y@frame, separated by ;",
        "0x1p3,2f|point is malformed: point=0, text=\"0x1p3,2f\"; write x,y or x,y@frame, separated by ;",
        "' ; '|no point is given: points=\" ; \"; write x,y or x,y@frame, separated by ;",
      })
  void malformedTextIsRefused(String text, String message) {
    assertEquals(
        message, assertThrows(MoteException.class, () -> Queries.parse(text)).getMessage());
  }

  @Test
  void moreThanTheEngineHoldsIsRefused() {
    String most = "1,2;".repeat(Plan.MOST_POINTS);
    assertEquals(Plan.MOST_POINTS, Queries.parse(most).size());
    assertEquals(
        "too many points: from=--points; give at most 65536",
        assertThrows(MoteException.class, () -> Queries.parse(most + "3,4")).getMessage());
  }

  @Test
  void filesAsTheyComeAreRead() throws IOException {
    List<Query> expected = List.of(new Query(0, 1.5f, 2), new Query(7, 3, 4));
    String plain = "x,y,frame\n1.5,2,0\n3,4,7\n";
    String odd =
        "# a comment, \"with a quote\n\nX , \"y\",Frame\n \n  # indented\n 1.5, 2 ,0\n\n\"3\" ,4,7";
    assertEquals(expected, Queries.read(file(plain)));
    assertEquals(expected, Queries.read(file(odd)));
    assertEquals(expected, Queries.read(file(odd.replace("\n", "\r\n"))));
    assertEquals(expected, Queries.read(file('\ufeff' + plain)));
    assertEquals(expected, Queries.read(file('\ufeff' + plain, StandardCharsets.UTF_16LE)));
    assertEquals(List.of(new Query(0, 8, 9)), Queries.read(file("x,y\n8,9\n")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "1,2\\n|points file has no header: file=F, line=1, text=\"1,2\"; begin with x,y or x,y,frame",
        "x,y\\n1,2\\n# c\\n1;2\\n|points file has a bad line: file=F, line=4, fields=1; write x,y as finite numbers",
        "x,y\\n\\n1,2,3\\n|points file has a bad line: file=F, line=3, fields=3; write x,y as finite numbers",
        "x,y,frame\\n1,2\\n|points file has a bad line: file=F, line=2, fields=2; write x,y,frame as finite numbers, the frame from 0 on",
        "x,y\\n1,2\\n1,nan\\n|points file has a bad line: file=F, line=3, y=\"nan\"; write x,y as finite numbers",
        "x,y\\n1e99,2\\n|points file has a bad line: file=F, line=2, x=\"1e99\"; write x,y as finite numbers",
        "x,y,frame\\r\\n1,2,-3\\r\\n|points file has a bad line: file=F, line=2, frame=\"-3\"; write x,y,frame as finite numbers, the frame from 0 on",
        "x,y,frame\\n1,2,99999999999999999999\\n|points file has a bad line: file=F, line=2, frame=\"99999999999999999999\"; write x,y,frame as finite numbers, the frame from 0 on",
        "x,y\\n|points file holds no point: file=F; write the header x,y or x,y,frame and one line a point",
        "``|points file holds no point: file=F; write the header x,y or x,y,frame and one line a point",
      })
  void malformedFilesAreRefused(String text, String message) throws IOException {
    Path file = file(text.replace("\\n", "\n").replace("\\r", "\r"));
    String seen = assertThrows(MoteException.class, () -> Queries.read(file)).getMessage();
    assertEquals(message, seen.replace(file.toString(), "F"));
  }

  @Test
  void filesThatAreNotCsvAreRefused() throws IOException {
    Path quote = file("x,y\n1,2\n\"3,4\n");
    String seen = assertThrows(MoteException.class, () -> Queries.read(quote)).getMessage();
    assertTrue(seen.startsWith("points file is not CSV: file=" + quote + ", line=3, cause="), seen);
    Path line = file("x,y\n" + "1".repeat(1 << 17) + ",2\n");
    seen = assertThrows(MoteException.class, () -> Queries.read(line)).getMessage();
    assertTrue(seen.startsWith("points file is not CSV: file=" + line + ", line=2, cause="), seen);
    Path missing = folder.resolve("missing.csv");
    assertEquals(
        "points file does not exist: file=" + missing + "; check the name",
        assertThrows(MoteException.class, () -> Queries.read(missing)).getMessage());
    assertEquals(
        "points file is a folder: file=" + folder + "; give a CSV file",
        assertThrows(MoteException.class, () -> Queries.read(folder)).getMessage());
  }

  @Test
  void writtenFilesReadBackEqual() {
    List<Query> queries =
        List.of(new Query(3, 0.1f, 1e-7f), new Query(1L << 40, 16777215f, -0.333333343f));
    Path csv = folder.resolve("points.csv");
    Queries.write(csv, queries);
    assertEquals(queries, Queries.read(csv));
    assertEquals(List.of(csv), list());
  }

  @Test
  void gridIsEvenlySpaced() {
    List<Query> grid = Queries.grid(2, 5, 8, 6);
    assertEquals(
        List.of(
            new Query(5, 1.5f, 1),
            new Query(5, 5.5f, 1),
            new Query(5, 1.5f, 4),
            new Query(5, 5.5f, 4)),
        grid);
    Queries.check(Queries.grid(6, 0, 8, 6), 8, 6, 1);
    assertEquals(
        "grid does not fit the picture: n=7, width=8, height=6; give 1 to 6",
        assertThrows(MoteException.class, () -> Queries.grid(7, 0, 8, 6)).getMessage());
  }

  @Test
  void queriesOutsideOfTheVideoAreRefused() {
    Query corner = new Query(99, 853, 479);
    Queries.check(List.of(corner, new Query(0, 0, 0)), 854, 480, 100);
    Queries.check(List.of(corner), 854, 480, -1);
    List<Query> right = List.of(corner, corner, corner, new Query(0, 900, 10));
    assertEquals(
        "point lies outside the picture: point=3, x=900.0, y=10.0, width=854, height=480; give 0 <= x <= 853 and 0 <= y <= 479",
        assertThrows(MoteException.class, () -> Queries.check(right, 854, 480, -1)).getMessage());
    List<Query> above = List.of(new Query(0, 1, -0.01f));
    assertThrows(MoteException.class, () -> Queries.check(above, 854, 480, -1));
    assertEquals(
        "point starts past the end of the video: point=0, frame=99, frames=99; give 0 <= frame <= 98",
        assertThrows(MoteException.class, () -> Queries.check(List.of(corner), 854, 480, 99))
            .getMessage());
    assertEquals(
        "point is not finite: x=NaN, y=0.0; give numbers of the picture",
        assertThrows(MoteException.class, () -> new Query(0, Float.NaN, 0)).getMessage());
    assertEquals(
        "point starts before the video: frame=-1; give 0 or more",
        assertThrows(MoteException.class, () -> new Query(-1, 0, 0)).getMessage());
  }

  private Path file(String text) throws IOException {
    return file(text, StandardCharsets.UTF_8);
  }

  private Path file(String text, Charset charset) throws IOException {
    return Files.write(folder.resolve("in.csv"), text.getBytes(charset));
  }

  private List<Path> list() {
    try (var files = Files.list(folder)) {
      return files.toList();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
