package mote.cuda;

import java.util.Locale;

/** Whose matrix products the mixer is made of. */
public enum Gemm {
  /**
   * The faster one as far as that was measured: the fused mixer, until a GPU has said otherwise.
   */
  AUTO,
  /** Our fused mixer. */
  FUSED,
  /**
   * cuBLAS, a product a layer, with kernels for norm and GELU between: yardstick and cross-check.
   */
  CUBLAS;

  /** The name used on the command line. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
