package mote.contract;

import mote.cuda.CudaProvider;
import mote.cuda.Gemm;
import mote.engine.BackendProvider;

/**
 * What the mixer has a part in, with the mixer whose products are cuBLAS's; CudaCublasTest holds it
 * against the fused one in binary16.
 */
final class CudaCublasContractTest implements MixerContract, RefineContract, SettleContract {
  @Override
  public BackendProvider provider() {
    return new CudaProvider(Gemm.CUBLAS);
  }
}
