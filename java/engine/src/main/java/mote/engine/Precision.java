package mote.engine;

/** Operand type of matrix products and convolutions; everything else is float32. */
public enum Precision {
  F32,
  BF16,
  FP16;

  /** The name used on the command line and in JSON. */
  public String id() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
