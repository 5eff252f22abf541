package mote.cuda;

import mote.engine.Architecture;

/** How the weight files of each family call the mixer's layers, without ".weight" and ".bias". */
record MixerNames(Architecture architecture) {
  private static final String PIPS = "delta_block.to_delta.";

  private boolean pips() {
    return architecture.family() == Architecture.Family.PIPS;
  }

  String input() {
    return pips() ? PIPS + 0 : "inp";
  }

  /** The bias of each frame, (S, width), a parameter by itself; null where there is none. */
  String frameBias() {
    return pips() ? null : "temb";
  }

  String norm1(int block) {
    return pips() ? PIPS + (block + 1) + ".0.norm" : "mix." + block + ".n1";
  }

  String token1(int block) {
    return pips() ? PIPS + (block + 1) + ".0.fn.0" : "mix." + block + ".t1";
  }

  String token2(int block) {
    return pips() ? PIPS + (block + 1) + ".0.fn.3" : "mix." + block + ".t2";
  }

  String norm2(int block) {
    return pips() ? PIPS + (block + 1) + ".1.norm" : "mix." + block + ".n2";
  }

  String channel1(int block) {
    return pips() ? PIPS + (block + 1) + ".1.fn.0" : "mix." + block + ".f1";
  }

  String channel2(int block) {
    return pips() ? PIPS + (block + 1) + ".1.fn.3" : "mix." + block + ".f2";
  }

  /** Of the norm before the head. */
  String norm() {
    return pips() ? PIPS + (architecture.depth() + 1) : "nrm";
  }

  String head() {
    return pips() ? PIPS + (architecture.depth() + 3) : "head";
  }

  /** Outputs of the head in a row: pips all frames of a point, mote one frame. */
  int outputs() {
    return pips() ? architecture.mixerOutputs() : 4;
  }
}
