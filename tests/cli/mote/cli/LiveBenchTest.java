package mote.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code mote bench live}: what it says, not how fast this machine is today. */
class LiveBenchTest extends CliFixture {
  @Test
  void everyCaseHasItsLatencies() throws IOException {
    JsonNode rows =
        run(
                "bench",
                "live",
                "--points",
                "1,9",
                "--seconds",
                1,
                "--side",
                128,
                "--backend",
                "cpu",
                "--json")
            .expect(0)
            .json();
    assertEquals(2, rows.size());
    for (JsonNode row : rows) {
      List<String> names = new ArrayList<>();
      row.fieldNames().forEachRemaining(names::add);
      assertEquals(
          List.of(
              "case",
              "backend",
              "precision",
              "points",
              "awake",
              "frames",
              "dropped",
              "p50_ms",
              "p95_ms",
              "p99_ms",
              "p999_ms",
              "worst_ms",
              "host_threads",
              "host_work_ms",
              "host_p50_ms",
              "host_p99_ms",
              "host_worst_ms",
              "stages",
              "stage_p99_ms",
              "pauses",
              "output"),
          names);
      assertEquals(0, row.get("awake").asInt());
      assertEquals(30, row.get("frames").asInt());
      assertTrue(row.get("p50_ms").asDouble() > 0, "p50");
      double last = 0;
      for (String percentile : List.of("p50_ms", "p95_ms", "p99_ms", "p999_ms", "worst_ms")) {
        assertTrue(row.get(percentile).asDouble() >= last, percentile);
        last = row.get(percentile).asDouble();
      }
      assertTrue(row.get("host_threads").asInt() >= 1, "threads");
      last = row.get("host_work_ms").asDouble();
      assertTrue(last > 0.05, "arithmetic of the median push time took " + last + " ms");
      for (String percentile : List.of("host_p50_ms", "host_p99_ms", "host_worst_ms")) {
        assertTrue(row.get(percentile).asDouble() >= last, percentile);
        last = row.get(percentile).asDouble();
      }
      JsonNode stages = row.get("stages");
      assertTrue(stages.get("wake").asDouble() >= 0, "wake");
      assertTrue(stages.get("push").asDouble() > 0, "push");
      assertTrue(
          row.get("stage_p99_ms").get("push").asDouble() >= 1e3 * stages.get("push").asDouble(),
          "99th percentile over median");
      assertTrue(row.get("output").asText().startsWith("frame 439: median error 0."));
    }
    assertEquals("live-128x128-1pts", rows.get(0).get("case").asText());
    assertEquals(9, rows.get(1).get("points").asInt());
  }

  @Test
  void theTableHasTheHostsLine() {
    Ran ran =
        run("bench", "live", "--points", 1, "--seconds", 1, "--side", 128, "--backend", "cpu")
            .expect(0);
    assertTrue(
        ran.out()
            .lines()
            .anyMatch(
                line ->
                    line.matches(
                        "    host, [0-9.]+ ms of arithmetic alone on [1-9][0-9]* threads in place of it: p50 [0-9.]+ p99 [0-9.]+ worst [0-9.]+ ms")),
        ran.out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--points=0 | points are out of range: points=0; give 1 to 65536",
        "--seconds=0 | seconds is out of range: seconds=0.0; give 1 to 3600",
        "--rate=2000 | rate is out of range: rate=2000.0; give 1 to 1000",
        "--side=64 | side is out of range: side=64.0; give 128 to 2048",
      })
  void wrongUsageIsTwo(String option, String message) {
    Ran ran = run("bench", "live", option).expect(2);
    assertSaid(ran, message);
    assertContains(ran.err(), "Try 'mote bench live --help'.");
  }
}
