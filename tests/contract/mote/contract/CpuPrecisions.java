package mote.contract;

import java.util.List;
import mote.cpu.CpuProvider;
import mote.engine.FormulaWeights;
import mote.engine.MoteException;
import mote.engine.Plan;
import mote.engine.Precision;

/** What the CPU engine runs on this machine: bfloat16 needs a processor that multiplies it. */
final class CpuPrecisions {
  private static final String REFUSAL =
      "processor has no bfloat16 products: precision=bf16; use f32";

  private CpuPrecisions() {}

  /** Any other refusal than the processor's is an error. */
  static List<Precision> supported(CpuProvider provider) {
    try (FormulaWeights weights = FormulaWeights.of(SmallModel.MOTE_BROAD.architecture(), 1)) {
      provider.open(weights, Plan.unscaled(32, 32, 4, 8, 1), Precision.BF16).close();
      return List.of(Precision.F32, Precision.BF16);
    } catch (MoteException refused) {
      if (!refused.getMessage().equals(REFUSAL)) {
        throw refused;
      }
      System.out.println("skipped: bf16: " + REFUSAL);
      return List.of(Precision.F32);
    }
  }
}
