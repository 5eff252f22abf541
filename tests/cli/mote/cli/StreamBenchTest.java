package mote.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code mote bench stream}: what it prints, in little time. */
class StreamBenchTest extends CliFixture {
  @Test
  void measuresBothTransports() throws Exception {
    JsonNode rows =
        run("bench", "stream", "--seconds", 0.2, "--rate", 200, "--points", 3, "--json")
            .expect(0)
            .json();
    assertEquals(
        List.of(
            "stream-640x480-tcp", "bare-640x480-tcp", "stream-640x480-unix", "bare-640x480-unix"),
        rows.findValuesAsText("case"));
    assertEquals(2, rows.findValues("bytes_per_frame").size());
    for (JsonNode row : rows) {
      assertEquals(3, row.get("points").asInt());
      assertEquals(40, row.get("frames").asInt());
      double before = 0;
      for (String field : List.of("p50_ms", "p95_ms", "p99_ms", "p999_ms", "worst_ms")) {
        assertTrue(row.get(field).asDouble() > 0, field);
        assertTrue(row.get(field).asDouble() >= before, field);
        before = row.get(field).asDouble();
      }
    }
  }

  @Test
  void forPeople() {
    String out = run("bench", "stream", "--seconds", 0.1).expect(0).out();
    assertContains(out, "p99 ms");
    assertContains(out, "stream-640x480-unix");
    assertContains(run("bench", "stream", "--help").expect(0).out(), "Examples:");
  }

  @Test
  void wrongUsage() {
    assertSaid(
        run("bench", "stream", "--rate", "0").expect(2),
        "measuring is out of range: rate=0.0; give 1.0 to 1000.0");
    assertSaid(
        run("bench", "stream", "--points", "0").expect(2),
        "measuring is out of range: points=0.0; give 1.0 to 16384.0");
  }
}
