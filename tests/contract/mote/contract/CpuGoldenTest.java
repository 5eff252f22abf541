package mote.contract;

import java.util.List;
import mote.cpu.CpuProvider;
import mote.engine.BackendProvider;
import mote.engine.Precision;
import org.junit.jupiter.api.Test;

/** The native CPU engine meets the golden packs. */
final class CpuGoldenTest implements GoldenContract {
  @Override
  public BackendProvider provider() {
    return new CpuProvider();
  }

  @Override
  public List<Precision> precisions() {
    return CpuPrecisions.supported(new CpuProvider());
  }

  @Test
  void largeWindow() {
    for (Precision precision : precisions()) {
      assertMet("window-360x640", precision);
    }
  }
}
