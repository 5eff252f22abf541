package mote.contract;

import mote.engine.BackendProvider;
import mote.engine.Precision;
import mote.engine.reference.ReferenceProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The plain-Java backend meets the golden packs. */
final class ReferenceGoldenTest implements GoldenContract {
  @Override
  public BackendProvider provider() {
    return new ReferenceProvider();
  }

  @Test
  @EnabledIfSystemProperty(
      named = "mote.slow",
      matches = "true",
      disabledReason = "takes a minute or more: mvn verify -Dmote.slow=true")
  void largeWindow() {
    assertMet("window-360x640", Precision.F32);
  }
}
