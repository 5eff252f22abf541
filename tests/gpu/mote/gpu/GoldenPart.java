package mote.gpu;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.EnumSet;
import java.util.Set;
import mote.cuda.Gemm;
import mote.engine.BackendProvider;
import mote.engine.MoteException;
import mote.engine.Precision;
import mote.engine.golden.Verdict;
import mote.engine.golden.Verifier;

/**
 * The golden packs in float32; the windows among them also as they are timed, in both forms of the
 * kernels and with cuBLAS.
 */
final class GoldenPart implements Part {
  /**
   * @param gemm whose products the mixer was made of
   * @param form which kernels ran
   */
  record Row(String gemm, String form, @JsonUnwrapped Verdict verdict) {}

  @Override
  public String name() {
    return "golden";
  }

  @Override
  public Outcome run(Settings settings, Results results) {
    boolean passed = true;
    for (MixerForm mixer : settings.mixers(name(), results)) {
      for (Precision precision : precisions(settings)) {
        for (String pack : settings.packs) {
          boolean whole = precision == Precision.F32 && mixer.gemm() == Gemm.FUSED;
          if (mixer.multiplies(precision) && (whole || pack.contains("window"))) {
            Verdict verdict = verify(settings, pack, precision, mixer.provider());
            results.row(name(), new Row(mixer.gemm().id(), mixer.form().id(), verdict));
            System.out.println(verdict.line() + ", " + mixer);
            passed &= verdict.passed();
          }
        }
      }
    }
    return passed ? Outcome.PASSED : Outcome.FAILED;
  }

  private static Set<Precision> precisions(Settings settings) {
    Set<Precision> precisions = EnumSet.of(Precision.F32);
    precisions.addAll(settings.precisions);
    return precisions;
  }

  /** As {@link Verifier#verify} with the pack's own weights. */
  private static Verdict verify(
      Settings settings, String pack, Precision precision, BackendProvider provider) {
    return Verifier.verify(settings.pack(pack), null, provider, precision);
  }

  /** Throws where a pack is missed: nothing is timed whose output is wrong. */
  static String require(
      Settings settings, String pack, Precision precision, BackendProvider provider) {
    Verdict verdict = verify(settings, pack, precision, provider);
    if (!verdict.passed()) {
      throw new MoteException(
          "output is wrong, nothing is timed: " + verdict.line() + "; run the part golden");
    }
    return verdict.line();
  }
}
