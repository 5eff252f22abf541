package mote.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import mote.engine.reference.ReferenceProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A small model with a fine tracker behind it, and its two trackers by themselves. */
abstract class CoarseToFineFixture {
  static final int HEIGHT = 40;
  static final int WIDTH = 56;
  static final int WINDOW = 8;
  static final int POINTS = 3;
  static final int SCALE = 2;
  static final int[] SLOTS = {0, 1, 2, 3, 4, 5, 6, 7};
  static final int[] TEMPLATES = {0, 1, 2};
  static final boolean[] LOCKED = {true, false, true};
  static final float[] QUERIES = {20, 11.5f, 3.25f, 30, 50, 8};

  static final Architecture SMALL =
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

  final Arena arena = Arena.ofConfined();
  final ReferenceProvider provider = new ReferenceProvider();
  final FormulaWeights weights = FormulaWeights.of(SMALL, 7);

  /** Pictures are twice as large as the working size of the coarse tracker. */
  final Plan plan = new Plan(2 * HEIGHT, 2 * WIDTH, HEIGHT, WIDTH, 4, WINDOW, POINTS);

  final Plan large =
      new Plan(2 * HEIGHT, 2 * WIDTH, SCALE * HEIGHT, SCALE * WIDTH, 4, WINDOW, POINTS);

  Backend both;
  Backend coarse;
  Backend fine;

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

  MemorySegment picture(int shift) {
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
  static float[] enlarged(float[] xy) {
    float[] out = new float[xy.length];
    for (int i = 0; i < xy.length; i++) {
      out[i] = (float) (SCALE * (xy[i] + .5) - .5);
    }
    return out;
  }

  static float[] start() {
    float[] xy = new float[WINDOW * POINTS * 2];
    for (int i = 0; i < xy.length; i++) {
      xy[i] = QUERIES[i % QUERIES.length] + (i / QUERIES.length) * .5f;
    }
    return xy;
  }
}
