package mote.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import mote.cli.bench.Measurement.Figure;
import mote.cpu.CpuProvider;
import mote.engine.BackendProvider;
import mote.engine.OpenResources;
import mote.engine.Precision;
import mote.engine.WeightsFile;
import mote.engine.reference.ReferenceProvider;
import mote.engine.track.TrackerOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small clip through the pipeline, and where its time goes. */
class PipelineCaseTest {
  private static final int FRAMES = 16;

  @TempDir Path folder;

  @AfterEach
  void nothingLeaks() {
    assertEquals(Map.of(), OpenResources.open());
  }

  @Test
  void everyStageOfTheCpuEngineHasItsTime() {
    CpuProvider cpu = new CpuProvider();
    Assumptions.assumeTrue(cpu.unavailable() == null, "skipped: " + cpu.unavailable());
    List<Measurement> rows = run(cpu);
    assertEquals(
        List.of(
            "small-64x64-4pts",
            "small-64x64-4pts-tracked",
            "small-64x64-4pts-encoded",
            "small-64x64-4pts-stages"),
        rows.stream().map(Measurement::name).toList());
    Map<?, ?> stages = (Map<?, ?>) rows.get(3).figures().get(Figure.STAGES);
    assertEquals(
        List.of(
            "resize",
            "encoder",
            "pyramid",
            "sample",
            "correlate",
            "embed",
            "mixer",
            "update",
            "match",
            "similarity"),
        List.copyOf(stages.keySet()));
    double sum = 0;
    for (Object seconds : stages.values()) {
      sum += (Double) seconds;
    }
    assertEquals(sum, rows.get(3).number(Figure.SECONDS), 1e-12);
    assertTrue((Double) stages.get("encoder") > 0 && (Double) stages.get("mixer") > 0);
    assertEquals(0.0, stages.get("sample"), "the points were sampled in the first half");
    // Stages are a part of what tracking takes; the median of three runs may be below their mean.
    double tracked = rows.get(1).number(Figure.SECONDS) / FRAMES;
    assertTrue(sum < 3 * tracked, sum + " s a frame in stages of " + tracked + " s");
  }

  @Test
  void aBackendWithoutClocksHasNoStages() {
    List<Measurement> rows = run(new ReferenceProvider());
    assertEquals(3, rows.size());
  }

  private List<Measurement> run(BackendProvider provider) {
    try (WeightsFile weights = WeightsFile.open(Path.of("weights/mote-s.safetensors"))) {
      TrackerOptions options =
          TrackerOptions.DEFAULT.withPrecision(Precision.F32).withIterations(1);
      return new PipelineCase(weights, provider, options, folder).run(64, 64, 4, FRAMES);
    }
  }
}
