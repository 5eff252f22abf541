package mote.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import mote.engine.BackendProvider;
import mote.engine.Backends;
import org.junit.jupiter.api.Test;

/** {@code mote profile --backend cuda} on the device or its stand-in. */
class CudaProfileCommandTest extends CliFixture {
  @Test
  void everyKernelOfALiveFrame() throws IOException {
    BackendProvider cuda =
        Backends.all().stream()
            .filter(provider -> provider.name().equals("cuda"))
            .findFirst()
            .orElseThrow();
    assumeTrue(cuda.unavailable() == null, "no CUDA");
    Path trace = folder.resolve("trace.json");
    JsonNode report =
        run(
                "profile",
                "--backend",
                "cuda",
                "--size",
                "48x32",
                "--points",
                "2",
                "--frames",
                "3",
                "--trace",
                trace,
                "--json")
            .expect(0)
            .json();
    Set<String> kernels = new HashSet<>();
    report.get("parts").forEach(line -> kernels.add(line.get("name").asText()));
    List<String> expected =
        List.of("stem", "conv", "statistics", "correlate", "correlation_linear", "mixer", "update");
    assertTrue(kernels.containsAll(expected), kernels.toString());
    assertTrue(report.get("peaks").get("gflops").asDouble() > 0, "peak");
    report
        .get("parts")
        .forEach(line -> assertTrue(line.get("times_floor").asDouble() > 0, line.toString()));
    Set<String> copies = new HashSet<>();
    report.get("copies").forEach(line -> copies.add(line.get("name").asText()));
    assertEquals(Set.of("upload", "download"), copies);
    assertEquals(Set.of(), ProfileTrace.problems(trace));
    assertTrue(ProfileTrace.names(trace).containsAll(kernels));
  }
}
