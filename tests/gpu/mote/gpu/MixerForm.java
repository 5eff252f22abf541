package mote.gpu;

import mote.cuda.CudaProvider;
import mote.cuda.Form;
import mote.cuda.Gemm;
import mote.engine.Precision;

/**
 * A mixer: whose matrix products it is made of, and which kernels run.
 *
 * @param form of cuBLAS's always the portable one
 */
record MixerForm(Gemm gemm, Form form) {
  /** Whether it multiplies operands of that precision: the Hopper form has binary16 alone. */
  boolean multiplies(Precision precision) {
    return form != Form.HOPPER || precision == Precision.FP16;
  }

  CudaProvider provider() {
    return new CudaProvider(gemm, form);
  }

  @Override
  public String toString() {
    return gemm.id() + " " + form.id();
  }
}
