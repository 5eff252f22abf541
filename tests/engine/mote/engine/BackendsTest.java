package mote.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Choosing a backend is explicit and spoken. */
class BackendsTest {
  private record Fake(String name, int rank, String unavailable) implements BackendProvider {
    @Override
    public Backend openSingle(Weights weights, Plan plan, Precision precision) {
      throw new AssertionError("choosing opens nothing");
    }
  }

  private static final Fake CUDA = new Fake("cuda", 30, "no device: count=0; plug one in");
  private static final Fake CPU = new Fake("cpu", 20, null);
  private static final Fake REFERENCE = new Fake("reference", 10, null);

  private final List<String> lines = new ArrayList<>();

  private BackendProvider choose(String name, Fake... providers) {
    return Backends.choose(name, List.of(providers), lines::add);
  }

  @Test
  void autoSaysWhatItTookAndWhyNotTheOthers() {
    assertSame(CPU, choose("auto", CUDA, CPU, REFERENCE));
    assertSame(REFERENCE, choose("auto", CUDA, REFERENCE));
    assertEquals(
        List.of(
            "backend: cpu; not cuda: no device: count=0; plug one in",
            "backend: reference (plain Java: the slow one); not cuda: no device: count=0; plug one in"),
        lines);
  }

  @Test
  void askedForAndMissingIsAnError() {
    assertSame(REFERENCE, choose("reference", CUDA, CPU, REFERENCE));
    assertMessage("no device: count=0; plug one in", "cuda", CUDA, CPU);
    assertMessage(
        "backend is not part of this build: backend=tpu; use cuda, cpu or auto", "tpu", CUDA, CPU);
    assertMessage(
        "no backend can be used here: tried=cuda; not cuda: no device: count=0; plug one in",
        "auto",
        CUDA);
    assertEquals(List.of(), lines);
  }

  private void assertMessage(String expected, String name, Fake... providers) {
    assertEquals(
        expected, assertThrows(MoteException.class, () -> choose(name, providers)).getMessage());
  }

  @Test
  void theReferenceIsAlwaysThere() {
    List<String> names = Backends.all().stream().map(BackendProvider::name).toList();
    assertEquals("reference", names.getLast());
    assertSame(null, Backends.all().getLast().unavailable());
  }
}
