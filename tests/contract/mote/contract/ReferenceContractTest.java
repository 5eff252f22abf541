package mote.contract;

import mote.engine.BackendProvider;
import mote.engine.reference.ReferenceProvider;

/** The plain-Java backend keeps the contract; its numbers are checked against the golden packs. */
final class ReferenceContractTest
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
    return new ReferenceProvider();
  }
}
