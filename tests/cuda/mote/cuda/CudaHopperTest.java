package mote.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.BitSet;
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
            small.hop(),
            null);
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

  /** A row of 64 inputs of a parameter. */
  private record Row(String weight, int output, int input) {}

  /**
   * The rows of a slice as kernels/mixer_hopper.cu takes them: consume() by its loops, begin() of
   * expand and contract by the row of the stage.
   */
  private static List<Row> readBy(Architecture architecture, HopperPacking packing, int slice) {
    MixerNames names = new MixerNames(architecture);
    List<Row> rows = new ArrayList<>();
    contract(rows, packing, names.input(), slice * packing.inputTiles * 64, packing.inputTiles);
    for (int block = 0; block < architecture.depth(); block++) {
      for (int chunk = 0; chunk < packing.chunks; chunk++) {
        int hidden = (slice * packing.chunks + chunk) * 128;
        expand(rows, packing, names.channel1(block), hidden);
        contract(rows, packing, names.channel2(block), hidden, 2);
      }
    }
    for (int chunk = 0; chunk < packing.headChunks; chunk++) {
      expand(rows, packing, names.head(), (slice * packing.headChunks + chunk) * 128);
    }
    return rows;
  }

  /**
   * A tile of inputs meets kParts stages; warpgroup w reads its N outputs in the stage's half w.
   */
  private static void contract(
      List<Row> rows, HopperPacking packing, String name, int firstInput, int tiles) {
    int n = packing.boxRows;
    for (int tile = 0; tile < tiles; tile++) {
      for (int part = 0; part < n / 64; part++) {
        for (int warpgroup = 0; warpgroup < 2; warpgroup++) {
          for (int column = 0; column < n; column++) {
            int output = part * 2 * n + warpgroup * n + column;
            rows.add(new Row(name + ".weight", output, firstInput + 64 * tile));
          }
        }
      }
    }
  }

  /** A stage has kParts tiles of inputs, each of 64 outputs for either warpgroup. */
  private static void expand(List<Row> rows, HopperPacking packing, String name, int firstOutput) {
    int parts = packing.boxRows / 64;
    for (int tile = 0; tile < packing.widthTiles; tile += parts) {
      for (int part = 0; part < parts; part++) {
        for (int warpgroup = 0; warpgroup < 2; warpgroup++) {
          for (int column = 0; column < 64; column++) {
            int output = firstOutput + 64 * warpgroup + column;
            rows.add(new Row(name + ".weight", output, 64 * (tile + part)));
          }
        }
      }
    }
  }

  /** Every weight is in exactly one stage, in the row that the kernel takes for it. */
  @Test
  void everyWeightIsWhereTheKernelReadsItOnce() {
    List<Architecture> architectures = new ArrayList<>(List.of(Architecture.pips()));
    for (SmallModel model : SmallModel.values()) {
      architectures.add(model.architecture());
    }
    for (Architecture architecture : architectures) {
      HopperPacking packing = new HopperPacking(architecture);
      assertEquals(architecture.width() > 128 ? 128 : 64, packing.boxRows);
      Map<String, BitSet> found = new HashMap<>();
      for (int slice = 0; slice < HopperPacking.SLICES; slice++) {
        List<Row> read = readBy(architecture, packing, slice);
        List<HopperPacking.Stage> stages = packing.stages(slice);
        assertEquals(read.size(), stages.size() * packing.stageRows, "rows of slice " + slice);
        for (int i = 0; i < read.size(); i++) {
          HopperPacking.Stage stage = stages.get(i / packing.stageRows);
          int row = i % packing.stageRows;
          Row packed = new Row(stage.weight(), stage.outputOf(row), stage.inputOf(row));
          assertEquals(read.get(i), packed, "row " + row + " of stage " + i / packing.stageRows);
          note(found, architecture, packed);
        }
      }
      assertEquals(2 + 2 * architecture.depth(), found.size());
      found.forEach(
          (weight, seen) -> {
            long[] shape = architecture.shapes().get(weight);
            assertEquals(shape[0] * shape[1], seen.cardinality(), weight + " is not whole");
          });
    }
  }

  /** Of a row, the weights that the model has. */
  private static void note(Map<String, BitSet> found, Architecture architecture, Row row) {
    long[] shape = architecture.shapes().get(row.weight);
    BitSet seen = found.computeIfAbsent(row.weight, first -> new BitSet());
    for (int input = row.input; input < row.input + 64; input++) {
      if (row.output < shape[0] && input < shape[1]) {
        int index = row.output * (int) shape[1] + input;
        assertFalse(seen.get(index), row + " is packed twice");
        seen.set(index);
      }
    }
  }
}
