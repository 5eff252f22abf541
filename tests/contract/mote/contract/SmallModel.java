package mote.contract;

import java.util.List;
import mote.engine.Architecture;
import mote.engine.Architecture.Family;
import mote.engine.Architecture.Fine;

/** Small models of both families; widths are no multiples of 16, so that vector tails are met. */
public enum SmallModel {
  PIPS(pips(24, List.of(8, 16, 24, 40), 40, 4, 3, 32, 40, 2, 4, 4)),
  PIPS_SHALLOW(pips(40, List.of(24, 8, 16, 8), 8, 2, 2, 5, 72, 1, 1, 2)),
  MOTE(mote(24, List.of(8, 16, 24, 40), 4, 3, 1, 13, 4, 6, 40, 2, 4, 4)),
  MOTE_SINGLE(mote(40, List.of(24, 8, 16, 8), 3, 2, 0, 9, 1.5, 3, 72, 1, 1, 2)),
  MOTE_BROAD(mote(8, List.of(16, 16, 8, 8), 2, 4, 2, 16, 4, 1, 8, 3, 2, 1)),
  MOTE_FINE(mote(24, List.of(8, 16, 8, 24), 2, 3, 1, 9, 4, 3, 40, 1, 2, 2).with(new Fine(2, 2)));

  private final Architecture architecture;

  SmallModel(Architecture architecture) {
    this.architecture = architecture;
  }

  public Architecture architecture() {
    return architecture;
  }

  private static Architecture pips(
      int features,
      List<Integer> channels,
      int neck,
      int levels,
      int radius,
      int frequencies,
      int width,
      int depth,
      int tokenExpansion,
      int channelExpansion) {
    return new Architecture(
        Family.PIPS,
        "pips-contract",
        8,
        4,
        features,
        channels,
        neck,
        levels,
        radius,
        0,
        0,
        1 / Math.sqrt(features),
        frequencies,
        width,
        depth,
        tokenExpansion,
        channelExpansion,
        Double.NaN,
        3,
        0,
        null);
  }

  private static Architecture mote(
      int features,
      List<Integer> channels,
      int levels,
      int radius,
      int support,
      int correlationWidth,
      double correlationScale,
      int frequencies,
      int width,
      int depth,
      int tokenExpansion,
      int channelExpansion) {
    return new Architecture(
        Family.MOTE,
        "mote-contract",
        8,
        4,
        features,
        channels,
        0,
        levels,
        radius,
        support,
        correlationWidth,
        correlationScale,
        frequencies,
        width,
        depth,
        tokenExpansion,
        channelExpansion,
        12,
        3,
        4,
        null);
  }
}
