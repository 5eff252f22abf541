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
        value(ran.json(), "mote", "delta_avg_hidden") > value(ran.json(), "lk", "delta_avg_hidden"));
    assertTrue(value(ran.json(), "zero", "delta_avg_hidden") < 10);
  }

  @Test
  void benchMeasuresReadiness() throws IOException {
    JsonNode rows = run("bench", "--only", "ready", "--json", "--backend", "cpu").expect(0).json();
    JsonNode ready = rows.get(0);
    assertEquals("ready-window-360x640", ready.get("case").asText());
    assertEquals("cpu", ready.get("backend").asText());
    assertTrue(ready.get("seconds").asDouble() > 0);
    JsonNode memory = rows.get(1);
    assertEquals("memory-window-360x640", memory.get("case").asText());
    assertTrue(memory.get("bytes").asLong() > 100_000_000);
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
