package mote.contract;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import mote.engine.Backend;
import mote.engine.Plan;
import mote.engine.profile.Profile;
import mote.engine.profile.Span;

/** A few points through every operation of a backend, for tests of profiles. */
public final class EveryOperation {
  /** Frames are made smaller. */
  public static final Plan PLAN = new Plan(64, 80, 48, 64, 4, 8, 4);

  public static final int POINTS = 3;
  public static final int ITERATIONS = 2;

  private EveryOperation() {}

  /** A window encoded, points sampled, matched and refined: where they are. */
  public static float[] run(Backend backend, float settle) {
    int window = backend.architecture().window();
    int[] slots = new int[window];
    Arrays.setAll(slots, s -> s);
    int[] templates = {0, 1, 2};
    float[] places = {10, 12, 30, 20, 50, 40};
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment picture = arena.allocate(3L * PLAN.sourceHeight() * PLAN.sourceWidth());
      for (int slot : slots) {
        for (long i = 0; i < picture.byteSize(); i++) {
          picture.set(ValueLayout.JAVA_BYTE, i, (byte) ((i / 3 + slot) * (i % 3 + 7) % 251));
        }
        backend.encode(slot, picture, 3L * PLAN.sourceWidth());
      }
    }
    backend.sample(0, POINTS, templates, places);
    backend.match(1, POINTS, templates, new float[2 * POINTS], new float[2 * POINTS]);
    backend.similarity(1, POINTS, templates, places, new float[POINTS]);
    float[] xy = new float[2 * window * POINTS];
    for (int s = 0; s < window; s++) {
      System.arraycopy(places, 0, xy, 2 * POINTS * s, 2 * POINTS);
    }
    float[] logits = new float[window * POINTS];
    backend.refine(
        slots,
        POINTS,
        templates,
        new boolean[] {true, true, true},
        ITERATIONS,
        settle,
        xy,
        logits,
        logits.clone());
    return xy;
  }

  /** A profile by names. */
  public static Map<String, Profile.Row> rows(Profile profile, Span.Kind kind) {
    Map<String, Profile.Row> rows = new LinkedHashMap<>();
    profile.rows().stream()
        .filter(row -> row.kind() == kind)
        .forEach(row -> rows.put(row.name(), row));
    return rows;
  }
}
