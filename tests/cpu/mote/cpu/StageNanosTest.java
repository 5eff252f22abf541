package mote.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import mote.engine.Architecture;
import mote.engine.Backend;
import mote.engine.FormulaWeights;
import mote.engine.OpenResources;
import mote.engine.Plan;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The engine's clocks run in the stage that works, and in no other. */
final class StageNanosTest {
  private static final List<String> OF_REFINING = List.of("correlate", "embed", "mixer", "update");

  private final CpuProvider provider = new CpuProvider();

  @AfterEach
  void nothingLeaks() {
    assertEquals(Map.of(), OpenResources.open());
  }

  @Test
  void eachStageCountsItsOwnTime() {
    assumeTrue(provider.unavailable() == null, "skipped: " + provider.unavailable());
    Plan plan = new Plan(96, 128, 48, 64, 4, 8, 1);
    Backend.Stages stages;
    try (Arena arena = Arena.ofConfined();
        FormulaWeights weights = FormulaWeights.of(Architecture.moteS(), 1);
        Backend backend = provider.open(weights, plan, null)) {
      backend.stages().nanos().forEach((stage, nanos) -> assertEquals(0, nanos, stage));
      backend.encode(0, arena.allocate(96 * 128 * 3), 128 * 3);
      Map<String, Long> encoded = backend.stages().nanos();
      encoded.forEach(
          (stage, nanos) ->
              assertEquals(
                  List.of("resize", "encoder", "pyramid").contains(stage), nanos > 0, stage));
      int[] template = {0};
      backend.sample(0, 1, template, new float[2]);
      assertTrue(backend.stages().nanos().get("sample") > 0);
      backend.match(0, 1, template, new float[2], new float[2]);
      assertTrue(backend.stages().nanos().get("match") > 0);
      float[] xy = new float[16];
      backend.refine(new int[8], 1, template, new boolean[1], 1, 0, xy, new float[8], new float[8]);
      Map<String, Long> refined = backend.stages().nanos();
      OF_REFINING.forEach(stage -> assertTrue(refined.get(stage) > 0, stage));
      assertEquals(encoded.get("encoder"), refined.get("encoder"));
      stages = backend.stages();
    }
    assertThrows(IllegalStateException.class, stages::nanos);
  }
}
