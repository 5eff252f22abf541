package mote.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import mote.contract.SmallModel;
import mote.engine.Architecture;
import mote.engine.Backend;
import mote.engine.FormulaWeights;
import mote.engine.MoteException;
import mote.engine.OpenResources;
import mote.engine.Plan;
import mote.engine.Precision;
import mote.engine.golden.Distance;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The choice of the Hopper form, its weights' order, and the form beside the portable one. */
final class CudaHopperTest {
  private static final Plan PLAN = Plan.unscaled(32, 48, 4, 8, 19);

  /** Sums in another order; now and then a hidden value is rounded to its neighbour, 2^-11 off. */
  private static final double TOLERANCE = 0.01;

  @BeforeEach
  void standInOnly() {
    StandInDriver.assume("devices are made up");
  }

  @AfterEach
  void asItWas() {
    System.clearProperty(Form.PROPERTY);
    if (StandInDriver.present()) {
      StandInDriver.plant("architecture", 80);
    }
    assertEquals(Map.of(), OpenResources.open());
  }

  private static void assertRefused(String message, CudaProvider provider, Precision precision) {
    try (FormulaWeights weights = FormulaWeights.of(SmallModel.MOTE.architecture(), 1)) {
      MoteException refusal =
          assertThrows(MoteException.class, () -> provider.open(weights, PLAN, precision).close());
      assertEquals(message, refusal.getMessage());
    }
  }

  @Test
  void otherDevicesAndPrecisionsAreRefused() {
    CudaProvider hopper = new CudaProvider(Gemm.AUTO, Form.HOPPER);
    assertRefused(
        "Hopper kernels need a Hopper device: compute_capability=8.0, needed=9.0; give mote.cuda.form=portable",
        hopper,
        Precision.FP16);
    StandInDriver.plant("architecture", 90);
    assertRefused(
        "Hopper kernels multiply binary16 alone: precision=f32; use fp16, or mote.cuda.form=portable",
        hopper,
        Precision.F32);
    assertRefused(
        "mixer cannot be in both forms: gemm=cublas, mote.cuda.form=hopper; leave one out",
        new CudaProvider(Gemm.CUBLAS, Form.HOPPER),
        Precision.FP16);
  }

  @Test
  void wideMixersAreRefused() {
    StandInDriver.plant("architecture", 90);
    Architecture small = SmallModel.MOTE_BROAD.architecture();
    Architecture wide =
        new Architecture(
            small.family(),
            "mote-wide",
            small.window(),
            small.stride(),
            small.features(),
            small.channels(),
            small.neck(),
            small.levels(),
            small.radius(),
            small.support(),
            small.correlationWidth(),
            small.correlationScale(),
            small.frequencies(),
            520,
            1,
            1,
            1,
            small.confidencePx(),
            small.iterations(),
            small.hop());
    try (FormulaWeights weights = FormulaWeights.of(wide, 1)) {
      CudaProvider hopper = new CudaProvider(Gemm.AUTO, Form.HOPPER);
      MoteException refusal =
          assertThrows(
              MoteException.class, () -> hopper.open(weights, PLAN, Precision.FP16).close());
      assertEquals(
          "mixer is too wide for the Hopper kernels: width=520, most=512; give mote.cuda.form=portable",
          refusal.getMessage());
    }
  }

  @Test
  void propertyChoosesTheForm() {
    StandInDriver.plant("architecture", 90);
    assertEquals(Form.AUTO, Form.chosen());
    System.setProperty(Form.PROPERTY, "fast");
    assertRefused(
        "form of the CUDA kernels is unknown: mote.cuda.form=fast; give auto, portable or hopper",
        new CudaProvider(),
        Precision.FP16);
    try (FormulaWeights weights = FormulaWeights.of(SmallModel.MOTE.architecture(), 1)) {
      for (Form form : Form.values()) {
        System.setProperty(Form.PROPERTY, form.id());
        try (Backend backend = new CudaProvider().open(weights, PLAN, Precision.FP16)) {
          assertEquals(
              form == Form.HOPPER,
              backend.description().endsWith(", mixer for Hopper"),
              backend.description());
        }
      }
    }
  }

  @Test
  void bothFormsAgree() {
    StandInDriver.plant("architecture", 90);
    for (SmallModel model : List.of(SmallModel.PIPS, SmallModel.MOTE)) {
      try (FormulaWeights weights = FormulaWeights.of(model.architecture(), 3)) {
        float[] portable = mix(weights, Form.PORTABLE);
        float[] hopper = mix(weights, Form.HOPPER);
        Distance distance = Distance.of(portable, hopper);
        assertTrue(distance.within(TOLERANCE, TOLERANCE), model + " is off by " + distance.worst());
        assertTrue(distance.worst() > 0, "sums in the same order: the form did not run");
      }
    }
  }

  private static float[] mix(FormulaWeights weights, Form form) {
    Architecture architecture = weights.architecture();
    int count = PLAN.points();
    float[] in = new float[count * 8 * architecture.mixerInputs()];
    for (int i = 0; i < in.length; i++) {
      in[i] = (float) Math.sin(12.9898 * i);
    }
    float[] out = new float[count * architecture.mixerOutputs()];
    try (Backend backend = new CudaProvider(Gemm.FUSED, form).open(weights, PLAN, Precision.FP16)) {
      backend.stages().mixer(count, in, out);
    }
    return out;
  }

  /** Every weight of pips is in the slices' stages exactly once. */
  @Test
  void stagesHoldEveryWeightOnce() {
    Architecture architecture = Architecture.pips();
    HopperPacking packing = new HopperPacking(architecture);
    assertEquals(128, packing.boxRows);
    Map<String, Long> found = new HashMap<>();
    Map<String, long[]> shapes = architecture.shapes();
    int stages = 0;
    for (int slice = 0; slice < HopperPacking.SLICES; slice++) {
      for (HopperPacking.Stage stage : packing.stages(slice)) {
        long[] shape = shapes.get(stage.weight());
        for (int row = 0; row < packing.stageRows; row++) {
          long columns = Math.min(HopperPacking.TILE, shape[1] - stage.inputOf(row));
          if (stage.outputOf(row) < shape[0] && columns > 0) {
            found.merge(stage.weight(), columns, Long::sum);
          }
        }
        stages++;
      }
    }
    assertEquals(4 * (3 * 2 + 12 * 4 * (4 + 4) + 3 * 4), stages);
    assertEquals(2 + 2 * architecture.depth(), found.size());
    found.forEach(
        (weight, count) -> assertEquals(shapes.get(weight)[0] * shapes.get(weight)[1], count));
  }
}
