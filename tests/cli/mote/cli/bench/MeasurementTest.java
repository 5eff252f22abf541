package mote.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mote.cli.bench.Measurement.Figure;
import mote.cli.eval.ScoreTable;
import org.junit.jupiter.api.Test;

/** Rows of bench as JSON and as lines of the table. */
class MeasurementTest {
  private final Measurement bare = Measurement.of("window", "cpu", "f32", 2);
  private final Measurement full =
      bare.withWork(6e9, 4)
          .withPeers(Map.of("eager", 5.0, "compiled", 3.0))
          .with(Figure.FRAMES_PER_SECOND, 12.5)
          .with(Figure.DEVIATION, 0.031)
          .with(Figure.STAGES, new LinkedHashMap<>(Map.of("mixer", 0.00125)))
          .with(Figure.BYTES, 7_000_000L)
          .with(Figure.OUTPUT, "ok");

  @Test
  void jsonHasTheDocumentedFieldsAndLeavesOutWhatWasNotMeasured() throws IOException {
    JsonNode rows = json(List.of(bare, full));
    assertEquals(List.of("case", "backend", "precision", "seconds"), names(rows.get(0)));
    assertEquals(
        List.of(
            "case",
            "backend",
            "precision",
            "seconds",
            "gflop",
            "share_of_peak",
            "peer_seconds",
            "peers",
            "frames_per_second",
            "deviation",
            "bytes",
            "stages",
            "output"),
        names(rows.get(1)));
    assertEquals("window", rows.get(1).get("case").asText());
    assertEquals(6, rows.get(1).get("gflop").asDouble());
    assertEquals(0.75, rows.get(1).get("share_of_peak").asDouble());
    assertEquals(3, rows.get(1).get("peer_seconds").asDouble());
    assertEquals(5, rows.get(1).get("peers").get("eager").asDouble());
    assertEquals(7_000_000, rows.get(1).get("bytes").asLong());
  }

  @Test
  void aFigureMoreLeavesTheRowAsItWas() {
    assertNull(bare.number(Figure.GFLOP));
    assertNull(bare.withWork(6e9, 0).number(Figure.SHARE_OF_PEAK), "no peak, no share");
    assertEquals(bare, bare.withPeers(Map.of()));
    assertEquals(List.of(Figure.SECONDS), List.copyOf(bare.figures().keySet()));
  }

  @Test
  void linesShowEachFigureInItsColumn() {
    assertEquals(BenchTable.HEAD.length(), BenchTable.line(bare).length());
    String line = BenchTable.line(full);
    for (String part :
        List.of(
            " 2.000 ",
            " 6.0 ",
            " 75% ",
            " 3.00 ",
            " 12.5 ",
            " 7 ",
            "3.1% off",
            "  ok, ms: mixer 1.25")) {
      assertEquals(true, line.contains(part), line);
    }
  }

  private static JsonNode json(List<Measurement> rows) throws IOException {
    StringWriter text = new StringWriter();
    ScoreTable.printJson(rows, new PrintWriter(text));
    return new ObjectMapper().readTree(text.toString());
  }

  private static List<String> names(JsonNode row) {
    List<String> names = new ArrayList<>();
    row.fieldNames().forEachRemaining(names::add);
    return names;
  }
}
