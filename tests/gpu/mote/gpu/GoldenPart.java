package mote.gpu;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.EnumSet;
import java.util.Set;
import mote.cuda.CudaProvider;
import mote.cuda.Gemm;
import mote.engine.BackendProvider;
import mote.engine.MoteException;
import mote.engine.Precision;
import mote.engine.golden.Verdict;
import mote.engine.golden.Verifier;

/** The golden packs in float32; the windows among them also as they are timed, and with cuBLAS. */
final class GoldenPart implements Part {
  /**
   * @param gemm whose products the mixer was made of
   */
  record Row(String gemm, @JsonUnwrapped Verdict verdict) {}

  @Override
  public String name() {
    return "golden";
  }

  @Override
  public Outcome run(Settings settings, Results results) {
    boolean passed = true;
    for (Gemm gemm : settings.gemms(name(), results)) {
      for (Precision precision : precisions(settings)) {
        for (String pack : settings.packs) {
          boolean window = pack.contains("window");
          if (window || precision == Precision.F32 && gemm == Gemm.FUSED) {
            Verdict verdict = verify(settings, pack, precision, new CudaProvider(gemm));
            results.row(name(), new Row(gemm.id(), verdict));
            System.out.println(verdict.line() + ", " + gemm.id());
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
