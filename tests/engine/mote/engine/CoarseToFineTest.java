package mote.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import mote.engine.profile.Profile;
import mote.engine.reference.ReferenceProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A model with a fine tracker is two models, one behind the other. */
final class CoarseToFineTest {
  private static final int HEIGHT = 40;
  private static final int WIDTH = 56;
  private static final int WINDOW = 8;
  private static final int POINTS = 3;
  private static final int SCALE = 2;
  private static final int[] SLOTS = {0, 1, 2, 3, 4, 5, 6, 7};
  private static final int[] TEMPLATES = {0, 1, 2};
  private static final boolean[] LOCKED = {true, false, true};
  private static final float[] QUERIES = {20, 11.5f, 3.25f, 30, 50, 8};

  private static final Architecture SMALL =
      new Architecture(
          Architecture.Family.MOTE,
          "small",
          WINDOW,
          4,
          16,
          List.of(8, 8, 8, 16),
          0,
          2,
          3,
          1,
          8,
          4,
          2,
          24,
          1,
          2,
          2,
          12,
          3,
          4,
          new Architecture.Fine(SCALE, 2));

  private final Arena arena = Arena.ofConfined();
  private final ReferenceProvider provider = new ReferenceProvider();
  private final FormulaWeights weights = FormulaWeights.of(SMALL, 7);

  /** Pictures are twice as large as the working size of the coarse tracker. */
  private final Plan plan = new Plan(2 * HEIGHT, 2 * WIDTH, HEIGHT, WIDTH, 4, WINDOW, POINTS);

  private final Plan large =
      new Plan(2 * HEIGHT, 2 * WIDTH, SCALE * HEIGHT, SCALE * WIDTH, 4, WINDOW, POINTS);

  private Backend both;
  private Backend coarse;
  private Backend fine;

  @BeforeEach
  void open() {
    both = provider.open(weights, plan, null);
    coarse = provider.openSingle(PartOfWeights.coarse(weights), plan, null);
    fine = provider.openSingle(PartOfWeights.fine(weights), large, null);
    for (int slot = 0; slot < WINDOW; slot++) {
      MemorySegment picture = picture(slot);
      for (Backend backend : List.of(both, coarse, fine)) {
        backend.encode(slot, picture, 6L * WIDTH);
      }
    }
    both.sample(0, POINTS, TEMPLATES, QUERIES);
    coarse.sample(0, POINTS, TEMPLATES, QUERIES);
    fine.sample(0, POINTS, TEMPLATES, enlarged(QUERIES));
  }

  @AfterEach
  void close() {
    both.close();
    coarse.close();
    fine.close();
    weights.close();
    arena.close();
    assertEquals(Map.of(), OpenResources.open());
  }

  private MemorySegment picture(int shift) {
    MemorySegment picture = arena.allocate(12L * HEIGHT * WIDTH);
    for (int i = 0; i < 12 * HEIGHT * WIDTH; i++) {
      int x = i / 3 % (2 * WIDTH) + shift;
      int y = i / 3 / (2 * WIDTH);
      double value = 127 + 60 * Math.sin(x * .31 + i % 3) + 60 * Math.cos(y * .23 + x * .05);
      picture.set(ValueLayout.JAVA_BYTE, i, (byte) value);
    }
    return picture;
  }

  /** Pixel centres at integers: the picture's edges lie at -0.5 and at its size less 0.5. */
  private static float[] enlarged(float[] xy) {
    float[] out = new float[xy.length];
    for (int i = 0; i < xy.length; i++) {
      out[i] = (float) (SCALE * (xy[i] + .5) - .5);
    }
    return out;
  }

  private static float[] start() {
    float[] xy = new float[WINDOW * POINTS * 2];
    for (int i = 0; i < xy.length; i++) {
      xy[i] = QUERIES[i % QUERIES.length] + (i / QUERIES.length) * .5f;
    }
    return xy;
  }

  @Test
  void theFineTrackerBeginsWhereTheCoarseOneEnds() {
    float[] xy = start();
    float[] visibility = new float[WINDOW * POINTS];
    float[] confidence = new float[WINDOW * POINTS];
    float[] similarity = new float[POINTS];
    int most =
        both.refine(
            SLOTS, POINTS, TEMPLATES, LOCKED, 3, 0, xy, visibility, confidence, 5, similarity);

    float[] first = start();
    float[][] logits = new float[4][WINDOW * POINTS];
    coarse.refine(SLOTS, POINTS, TEMPLATES, LOCKED, 3, 0, first, logits[0], logits[1]);
    float[] second = enlarged(first);
    fine.refine(SLOTS, POINTS, TEMPLATES, LOCKED, 2, 0, second, logits[2], logits[3]);
    assertEquals(3, most);
    for (int i = 0; i < xy.length; i++) {
      assertEquals((second[i] + .5) / SCALE - .5, xy[i], 1e-4);
    }
    assertNotEquals(first[9], xy[9], 1e-3f, "the fine tracker moves nothing");
    for (int i = 0; i < visibility.length; i++) {
      assertEquals((logits[0][i] + logits[2][i]) / 2, visibility[i], 1e-5);
      assertEquals((logits[1][i] + logits[3][i]) / 2, confidence[i], 1e-5);
    }
    float[] there = Arrays.copyOfRange(xy, 5 * POINTS * 2, 6 * POINTS * 2);
    float[] expected = new float[POINTS];
    coarse.similarity(5, POINTS, TEMPLATES, there, expected);
    assertArrayEquals(expected, similarity);
    assertArrayEquals(
        new float[] {QUERIES[0], QUERIES[1]}, new float[] {xy[0], xy[1]}, 1e-5f, "locked");
  }

  @Test
  void whatHasSettledIsRefinedOnceByEach() {
    float[] xy = start();
    float[] logits = new float[WINDOW * POINTS];
    int most =
        both.refine(SLOTS, POINTS, TEMPLATES, LOCKED, 3, Plan.LARGEST, xy, logits, logits.clone());
    float[] first = start();
    coarse.refine(SLOTS, POINTS, TEMPLATES, LOCKED, 1, 0, first, logits, logits.clone());
    float[] second = enlarged(first);
    fine.refine(SLOTS, POINTS, TEMPLATES, LOCKED, 1, 0, second, logits, logits.clone());
    assertEquals(1, most);
    for (int i = 0; i < xy.length; i++) {
      assertEquals((second[i] + .5) / SCALE - .5, xy[i], 1e-4);
    }
  }

  @Test
  void templatesOfBothAreReadAndTakenBack() {
    int size = SMALL.templateSize() / 2;
    float[] all = new float[2 * size];
    float[] half = new float[size];
    both.stages().template(1, all);
    coarse.stages().template(1, half);
    assertArrayEquals(half, Arrays.copyOf(all, size));
    fine.stages().template(1, half);
    assertArrayEquals(half, Arrays.copyOfRange(all, size, 2 * size));
    float[] two = new float[4 * size];
    both.stages().template(2, all);
    System.arraycopy(all, 0, two, 0, 2 * size);
    both.stages().template(0, all);
    System.arraycopy(all, 0, two, 2 * size, 2 * size);
    both.restore(2, new int[] {0, 1}, two);
    float[] back = new float[2 * size];
    both.stages().template(1, back);
    assertArrayEquals(all, back);
    both.stages().template(0, back);
    assertArrayEquals(Arrays.copyOf(two, 2 * size), back);
  }

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
  void farOutsideIsTheBorderForBoth() {
    both.sample(0, 1, TEMPLATES, new float[] {3e38f, -3e38f});
    float[] far = new float[SMALL.templateSize()];
    both.stages().template(0, far);
    both.sample(0, 1, TEMPLATES, new float[] {WIDTH + 99, -99});
    float[] border = new float[SMALL.templateSize()];
    both.stages().template(0, border);
    assertArrayEquals(border, far, 1e-6f);
  }

  /** The threshold is in working pixels of the coarse tracker, for both. */
  @Test
  void settlingIsMeasuredInTheSamePixels() {
    int[] template = {1};
    boolean[] free = {false};
    float[] first = alone(start());
    float[] logits = new float[WINDOW];
    coarse.refine(SLOTS, 1, template, free, 1, 0, first, logits, logits.clone());
    float[] once = enlarged(first);
    fine.refine(SLOTS, 1, template, free, 1, 0, once, logits, logits.clone());
    float[] twice = enlarged(first);
    float largest = 0;
    for (int i = 0; i < once.length; i++) {
      largest = Math.max(largest, Math.abs(once[i] - twice[i]));
    }
    fine.refine(SLOTS, 1, template, free, 2, 0, twice, logits, logits.clone());
    for (float share : new float[] {.99f, 1.01f}) {
      float[] xy = alone(start());
      float settle = share * largest / SCALE;
      both.refine(SLOTS, 1, template, free, 1, settle, xy, logits, logits.clone());
      float[] expected = share < 1 ? twice : once;
      for (int i = 0; i < xy.length; i++) {
        assertEquals((expected[i] + .5) / SCALE - .5, xy[i], 1e-4, "share " + share);
      }
    }
    assertNotEquals(once[5], twice[5], 1e-3f);
  }

  /** Point 1 of (S, POINTS, 2). */
  private static float[] alone(float[] xy) {
    float[] out = new float[WINDOW * 2];
    for (int s = 0; s < WINDOW; s++) {
      System.arraycopy(xy, 2 * (s * POINTS + 1), out, 2 * s, 2);
    }
    return out;
  }

  @Test
  void lostPointsAreLookedForByTheCoarseTracker() {
    float[][] places = new float[2][2 * POINTS];
    float[][] fit = new float[2][2 * POINTS];
    both.match(3, POINTS, TEMPLATES, places[0], fit[0]);
    coarse.match(3, POINTS, TEMPLATES, places[1], fit[1]);
    assertArrayEquals(places[1], places[0]);
    assertArrayEquals(fit[1], fit[0]);
  }

  @Test
  void itSaysWhatItIs() {
    assertEquals(SMALL, both.architecture());
    assertEquals(plan, both.plan());
    assertEquals(coarse.bytes() + fine.bytes(), both.bytes());
    assertEquals(coarse.description() + "; a fine tracker at 112x80 behind it", both.description());
    assertEquals(2 * SMALL.single().parameters(), SMALL.parameters());
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

  @Test
  void aProfileTellsTheTwoApart() {
    Profile profile = new Profile(100);
    profile.start();
    try (Backend profiled = profile.of(provider).open(weights, plan, null)) {
      for (int slot = 0; slot < WINDOW; slot++) {
        profiled.encode(slot, picture(slot), 6L * WIDTH);
      }
      profiled.sample(0, POINTS, TEMPLATES, QUERIES);
      float[] logits = new float[WINDOW * POINTS];
      profiled.refine(SLOTS, POINTS, TEMPLATES, LOCKED, 3, 0, start(), logits, logits.clone());
    }
    assertEquals(both.description(), profile.description());
    Map<String, Profile.Row> rows =
        profile.rows().stream().collect(Collectors.toMap(Profile.Row::name, row -> row));
    assertEquals(
        Set.of("encode", "fine encode", "sample", "fine sample", "refine", "fine refine"),
        rows.keySet());
    assertEquals(WINDOW, rows.get("encode").calls());
    assertEquals(WINDOW, rows.get("fine encode").calls());
    double more = rows.get("fine encode").operations() / rows.get("encode").operations();
    assertEquals(SCALE * SCALE, more, .2);
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
