package mote.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import mote.engine.profile.Profile;
import org.junit.jupiter.api.Test;

/** A model with a fine tracker is two models, one behind the other. */
final class CoarseToFineTest extends CoarseToFineFixture {
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
}
