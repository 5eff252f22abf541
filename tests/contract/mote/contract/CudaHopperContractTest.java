package mote.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import mote.cuda.Ceilings;
import mote.cuda.CudaProvider;
import mote.cuda.Form;
import mote.cuda.Gemm;
import mote.cuda.StandInDriver;
import mote.engine.Architecture;
import mote.engine.Backend;
import mote.engine.BackendProvider;
import mote.engine.FormulaWeights;
import mote.engine.Plan;
import mote.engine.Precision;
import mote.engine.reference.ReferenceProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The Hopper form keeps the contract where it has a part: on a device of compute capability 9.0, or
 * on the stand-in, which says that it is one.
 */
final class CudaHopperContractTest implements MixerContract, SettleContract {
  private static final long SEED = 11;

  private static int before;

  @BeforeAll
  static void standInIsHopper() {
    String refusal = new CudaProvider().unavailable();
    assumeTrue(refusal == null, refusal);
    before = capability();
    if (StandInDriver.present()) {
      StandInDriver.plant("architecture", 90);
    }
    String other = Form.HOPPER.refusal(capability());
    if (other != null) {
      System.out.println("skipped: " + other);
    }
    assumeTrue(other == null, other);
  }

  @AfterAll
  static void standInIsAsItWas() {
    if (StandInDriver.present()) {
      StandInDriver.plant("architecture", before);
    }
  }

  private static int capability() {
    try (Ceilings ceilings = new Ceilings()) {
      return ceilings.device().capability();
    }
  }

  private static BackendProvider hopper() {
    return new CudaProvider(Gemm.FUSED, Form.HOPPER);
  }

  @Override
  public BackendProvider provider() {
    return hopper();
  }

  @Override
  public List<Precision> precisions() {
    return List.of(Precision.FP16);
  }

  /** More inputs, hidden columns and outputs than shared memory holds at once. */
  @Test
  void mixesAsTheReferenceWhereWide() {
    Architecture small = SmallModel.PIPS.architecture();
    Architecture wide =
        new Architecture(
            small.family(),
            "pips-wide",
            small.window(),
            small.stride(),
            72,
            small.channels(),
            small.neck(),
            small.levels(),
            small.radius(),
            0,
            0,
            small.correlationScale(),
            320,
            200,
            1,
            2,
            6,
            Double.NaN,
            3,
            0,
            null);
    int count = 17;
    Plan plan = Plan.unscaled(64, 64, 4, 8, count);
    try (FormulaWeights weights = FormulaWeights.of(wide, SEED);
        Backend reference = new ReferenceProvider().open(weights, plan, Precision.F32);
        Backend subject = hopper().open(weights, plan, Precision.FP16)) {
      float[] in = new float[count * Pair.WINDOW * wide.mixerInputs()];
      for (int i = 0; i < in.length; i++) {
        in[i] = (float) (1.5 * Math.sin(78.233 * i));
      }
      float[] expected = new float[count * wide.mixerOutputs()];
      float[] actual = new float[expected.length];
      reference.stages().mixer(count, in, expected);
      subject.stages().mixer(count, in, actual);
      Bounds.assertClose("wide mixer", expected, actual, Bounds.of(Precision.FP16).mixer());
    }
  }

  @ParameterizedTest
  @CsvSource({"PIPS, 17, 3", "MOTE, 17, 3", "MOTE_SINGLE, 5, 2"})
  void refinesAsTheReference(SmallModel model, int count, int iterations) {
    Plan plan = Plan.unscaled(67, 93, 4, 8, count);
    try (Pair pair = new Pair(hopper(), model, plan, Precision.FP16).encoded().sampled(count)) {
      float[] xy = pair.trajectories(count);
      int[] templates = Pair.counted(count);
      boolean[] locked = Refinement.alternating(count);
      Refinement expected =
          Refinement.of(pair.reference, Refinement.FRAMES, templates, locked, iterations, xy);
      Refinement actual =
          Refinement.of(pair.subject, Refinement.FRAMES, templates, locked, iterations, xy);
      Bounds.of(Precision.FP16).assertClose(model + " " + count + " points", expected, actual);
      Refinement again =
          Refinement.of(pair.subject, Refinement.FRAMES, templates, locked, iterations, xy);
      assertArrayEquals(actual.xy(), again.xy(), "same input, same bits");
    }
  }
}
