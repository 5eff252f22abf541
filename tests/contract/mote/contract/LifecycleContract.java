package mote.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import mote.engine.Backend;
import mote.engine.FormulaWeights;
import mote.engine.MoteException;
import mote.engine.Plan;
import mote.engine.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Opening, closing, and what a backend refuses. */
interface LifecycleContract extends Contract {
  @ParameterizedTest
  @EnumSource(
      value = SmallModel.class,
      names = {"PIPS", "MOTE", "MOTE_FINE"})
  default void saysWhatItIs(SmallModel model) {
    try (Pair pair = Pair.of(provider(), model, 48, 64, 3)) {
      assertEquals(provider().name(), pair.subject.name());
      assertEquals(model.architecture(), pair.subject.architecture());
      assertEquals(pair.plan, pair.subject.plan());
      assertEquals(Precision.F32, pair.subject.precision());
      assertFalse(pair.subject.description().isBlank());
      assertTrue(pair.subject.bytes() >= 4 * pair.architecture.parameters());
    }
  }

  @Test
  default void afterCloseNothingWorksAndASecondCloseDoesNothing() {
    try (Pair pair = Pair.of(provider(), SmallModel.MOTE, 48, 64, 2).encoded().sampled(2)) {
      Backend backend = pair.subject;
      Backend.Stages stages = backend.stages();
      backend.close();
      backend.close();
      float[] many = new float[100_000];
      int[] two = {0, 1};
      int[] slots = Refinement.FRAMES;
      boolean[] locked = new boolean[2];
      Map<String, Executable> calls = new LinkedHashMap<>();
      calls.put("encode", () -> backend.encode(0, pair.clip.frame(0), pair.clip.row()));
      calls.put("sample", () -> backend.sample(0, 2, two, many));
      calls.put("match", () -> backend.match(0, 2, two, many, many));
      calls.put("similarity", () -> backend.similarity(0, 2, two, many, many));
      calls.put("restore", () -> backend.restore(2, two, many));
      calls.put("refine", () -> backend.refine(slots, 2, two, locked, 1, 0, many, many, many));
      calls.put("stages", backend::stages);
      calls.put("features", () -> stages.features(0, 0, many));
      calls.put("template", () -> stages.template(0, many));
      calls.put("correlate", () -> stages.correlate(slots, 2, two, many, null, many));
      calls.put("mixerInput", () -> stages.mixerInput(slots, 2, two, many, null, many));
      calls.put("mixer", () -> stages.mixer(2, many, many));
      calls.forEach(
          (name, call) -> {
            String message = assertThrows(IllegalStateException.class, call, name).getMessage();
            assertTrue(message.contains(" is closed: "), message);
          });
    }
  }

  /** A backend may copy its weights or read them where they lie: neither may crash. */
  @ParameterizedTest
  @EnumSource(
      value = SmallModel.class,
      names = {"PIPS", "MOTE", "MOTE_FINE"})
  default void weightsThatAreClosedFirstAreNotRead(SmallModel model) {
    Plan plan = Plan.unscaled(48, 64, 4, 8, 1);
    FormulaWeights weights = FormulaWeights.of(model.architecture(), 1);
    try (Backend backend = provider().open(weights, plan, Precision.F32);
        Clip clip = new Clip(plan)) {
      for (int slot = 0; slot < 8; slot++) {
        backend.encode(slot, clip.frame(slot), clip.row());
      }
      backend.sample(0, 1, new int[] {0}, new float[] {30, 20});
      weights.close();
      float[] xy = new float[16];
      float[] logits = new float[8];
      try {
        backend.refine(
            Refinement.FRAMES,
            1,
            new int[] {0},
            new boolean[] {true},
            1,
            0,
            xy,
            logits,
            logits.clone());
      } catch (IllegalStateException closed) {
        assertTrue(closed.getMessage().contains("weights are closed: "), closed.getMessage());
        assertTrue(closed.getMessage().endsWith("; close the backend before them"));
      }
    }
  }

  @Test
  default void refusesPlansThatTheModelCannotRun() {
    assertPlanRefused(
        SmallModel.MOTE,
        Plan.unscaled(64, 64, 8, 8, 1),
        "stride is not supported: family=mote, stride=8; use 4");
    assertPlanRefused(
        SmallModel.MOTE,
        Plan.unscaled(64, 64, 4, 7, 1),
        "slots are too few for the window: slots=7, window=8; give at least 8");
    assertPlanRefused(
        SmallModel.PIPS,
        Plan.unscaled(63, 64, 8, 8, 1),
        "picture is too small for the pyramid: height=63, width=64, stride=8, levels=4; give a larger working size");
  }

  private void assertPlanRefused(SmallModel model, Plan plan, String message) {
    try (FormulaWeights weights = FormulaWeights.of(model.architecture(), 1)) {
      MoteException error =
          assertThrows(
              MoteException.class, () -> provider().open(weights, plan, Precision.F32).close());
      assertEquals(message, error.getMessage());
    }
  }

  @Test
  default void refusesWhatWasNeverWritten() {
    try (Pair pair = Pair.of(provider(), SmallModel.MOTE, 48, 64, 3)) {
      Backend backend = pair.subject;
      float[] many = new float[100_000];
      int[] slots = Refinement.FRAMES;
      int[] one = {0};
      assertRefused(
          () -> backend.sample(5, 1, one, many),
          "slot holds no picture: slot=5; encode one into it first");
      pair.encoded();
      assertRefused(
          () -> backend.refine(slots, 1, one, new boolean[1], 1, 0, many, many, many),
          "template was not sampled: template=0; sample it first");
      assertRefused(
          () -> backend.match(0, 1, one, many, many),
          "template was not sampled: template=0; sample it first");
      assertRefused(
          () -> backend.stages().template(2, many),
          "template was not sampled: template=2; sample it first");
    }
  }

  @Test
  default void refusesPicturesThatDoNotFit() {
    try (Pair pair = Pair.of(provider(), SmallModel.MOTE, 48, 64, 3)) {
      Backend backend = pair.subject;
      MemorySegment frame = pair.clip.frame(0);
      assertRefused(
          () -> backend.encode(8, frame, 192),
          "argument does not fit the plan: slot=8; give 0 to 7");
      assertRefused(
          () -> backend.encode(-1, frame, 192),
          "argument does not fit the plan: slot=-1; give 0 to 7");
      assertRefused(
          () -> backend.encode(0, frame, 191),
          "row stride does not fit the picture: row_stride_bytes=191, width=64; give 192 or more");
      assertRefused(
          () -> backend.encode(0, frame, Long.MAX_VALUE / 2),
          "row stride does not fit the picture: row_stride_bytes=4611686018427387903, width=64; give 192 or more");
      assertRefused(
          () -> backend.encode(0, frame.asSlice(1), 192),
          "picture is no native memory of its size: native=true, bytes=9215; give 9216 bytes of native memory");
      assertRefused(
          () -> backend.encode(0, MemorySegment.ofArray(new byte[9216]), 192),
          "picture is no native memory of its size: native=false, bytes=9216; give 9216 bytes of native memory");
    }
  }

  @Test
  default void refusesPointsThatDoNotFit() {
    try (Pair pair = Pair.of(provider(), SmallModel.MOTE, 48, 64, 3).encoded().sampled(3)) {
      Backend backend = pair.subject;
      float[] many = new float[100_000];
      int[] slots = Refinement.FRAMES;
      int[] three = {0, 1, 2};
      boolean[] locked = new boolean[3];
      assertRefused(
          () -> backend.sample(0, 0, three, many),
          "argument does not fit the plan: count=0; give 1 to 3");
      assertRefused(
          () -> backend.sample(0, 4, new int[] {0, 1, 2, 3}, many),
          "argument does not fit the plan: count=4; give 1 to 3");
      assertRefused(
          () -> backend.sample(0, 3, new int[] {0, 1}, many),
          "array is too short: name=templates, length=2; give at least 3");
      assertRefused(
          () -> backend.sample(0, 2, new int[] {1, 1}, many),
          "template is named twice: template=1; give each point its own");
      assertRefused(
          () -> backend.sample(0, 1, three, new float[] {1, Float.NaN}),
          "number is not finite: xy[1]=NaN; give finite numbers");
      assertRefused(
          () -> backend.refine(slots, 1, new int[] {3}, locked, 1, 0, many, many, many),
          "argument does not fit the plan: template=3; give 0 to 2");
      assertRefused(
          () -> backend.refine(new int[7], 1, three, locked, 1, 0, many, many, many),
          "array is too short: name=slots, length=7; give at least 8");
      for (float settle : new float[] {-1, Float.NaN, 8193}) {
        assertRefused(
            () -> backend.refine(slots, 1, three, locked, 1, settle, many, many, many),
            "threshold is out of range: settle=" + settle + "; give pixels, 0 to 8192");
      }
      assertRefused(
          () -> backend.match(0, 3, three, new float[5], many),
          "array is too short: name=xy, length=5; give at least 6");
      assertRefused(
          () -> backend.match(0, 3, three, many, new float[5]),
          "array is too short: name=similarity, length=5; give at least 6");
      assertRefused(
          () -> backend.similarity(0, 3, three, many, new float[2]),
          "array is too short: name=similarity, length=2; give at least 3");
      assertRefused(
          () -> backend.similarity(0, 1, three, new float[] {1, Float.NaN}, many),
          "number is not finite: xy[1]=NaN; give finite numbers");
      int size = pair.architecture.templateSize();
      float[] values = new float[2 * size];
      assertRefused(
          () -> backend.restore(2, new int[] {1, 1}, values),
          "template is named twice: template=1; give each point its own");
      assertRefused(
          () -> backend.restore(3, three, values),
          "array is too short: name=values, length=%d; give at least %d"
              .formatted(2 * size, 3 * size));
      values[5] = Float.POSITIVE_INFINITY;
      assertRefused(
          () -> backend.restore(2, three, values),
          "number is not finite: values[5]=Infinity; give finite numbers");
      assertRefused(
          () -> backend.refine(slots, 3, three, locked, 0, 0, many, many, many),
          "argument does not fit the plan: iterations=0; give 1 to 1048576");
      assertRefused(
          () -> backend.refine(slots, 3, three, new boolean[2], 1, 0, many, many, many),
          "array is too short: name=locked, length=2; give at least 3");
      assertRefused(
          () -> backend.refine(slots, 3, three, locked, 1, 0, new float[47], many, many),
          "array is too short: name=xy, length=47; give at least 48");
      assertRefused(
          () -> backend.refine(slots, 3, three, locked, 1, 0, many, new float[23], many),
          "array is too short: name=visibility, length=23; give at least 24");
      assertRefused(
          () -> backend.refine(slots, 3, three, locked, 1, 0, many, many, new float[23]),
          "array is too short: name=confidence, length=23; give at least 24");
      assertRefused(
          () -> backend.refine(slots, 3, three, locked, 1, 0, many, many, many, 7, null),
          "nowhere to put similarities: compared=7, similarity=null; give an array or compare nothing");
      for (int compared : new int[] {-2, 8}) {
        assertRefused(
            () ->
                backend.refine(
                    slots, 3, three, locked, 1, 0, many, many, many, compared, new float[3]),
            "argument does not fit the plan: compared=%d; give -1 to 7".formatted(compared));
      }
      assertRefused(
          () -> backend.refine(slots, 3, three, locked, 1, 0, many, many, many, 7, new float[2]),
          "array is too short: name=similarity, length=2; give at least 3");
      assertRefused(
          () -> backend.stages().features(0, 4, many),
          "argument does not fit the plan: level=4; give 0 to 3");
      assertRefused(
          () -> backend.stages().mixer(1, new float[3], many),
          "array is too short: name=in, length=3; give at least 832");
    }
  }

  private static void assertRefused(Executable call, String message) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
