package mote.contract;

import java.util.List;
import mote.cuda.CudaProvider;
import mote.engine.BackendProvider;
import mote.engine.Precision;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The CUDA engine meets the golden packs, on a device or on the stand-in, which is slow. */
@EnabledIfSystemProperty(
    named = "mote.slow",
    matches = "true",
    disabledReason = "takes many minutes on the stand-in: mvn verify -Dmote.slow=true")
final class CudaGoldenTest implements GoldenContract {
  @Override
  public BackendProvider provider() {
    return new CudaProvider();
  }

  @Override
  public List<Precision> precisions() {
    return List.of(Precision.F32, Precision.FP16);
  }
}
