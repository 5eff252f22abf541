package mote.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.Set;
import mote.contract.EveryOperation;
import mote.contract.SmallModel;
import mote.engine.Backend;
import mote.engine.FormulaWeights;
import mote.engine.MoteException;
import mote.engine.OpenResources;
import mote.engine.Precision;
import mote.engine.profile.Costs;
import mote.engine.profile.Profile;
import mote.engine.profile.Span;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a profile of the CPU engine tells: every stage with its time, its work and its threads. */
final class CpuProfileTest {
  private static final Set<String> STAGES =
      Set.of(
          "resize",
          "encoder",
          "pyramid",
          "sample",
          "correlate",
          "embed",
          "mixer",
          "update",
          "match",
          "similarity");

  private final CpuProvider provider = new CpuProvider();
  private final Profile profile = new Profile(10_000);

  @BeforeEach
  void engine() {
    assumeTrue(provider.unavailable() == null, "no CPU engine");
  }

  @AfterEach
  void nothingLeaks() {
    assertEquals(Map.of(), OpenResources.open());
  }

  @ParameterizedTest
  @EnumSource(
      value = SmallModel.class,
      names = {"PIPS", "MOTE"})
  void everyStage(SmallModel model) {
    try (FormulaWeights weights = FormulaWeights.of(model.architecture(), 3);
        Backend backend = profile.of(provider).open(weights, EveryOperation.PLAN, Precision.F32)) {
      float[] expected = EveryOperation.run(backend, 0);
      assertEquals(List.of(), profile.rows(), "nothing is recorded before start");
      assertEquals(List.of(), backend.stages().take());
      profile.start();
      assertArrayEquals(expected, EveryOperation.run(backend, 0));
      profile.stop();
      Map<String, Profile.Row> rows = EveryOperation.rows(profile, Span.Kind.PART);
      assertEquals(STAGES, rows.keySet());
      Costs costs = new Costs(model.architecture(), EveryOperation.PLAN, 4);
      int points = EveryOperation.POINTS;
      int iterations = EveryOperation.ITERATIONS;
      double encoder = 8 * costs.encoder().operations();
      assertEquals(encoder, rows.get("encoder").operations(), 1e-9 * encoder);
      assertEquals(8, rows.get("resize").calls());
      // Points may be spread over threads: then there are more calls, of fewer points each.
      assertEquals(0, rows.get("mixer").calls() % iterations);
      double mixer = iterations * costs.mixer(points).operations();
      assertEquals(mixer, rows.get("mixer").operations(), 1e-9 * mixer);
      assertEquals(costs.match(points).operations(), rows.get("match").operations());
      rows.values().forEach(row -> assertTrue(row.nanos() > 0 && row.bytes() > 0, row.toString()));
      List<Profile.Row> all = profile.rows();
      EveryOperation.run(backend, 0);
      assertEquals(all, profile.rows(), "nothing is recorded after stop");
    }
  }

  /** The library's clock is the JVM's. */
  @Test
  void stagesLieInsideTheirOperations() {
    try (FormulaWeights weights = FormulaWeights.of(SmallModel.MOTE.architecture(), 3);
        Backend backend = profile.of(provider).open(weights, EveryOperation.PLAN, Precision.F32)) {
      profile.start();
      EveryOperation.run(backend, 0);
      profile.stop();
      List<Span> operations =
          profile.spans().stream().filter(span -> span.kind() == Span.Kind.OPERATION).toList();
      assertEquals(8 + 4, operations.size());
      for (Span span : profile.spans()) {
        assertTrue(
            span.kind() == Span.Kind.OPERATION
                || operations.stream()
                    .anyMatch(
                        operation ->
                            operation.beginNanos() <= span.beginNanos()
                                && span.beginNanos() + span.nanos()
                                    <= operation.beginNanos() + operation.nanos()),
            span.toString());
      }
      Span refine = operations.getLast();
      assertEquals("refine", refine.name());
      assertEquals("3 points, 2 iterations", refine.detail());
    }
  }

  @Test
  void whatFoundNoRoomIsSaid() {
    try (FormulaWeights weights = FormulaWeights.of(SmallModel.MOTE.architecture(), 3);
        Backend backend = provider.open(weights, EveryOperation.PLAN, Precision.F32)) {
      EveryOperation.run(backend, 0);
      backend.stages().record(true);
      for (int i = 0; i < (1 << 17) + 5; i++) {
        backend.sample(0, 1, new int[] {0}, new float[] {1, 1});
      }
      MoteException lost = assertThrows(MoteException.class, () -> backend.stages().take());
      assertEquals(
          "profile has no room for a call's stages: lost=5; give fewer points or iterations",
          lost.getMessage());
      assertEquals(List.of(), backend.stages().take());
    }
  }

  /** What a tracker's backend did last is not lost when the tracker closes it. */
  @Test
  void closingTakesWhatIsThere() {
    profile.start();
    try (FormulaWeights weights = FormulaWeights.of(SmallModel.MOTE.architecture(), 3);
        Backend backend = profile.of(provider).open(weights, EveryOperation.PLAN, Precision.F32);
        Arena arena = Arena.ofConfined()) {
      backend.encode(0, arena.allocate(3 * 64 * 80), 3 * 80);
    }
    assertEquals(1, EveryOperation.rows(profile, Span.Kind.PART).get("encoder").calls());
  }

  @Test
  void aClosedBackendSaysSo() {
    Backend backend;
    try (FormulaWeights weights = FormulaWeights.of(SmallModel.MOTE.architecture(), 3)) {
      backend = profile.of(provider).open(weights, EveryOperation.PLAN, Precision.F32);
      Backend.Stages stages = backend.stages();
      backend.close();
      backend.close();
      assertThrows(IllegalStateException.class, stages::take);
      assertThrows(IllegalStateException.class, () -> stages.record(true));
    }
    profile.start(); // what is closed is left alone
    profile.stop();
  }
}
