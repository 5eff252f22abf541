package mote.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mote.contract.EveryOperation;
import mote.contract.SmallModel;
import mote.engine.Architecture;
import mote.engine.Backend;
import mote.engine.FormulaWeights;
import mote.engine.OpenResources;
import mote.engine.Plan;
import mote.engine.Precision;
import mote.engine.profile.Costs;
import mote.engine.profile.Profile;
import mote.engine.profile.Span;
import mote.engine.profile.Work;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a profile of the CUDA engine tells: every kernel, its time and its work. */
final class CudaProfileTest {
  private static final Plan PLAN = EveryOperation.PLAN;
  private static final int POINTS = EveryOperation.POINTS;
  private static final int ITERATIONS = EveryOperation.ITERATIONS;

  private final CudaProvider provider = new CudaProvider();
  private final Profile profile = new Profile(10_000);

  @BeforeEach
  void driver() {
    boolean available = provider.unavailable() == null;
    if (!available) {
      System.out.println("skipped: " + provider.unavailable());
    }
    assumeTrue(available, "no CUDA");
  }

  @AfterEach
  void nothingLeaks() {
    assertEquals(Map.of(), OpenResources.open());
  }

  private Map<String, Profile.Row> profiled(SmallModel model, Precision precision) {
    try (FormulaWeights weights = FormulaWeights.of(model.architecture(), 3);
        Backend backend = profile.of(provider).open(weights, PLAN, precision)) {
      float[] expected = EveryOperation.run(backend, 0);
      assertEquals(List.of(), profile.rows(), "nothing is recorded before start");
      profile.start();
      assertArrayEquals(
          expected, EveryOperation.run(backend, 0), "the same bits with and without graphs");
      profile.stop();
      List<Profile.Row> rows = profile.rows();
      backend.sample(0, 1, new int[] {0}, new float[] {1, 1});
      assertEquals(rows, profile.rows(), "nothing is recorded after stop");
      return EveryOperation.rows(profile, Span.Kind.PART);
    }
  }

  private static void assertCalls(Map<String, Profile.Row> rows, Map<String, Integer> expected) {
    Map<String, Integer> calls = new LinkedHashMap<>();
    rows.forEach((name, row) -> calls.put(name, (int) row.calls()));
    assertEquals(new java.util.TreeMap<>(expected), new java.util.TreeMap<>(calls));
  }

  /** Of the kernels that both families launch as often. */
  private static Map<String, Integer> callsOfBoth() {
    Map<String, Integer> calls = new LinkedHashMap<>();
    calls.put("stem", 8);
    calls.put("normalise", 8);
    calls.put("pyramid", 8 * 3);
    calls.put("sample", 1);
    calls.put("match", 1);
    calls.put("peaks", 1);
    calls.put("similarity", 1);
    calls.put("start", 1);
    calls.put("visibility", 1);
    return calls;
  }

  /** Convolutions, counted by the launches' own geometry, are what the architecture says. */
  private static void assertEncoder(Map<String, Profile.Row> rows, SmallModel model, int bytes) {
    Work encoder = new Costs(model.architecture(), PLAN, bytes).encoder();
    double counted = rows.get("stem").operations() + rows.get("conv").operations();
    assertEquals(8 * encoder.operations(), counted, 1e-9 * counted);
  }

  @Test
  void everyKernelOfPips() {
    Map<String, Profile.Row> rows = profiled(SmallModel.PIPS, Precision.F32);
    Map<String, Integer> calls = callsOfBoth();
    calls.put("conv", 8 * 21);
    calls.put("statistics", 8 * 21);
    calls.put("resize_concat", 8);
    for (String kernel : List.of("correlate", "embed", "mixer", "update_features", "update")) {
      calls.put(kernel, ITERATIONS);
    }
    assertCalls(rows, calls);
    assertEncoder(rows, SmallModel.PIPS, 4);
    Architecture pips = SmallModel.PIPS.architecture();
    double rowsOfMixer = ITERATIONS * POINTS * 8.0;
    double width = pips.width();
    double tokens = 8.0 * pips.tokenExpansion();
    double products =
        rowsOfMixer * width * (pips.mixerInputs() + pips.mixerOutputs() / 8.0)
            + pips.depth()
                * rowsOfMixer
                * (2 * width * tokens + 2 * width * width * pips.channelExpansion());
    assertEquals(2 * products, rows.get("mixer").operations(), 1e-9 * products);
    double correlate = 2 * rowsOfMixer * pips.levels() * pips.features() * 64;
    assertEquals(correlate, rows.get("correlate").operations(), 1e-9 * correlate);
  }

  @Test
  void everyKernelOfMote() {
    Map<String, Profile.Row> rows = profiled(SmallModel.MOTE, Precision.FP16);
    Map<String, Integer> calls = callsOfBoth();
    calls.put("conv", 8 * 22);
    calls.put("statistics", 8 * 19);
    calls.put("resize_sum", 8);
    for (String kernel : List.of("correlate", "correlation_linear", "embed", "mixer", "update")) {
      calls.put(kernel, ITERATIONS);
    }
    assertCalls(rows, calls);
    assertEncoder(rows, SmallModel.MOTE, 2);
    rows.values().forEach(row -> assertTrue(row.nanos() > 0 && row.bytes() > 0, row.toString()));
  }

  /** Products count their padding: what cuBLAS is asked for. */
  @Test
  void everyStepOfTheUnfusedMixer() {
    Architecture pips = SmallModel.PIPS.architecture();
    try (FormulaWeights weights = FormulaWeights.of(pips, 3);
        Backend backend =
            profile.of(new CudaProvider(Gemm.CUBLAS)).open(weights, PLAN, Precision.FP16)) {
      profile.start();
      EveryOperation.run(backend, 0);
      profile.stop();
    }
    Map<String, Profile.Row> rows = EveryOperation.rows(profile, Span.Kind.PART);
    assertFalse(rows.containsKey("mixer"));
    int blocks = pips.depth() * ITERATIONS;
    for (String product : List.of("token1", "token2", "channel1", "channel2")) {
      assertEquals(blocks, rows.get("gemm " + product).calls(), product);
    }
    assertEquals(ITERATIONS, rows.get("gemm input").calls());
    assertEquals(ITERATIONS, rows.get("gemm head").calls());
    assertEquals(2 * blocks, rows.get("layer_norm").calls());
    assertEquals(ITERATIONS, rows.get("layer_norm_mean").calls());
    assertEquals(2 * blocks, rows.get("bias_gelu").calls());
    assertEquals(2 * ITERATIONS, rows.get("bias_rows").calls());
    double width = Packing.pitch(pips.width());
    double hidden = Packing.pitch(pips.width() * pips.channelExpansion());
    double operations = 2.0 * blocks * 8 * PLAN.points() * width * hidden;
    assertEquals(operations, rows.get("gemm channel1").operations(), 1e-9 * operations);
    rows.values().forEach(row -> assertTrue(row.nanos() > 0 && row.bytes() > 0, row.toString()));
  }

  @Test
  void pointsThatSettledCostNothingMore() {
    try (FormulaWeights weights = FormulaWeights.of(SmallModel.MOTE.architecture(), 3);
        Backend backend = profile.of(provider).open(weights, PLAN, Precision.F32)) {
      profile.start();
      EveryOperation.run(backend, 1000);
      profile.stop();
    }
    Map<String, Profile.Row> rows = EveryOperation.rows(profile, Span.Kind.PART);
    Costs costs = new Costs(SmallModel.MOTE.architecture(), PLAN, 4);
    assertEquals(ITERATIONS, rows.get("update").calls());
    assertEquals(costs.update(POINTS).operations(), rows.get("update").operations());
    assertEquals(costs.visibility(POINTS).bytes(), rows.get("visibility").bytes());
  }

  @Test
  void spansLieInsideTheirOperationsOrBehindThem() {
    profiled(SmallModel.MOTE, Precision.F32);
    List<Span> spans = new ArrayList<>(profile.spans());
    assertEquals(0, profile.dropped());
    Map<String, Profile.Row> copies = EveryOperation.rows(profile, Span.Kind.COPY);
    assertEquals(8 + 4, copies.get("upload").calls());
    assertEquals(3, copies.get("download").calls());
    Span refine =
        spans.stream()
            .filter(span -> span.kind() == Span.Kind.OPERATION && span.name().equals("refine"))
            .findFirst()
            .orElseThrow();
    assertEquals("3 points, 2 iterations", refine.detail());
    long slack = 1_000_000; // two clocks, set side by side once a call
    for (Span span : spans) {
      boolean inside =
          span.lane().equals("stream refine")
              && List.of("correlate", "mixer", "visibility").contains(span.name());
      if (inside) {
        assertTrue(span.beginNanos() >= refine.beginNanos() - slack, span.toString());
        long end = refine.beginNanos() + refine.nanos();
        assertTrue(span.beginNanos() + span.nanos() <= end + slack, span.toString());
        assertFalse(span.detail().isEmpty());
      }
    }
  }
}
