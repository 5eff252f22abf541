package mote.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import mote.engine.Precision;
import mote.engine.golden.Verdict;
import mote.engine.golden.Verifier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The golden packs: what PyTorch computed in double precision. */
interface GoldenContract extends Contract {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "window-small",
        "window-odd-stride8",
        "mote-window",
        "mote-window-odd",
        "mote-m-window-odd"
      })
  default void windows(String pack) {
    for (Precision precision : precisions()) {
      assertMet(pack, precision);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"chain", "mote-video", "mote-stream", "mote-m-video", "mote-m-stream"})
  default void videos(String pack) {
    assertMet(pack, Precision.F32);
  }

  default void assertMet(String pack, Precision precision) {
    Path path = Path.of("tests/golden", pack + ".safetensors");
    Verdict verdict = Verifier.verify(path, null, provider(), precision);
    System.out.println(verdict.line());
    assertTrue(verdict.passed(), verdict::line);
    boolean staged = pack.contains("window") && !pack.equals("window-360x640");
    long templates =
        verdict.stages().stream().filter(stage -> stage.name().startsWith("template.")).count();
    assertEquals(
        !staged || !pack.startsWith("mote") ? 0 : pack.startsWith("mote-m") ? 8 : 4, templates);
    assertFalse(staged && verdict.stages().size() < 5, "stages were left out");
  }
}
