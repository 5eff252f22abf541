package mote.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import mote.cpu.CpuProvider;
import mote.engine.BackendProvider;
import mote.engine.Precision;
import org.junit.jupiter.api.AfterEach;

/** The native CPU engine keeps the contract. */
final class CpuContractTest
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
    return new CpuProvider();
  }

  @Override
  public List<Precision> precisions() {
    return CpuPrecisions.supported(new CpuProvider());
  }

  @AfterEach
  void nothingLeaksNatively() {
    assertEquals(0, CpuProvider.openEngines());
  }
}
