package mote.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a model with a fine tracker refuses, and what is left then. */
final class CoarseToFineRefusalTest extends CoarseToFineFixture {
  @Test
  void whatIsWrongWithTemplatesIsSaidOfBoth() {
    int size = SMALL.templateSize();
    float[] before = new float[size];
    both.stages().template(0, before);
    float[] broken = new float[2 * size];
    broken[2 * size - 1] = Float.NaN;
    assertEquals(
        "number is not finite: values[%d]=NaN; give finite numbers".formatted(2 * size - 1),
        refusal(() -> both.restore(2, new int[] {0, 1}, broken)));
    assertEquals(
        "array is too short: name=values, length=%d; give at least %d"
            .formatted(2 * size - 1, 2 * size),
        refusal(() -> both.restore(2, new int[] {0, 1}, new float[2 * size - 1])));
    assertEquals(
        "argument does not fit the plan: count=-1; give 1 to 3",
        refusal(() -> both.restore(-1, TEMPLATES, new float[size])));
    assertEquals(
        "array is too short: name=out, length=%d; give at least %d".formatted(size - 1, size),
        refusal(() -> both.stages().template(0, new float[size - 1])));
    float[] after = new float[size];
    both.stages().template(0, after);
    assertArrayEquals(before, after, "neither tracker's is changed");
  }

  private static String refusal(Executable call) {
    return assertThrows(IllegalArgumentException.class, call).getMessage();
  }

  @Test
  void aWorkingSizeThatTheFineTrackerCannotHaveIsRefused() {
    Plan wide = Plan.unscaled(40, 4100, 4, WINDOW, POINTS);
    MoteException refusal =
        assertThrows(MoteException.class, () -> provider.open(weights, wide, null).close());
    assertEquals(
        "working size is too large for the fine tracker: height=40, width=4100, scale=2; give at most 4096",
        refusal.getMessage());
  }

  @Test
  void whereTheFineTrackerCannotOpenTheCoarseOneIsClosed() {
    Map<String, Integer> before = OpenResources.open();
    BackendProvider halting = new Halting(provider);
    assertThrows(MoteException.class, () -> halting.open(weights, plan, null).close());
    assertEquals(before, OpenResources.open());
  }

  /** Opens coarse trackers only. */
  private record Halting(BackendProvider provider) implements BackendProvider {
    @Override
    public String name() {
      return provider.name();
    }

    @Override
    public int rank() {
      return provider.rank();
    }

    @Override
    public String unavailable() {
      return null;
    }

    @Override
    public Backend openSingle(Weights weights, Plan plan, Precision precision) {
      if (plan.height() > HEIGHT) {
        throw new MoteException("memory is short: bytes=1; give more");
      }
      return provider.openSingle(weights, plan, precision);
    }
  }

  @ParameterizedTest
  @CsvSource({"head.bias, coarse, -1", "fine.head.bias, fine, -1", "fine.head.bias, fine, 3"})
  void aTrajectoryThatIsNoNumberIsSaid(String tensor, String tracker, int compared) {
    try (Weights broken = new Endless(weights, tensor);
        Backend backend = provider.open(broken, plan, null)) {
      for (int slot = 0; slot < WINDOW; slot++) {
        backend.encode(slot, picture(slot), 6L * WIDTH);
      }
      backend.sample(0, POINTS, TEMPLATES, QUERIES);
      float[] logits = new float[WINDOW * POINTS];
      float[] other = logits.clone();
      float[] like = new float[POINTS];
      MoteException failure =
          assertThrows(
              MoteException.class,
              () ->
                  backend.refine(
                      SLOTS, POINTS, TEMPLATES, LOCKED, 1, 0, start(), logits, other, compared,
                      like));
      assertEquals(
          "trajectory is not finite: tracker=%s, place=1, value=NaN; look at the weights"
              .formatted(tracker),
          failure.getMessage());
    }
  }

  @Test
  void aFineTrackerOutOfRangeIsRefused() {
    for (int[] wrong : new int[][] {{1, 2}, {5, 2}, {2, 0}, {2, 17}}) {
      assertEquals(
          "fine tracker is out of range: scale=%d, iterations=%d; give 2 to 4 and 1 to 16"
              .formatted(wrong[0], wrong[1]),
          assertThrows(MoteException.class, () -> new Architecture.Fine(wrong[0], wrong[1]))
              .getMessage());
    }
  }

  /** A head that gives no numbers. */
  private record Endless(Weights weights, String changed) implements Weights {
    @Override
    public Architecture architecture() {
      return weights.architecture();
    }

    @Override
    public Map<String, String> metadata() {
      return weights.metadata();
    }

    @Override
    public MemorySegment tensor(String name) {
      MemorySegment tensor = weights.tensor(name);
      if (!name.equals(changed)) {
        return tensor;
      }
      MemorySegment none = Arena.ofAuto().allocate(tensor.byteSize(), 8);
      none.set(ValueLayout.JAVA_FLOAT, 0, Float.NaN);
      none.set(ValueLayout.JAVA_FLOAT, 4, Float.NaN);
      return none;
    }

    @Override
    public void close() {}
  }
}
