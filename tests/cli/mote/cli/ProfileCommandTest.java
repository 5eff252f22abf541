package mote.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import mote.cpu.CpuProvider;
import org.junit.jupiter.api.Test;

/** {@code mote profile}: what it says and writes, not how fast this machine is today. */
class ProfileCommandTest extends CliFixture {
  private static final Set<String> LIVE_STAGES =
      Set.of("resize", "encoder", "pyramid", "correlate", "embed", "mixer", "update", "similarity");

  private static void cpu() {
    assumeTrue(new CpuProvider().unavailable() == null, "no CPU engine");
  }

  private static Set<String> names(JsonNode lines) {
    Set<String> names = new HashSet<>();
    lines.forEach(line -> names.add(line.get("name").asText()));
    return names;
  }

  @Test
  void aLiveProfileWithItsFiles() throws IOException {
    cpu();
    Path trace = folder.resolve("trace.json");
    Path jfr = folder.resolve("profile.jfr");
    JsonNode report =
        run(
                "profile",
                "--backend",
                "cpu",
                "--size",
                "64x48",
                "--points",
                "4",
                "--frames",
                "6",
                "--trace",
                trace,
                "--jfr",
                jfr,
                "--json")
            .expect(0)
            .json();
    assertEquals("cpu", report.get("backend").asText());
    assertEquals("live", report.get("mode").asText());
    assertEquals(5, report.get("frames").asInt());
    long frames = 0;
    for (JsonNode bar : report.get("histogram")) {
      assertTrue(bar.get("from_ms").asDouble() <= bar.get("to_ms").asDouble(), bar.toString());
      frames += bar.get("frames").asLong();
    }
    assertEquals(5, frames);
    assertTrue(report.get("peaks").get("gflops").asDouble() > 1, "peak");
    assertTrue(report.get("peaks").get("cache_gigabytes_per_second").asDouble() > 1, "cache");
    assertTrue(report.get("peaks").get("memory_gigabytes_per_second").asDouble() > 0.1, "memory");
    assertTrue(names(report.get("operations")).containsAll(Set.of("encode", "refine")));
    assertTrue(names(report.get("parts")).containsAll(LIVE_STAGES), report.toString());
    double share = 0;
    for (JsonNode line : report.get("parts")) {
      share += line.get("share").asDouble();
      assertTrue(line.get("total_ms").asDouble() > 0, line.toString());
      assertTrue(line.get("times_floor").asDouble() > 0, line.toString());
      double gflops = line.get("operations").asDouble() / 1e6 / line.get("total_ms").asDouble();
      assertEquals(gflops, line.get("gflops").asDouble(), 1e-6 * gflops);
    }
    assertEquals(1, share, 1e-9);
    assertEquals(0, report.get("copies").size());
    assertEquals(Set.of(), ProfileTrace.problems(trace));
    Set<String> traced = ProfileTrace.names(trace);
    assertTrue(traced.containsAll(names(report.get("parts"))), traced.toString());
    assertTrue(traced.contains("refine"), traced.toString());
    recorded(jfr, report);
  }

  /** The flight recorder's file has each call and each stage. */
  private static void recorded(Path jfr, JsonNode report) throws IOException {
    List<RecordedEvent> parts = new ArrayList<>();
    List<RecordedEvent> encodings = new ArrayList<>();
    for (RecordedEvent event : RecordingFile.readAllEvents(jfr)) {
      if (event.getEventType().getName().equals("mote.Part")) {
        parts.add(event);
        assertEquals(List.of("Mote"), event.getEventType().getCategoryNames());
      } else if (event.getEventType().getName().equals("mote.Operation")
          && event.getString("operation").equals("encode")) {
        encodings.add(event);
      }
    }
    assertEquals(5, encodings.size());
    assertEquals("cpu", encodings.getFirst().getString("backend"));
    assertTrue(encodings.getFirst().getDuration().isPositive());
    long calls = 0;
    for (JsonNode line : report.get("parts")) {
      calls += line.get("calls").asLong();
    }
    assertEquals(calls, parts.size());
    assertTrue(parts.stream().allMatch(event -> event.getDuration("time").isPositive()));
  }

  @Test
  void anOfflineProfileOfAVideoAsATable() {
    cpu();
    Ran ran =
        run(
                "profile",
                video("clip.mp4", 12),
                "--offline",
                "--backend",
                "cpu",
                "--points",
                "3",
                "--frames",
                "9")
            .expect(0);
    assertContains(ran.out(), "offline, 64x48, 3 points, 9 frames profiled; a frame takes ");
    assertContains(ran.out(), "\nstage ");
    assertContains(ran.out(), "\nsample ");
    String encodings =
        ran.out().lines().filter(line -> line.startsWith("encode ")).findFirst().get();
    assertTrue(encodings.matches("encode +9 .*"), encodings);
    assertContains(ran.out(), "\nmixer ");
    assertContains(ran.out(), "peaks, measured now: ");
    assertContains(ran.out(), "frames by their time without the profiler");
    assertEquals(
        12, ran.out().lines().filter(line -> line.matches(".* to +[0-9.]+ ms .*")).count());
    assertContains(ran.out(), "p50 ");
    assertFalse(ran.out().contains("NaN"), ran.out());
  }

  @Test
  void theReferenceHasCallsAlone() {
    Ran ran =
        run(
                "profile",
                "--backend",
                "reference",
                "--size",
                "32x32",
                "--points",
                "1",
                "--frames",
                "2")
            .expect(0);
    assertContains(ran.out(), "no floor: backend=reference has no peak to measure");
    assertContains(ran.out(), "\nencode ");
    assertFalse(ran.out().contains("\nstage "), ran.out());
  }

  @Test
  void whatWasMeasuredIsSaidBeforeAFileFails() {
    cpu();
    Ran ran =
        run(
                "profile",
                "--backend",
                "cpu",
                "--size",
                "32x32",
                "--points",
                "1",
                "--frames",
                "2",
                "--trace",
                folder.resolve("none/trace.json"))
            .expect(1);
    assertContains(ran.out(), "\nencode ");
    assertSaid(ran, "file cannot be written: path=" + folder.resolve("none/trace.json") + ",");
  }

  @Test
  void aClipOfOneFrameIsTooShort() {
    cpu();
    Path video = video("one.mp4", 1);
    for (String mode : List.of("--live", "--offline")) {
      assertSaid(
          run("profile", video, mode, "--backend", "cpu", "--points", "1").expect(1),
          "clip is too short for a profile: frames=1; give 2 or more");
    }
  }
}
