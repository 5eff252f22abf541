package mote.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import mote.engine.BackendProvider;
import mote.engine.FormulaWeights;
import mote.engine.Plan;
import mote.engine.Precision;
import mote.engine.live.LiveOptions;
import mote.engine.live.LivePoints;
import mote.engine.live.LiveTracker;
import mote.engine.live.PointState;
import mote.engine.reference.ReferenceProvider;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@link LiveTracker} on a backend: a short stream with everything that may happen to points. */
interface LiveContract extends Contract {
  int FRAMES = 14;

  @ParameterizedTest
  @EnumSource(
      value = SmallModel.class,
      names = {"PIPS", "MOTE", "MOTE_FINE"})
  default void aStreamIsTrackedAsByTheReference(SmallModel model) {
    Script script = new Script(model);
    float[] expected = script.play(new ReferenceProvider());
    float[] actual = script.play(provider());
    Bounds.assertClose(model + " stream", expected, actual, STREAM_PX);
    assertArrayEquals(actual, script.play(provider()), "same input, same bits");
  }

  /** Each frame starts from the one before: errors of single windows add up over the stream. */
  double STREAM_PX = 1e-2;

  @ParameterizedTest
  @EnumSource(
      value = SmallModel.class,
      names = {"PIPS", "MOTE", "MOTE_FINE"})
  default void pointsOutliveAChangeOfSize(SmallModel model) {
    LiveOptions options = LiveOptions.DEFAULT.withCapacity(3).withSize(64, 80);
    try (FormulaWeights weights = FormulaWeights.of(model.architecture(), 3);
        LiveTracker tracker = LiveTracker.open(weights, provider(), options, 64, 80);
        Clip small = new Clip(Plan.unscaled(64, 80, 4, 8, 1));
        Clip large = new Clip(Plan.unscaled(128, 160, 4, 8, 1))) {
      tracker.push(0, small.frame(0), small.row());
      tracker.add(0, 20, 30);
      tracker.add(0, 41, 10);
      tracker.freeze(1);
      float[] before = template(tracker, model);
      tracker.resize(128, 160);
      assertEquals(128, tracker.height());
      Bounds.assertClose(
          "template", before, template(tracker, model), Bounds.of(Precision.F32).features());
      LivePoints points = tracker.push(1, large.frame(1), large.row());
      assertEquals(40.5f, points.x(0), 1e-3f, "the same part of the picture");
      assertEquals(60.5f, points.y(0), 1e-3f);
      assertEquals(PointState.LOST, points.state(0));
      assertEquals(0, points.visibility(0), "hidden until it is found");
      assertEquals(82.5f, points.x(1), 1e-3f);
      assertEquals(PointState.FROZEN, points.state(1));
      assertEquals(1, points.visibility(1));
      tracker.push(2, large.frame(2), large.row());
      assertEquals(2, tracker.points().ages(0));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = SmallModel.class,
      names = {"PIPS", "MOTE", "MOTE_FINE"})
  default void pointsAreThereBeforeTheFirstFrameOfAnotherSize(SmallModel model) {
    LiveOptions options = LiveOptions.DEFAULT.withCapacity(2).withSize(64, 80);
    try (FormulaWeights weights = FormulaWeights.of(model.architecture(), 3);
        LiveTracker tracker = LiveTracker.open(weights, provider(), options, 64, 80);
        Clip small = new Clip(Plan.unscaled(64, 80, 4, 8, 1));
        Clip large = new Clip(Plan.unscaled(128, 160, 4, 8, 1))) {
      tracker.push(0, small.frame(0), small.row());
      tracker.add(0, 41, 10);
      tracker.freeze(0);
      tracker.resize(128, 160);
      tracker.resize(32, 40);
      tracker.resize(128, 160);
      LivePoints points = tracker.points();
      assertEquals(1, points.ages(0));
      assertEquals(82.5f, points.x(0), 1e-3f);
      assertEquals(20.5f, points.y(0), 1e-3f);
      tracker.thaw(0);
      assertEquals(PointState.LOST, points.state(0), "there is no frame to follow it from");
      assertEquals(0, points.visibility(0), "hidden until it is found");
      tracker.push(1, large.frame(1), large.row());
      assertEquals(82.5f, points.x(0), 1e-3f, "held until it is found");
      assertEquals(20.5f, points.y(0), 1e-3f);
      assertEquals(PointState.LOST, points.state(0));
    }
  }

  /** Points of one frame are learned in one call: that gives what one call a point does. */
  @ParameterizedTest
  @EnumSource(
      value = SmallModel.class,
      names = {"PIPS", "MOTE", "MOTE_FINE"})
  default void pointsThatAreLearnedTogetherAreLearnedAsOneByOne(SmallModel model) {
    List<Float> together = Searched.play(model, provider(), Integer.MAX_VALUE);
    assertEquals(together, Searched.play(model, provider(), 1));
    assertTrue(together.stream().noneMatch(value -> value.isNaN()), "numbers");
  }

  private static float[] template(LiveTracker tracker, SmallModel model) {
    float[] values = new float[model.architecture().templateSize()];
    tracker.backend().stages().template(0, values);
    return values;
  }

  /** The same frames and commands for whoever tracks them. */
  final class Script {
    private final SmallModel model;

    Script(SmallModel model) {
      this.model = model;
    }

    /** Positions of all rows of all frames. */
    float[] play(BackendProvider provider) {
      Plan plan = Plan.unscaled(64, 80, 4, 8, 1);
      LiveOptions options =
          LiveOptions.DEFAULT.withCapacity(5).withIterations(2).withHistory(3).withSearches(0);
      List<Float> positions = new ArrayList<>();
      try (FormulaWeights weights = FormulaWeights.of(model.architecture(), 3);
          LiveTracker tracker = LiveTracker.open(weights, provider, options, 64, 80);
          Clip clip = new Clip(plan)) {
        for (int t = 0; t < FRAMES; t++) {
          tracker.push(t, clip.frame(t), clip.row());
          command(tracker, t);
          LivePoints points = tracker.points();
          for (int row = 0; row < points.count(); row++) {
            positions.add(points.x(row));
            positions.add(points.y(row));
          }
        }
      }
      float[] values = new float[positions.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = positions.get(i);
      }
      return values;
    }

    private static void command(LiveTracker tracker, int t) {
      switch (t) {
        case 0 -> {
          tracker.add(0, 20, 30);
          tracker.add(0, 44.5f, 20.25f); // at (40.5, 12.25) rounding grows to 0.1 px after the cut
        }
        case 3 -> tracker.add(1, 33, 44);
        case 5 -> tracker.remove(0);
        case 6 -> tracker.add(6, 10, 10);
        case 7 -> tracker.freeze(1);
        case 9 -> tracker.thaw(1);
        case 10 -> tracker.move(2, 9, 50, 50);
        case 11 -> tracker.cut();
        default -> {
          // Nothing happens.
        }
      }
    }
  }
}
