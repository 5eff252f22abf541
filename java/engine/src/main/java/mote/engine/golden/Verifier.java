package mote.engine.golden;

import java.nio.file.Path;
import mote.engine.BackendProvider;
import mote.engine.MoteException;
import mote.engine.Precision;
import mote.engine.Weights;

/** Checks backends against golden packs. */
public final class Verifier {
  private Verifier() {}

  /**
   * Runs a pack's clip and compares.
   *
   * @param weights stay owned by the caller; null for those that the pack was made with
   * @param precision null for the backend's default
   * @return the distances, whether within tolerance or not; or why the pack was skipped: no
   *     tolerance is defined for its kind at this precision
   * @throws MoteException if the pack cannot be read or the model cannot be run
   */
  public static Verdict verify(
      Path path, Weights weights, BackendProvider provider, Precision precision) {
    try (GoldenPack pack = GoldenPack.open(path)) {
      if (weights != null) {
        return verify(pack, weights, provider, precision);
      }
      try (Weights own = pack.weights()) {
        return verify(pack, own, provider, precision);
      }
    }
  }

  private static Verdict verify(
      GoldenPack pack, Weights weights, BackendProvider provider, Precision precision) {
    if (weights.architecture().family() != pack.architecture().family()) {
      throw new MoteException(
          "weights are of another family than the pack: pack=%s, family=%s, weights=%s; give weights of that family"
              .formatted(
                  pack.name(),
                  pack.architecture().family().id(),
                  weights.architecture().family().id()));
    }
    try {
      return switch (pack.kind()) {
        case "window" -> new WindowCheck(pack).run(weights, provider, precision);
        case "chain", "stream" -> new ChainCheck(pack).run(weights, provider, precision);
        default ->
            throw new MoteException(
                "pack's kind is unknown: pack=%s, kind=%s; give window, chain or stream"
                    .formatted(pack.name(), pack.kind()));
      };
    } catch (IllegalArgumentException refused) {
      throw new MoteException(
          "pack does not fit its model: pack=%s, cause=%s; make the pack anew"
              .formatted(pack.name(), refused.getMessage().replace(';', ',')),
          refused);
    }
  }
}
