package mote.contract;

import java.util.List;
import mote.cuda.CudaProvider;
import mote.engine.BackendProvider;
import mote.engine.Precision;

/** The CUDA engine keeps the contract, on a device or on the stand-in ({@code MOTE_CUDA=simt}). */
final class CudaContractTest
    implements EncodeContract,
        SampleContract,
        CorrelateContract,
        MixerContract,
        RefineContract,
        SettleContract,
        MatchContract,
        LiveContract,
        LifecycleContract {
  @Override
  public BackendProvider provider() {
    return new CudaProvider();
  }

  @Override
  public List<Precision> precisions() {
    return List.of(Precision.F32, Precision.FP16);
  }
}
