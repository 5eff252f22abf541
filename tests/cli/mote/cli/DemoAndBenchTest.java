package mote.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import mote.cpu.CpuProvider;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** demo and bench as users run them, on the native engine. */
class DemoAndBenchTest extends CliFixture {
  @BeforeEach
  void needsTheNativeEngine() {
    String refusal = new CpuProvider().unavailable();
    Assumptions.assumeTrue(refusal == null, "the reference would take minutes: " + refusal);
  }

  @Test
  void theDemoBeatsLucasKanadeWhereItCannotSee() throws IOException {
    Path out = folder.resolve("new/demo");
    Ran ran = run("demo", "--out", out, "--json", "--backend", "cpu").expect(0);
    assertTrue(Files.size(out.resolve("overlay.mp4")) > 10_000);
    assertTrue(Files.size(out.resolve("tracks.arrow")) > 10_000);
    assertTrue(
        value(ran.json(), "mote", "delta_avg_visible")
            > value(ran.json(), "lk", "delta_avg_visible"));
    assertTrue(
        value(ran.json(), "mote", "delta_avg_hidden")
            > value(ran.json(), "lk", "delta_avg_hidden"));
    assertTrue(value(ran.json(), "zero", "delta_avg_hidden") < 10);
  }

  @Test
  void benchMeasuresThePeak() throws IOException {
    JsonNode rows = run("bench", "--only", "peak", "--json", "--backend", "cpu").expect(0).json();
    assertEquals("peak", rows.get(0).get("case").asText());
    assertEquals("f32", rows.get(0).get("precision").asText());
    assertEquals("cpu", rows.get(0).get("backend").asText());
    double perSecond = rows.get(0).get("gflop").asDouble() / rows.get(0).get("seconds").asDouble();
    assertTrue(perSecond > 1, "GFLOP/s " + perSecond);
  }

  private static double value(JsonNode rows, String method, String metric) {
    for (JsonNode row : rows) {
      if (row.get("method").asText().equals(method) && row.get("metric").asText().equals(metric)) {
        return row.get("value").asDouble();
      }
    }
    throw new AssertionError("no row: method=" + method + ", metric=" + metric);
  }
}
