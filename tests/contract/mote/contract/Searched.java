package mote.contract;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import mote.engine.Backend;
import mote.engine.BackendProvider;
import mote.engine.FormulaWeights;
import mote.engine.Plan;
import mote.engine.Precision;
import mote.engine.Weights;
import mote.engine.live.LiveOptions;
import mote.engine.live.LivePoints;
import mote.engine.live.LiveTracker;

/** A stream with gates and search, whose backend may be asked for few templates at a time. */
final class Searched {
  private static final int FRAMES = 8;
  private static final int POINTS = 9;

  private Searched() {}

  /**
   * @param most templates that the backend is asked to match and to compare in one call
   * @return everything that is said of all points in all frames
   */
  static List<Float> play(SmallModel model, BackendProvider provider, int most) {
    LiveOptions options =
        LiveOptions.DEFAULT.withCapacity(POINTS).withIterations(1).withHistory(2).withSearches(3);
    List<Float> said = new ArrayList<>();
    try (FormulaWeights weights = FormulaWeights.of(model.architecture(), 3);
        LiveTracker tracker =
            LiveTracker.open(gated(weights), split(provider, most), options, 64, 80);
        Clip small = new Clip(Plan.unscaled(64, 80, 4, 8, 1));
        Clip large = new Clip(Plan.unscaled(128, 160, 4, 8, 1))) {
      for (int t = 0; t < FRAMES; t++) {
        Clip clip = tracker.height() == 64 ? small : large;
        tracker.push(t, clip.frame(t), clip.row());
        command(tracker, t);
        LivePoints points = tracker.points();
        for (int row = 0; row < points.count(); row++) {
          Collections.addAll(
              said,
              points.x(row),
              points.y(row),
              points.visibility(row),
              (float) points.hidden(row));
        }
      }
    }
    return said;
  }

  private static void command(LiveTracker tracker, int t) {
    switch (t) {
      case 0 -> {
        for (int n = 0; n < 4; n++) {
          tracker.add(0, 12.5f + 16 * n, 20.25f + 7 * n);
        }
      }
      case 1 -> {
        tracker.add(1, 33, 44);
        tracker.add(0, 50, 14);
        tracker.add(1, 9, 50);
      }
      case 2 -> {
        tracker.freeze(1);
        tracker.move(1, 1, 40, 40);
        tracker.move(2, 2, 70, 60);
        tracker.remove(0);
        tracker.add(2, 25, 25);
      }
      case 4 -> {
        tracker.add(4, 60, 5);
        tracker.resize(128, 160);
      }
      default -> {
        // Nothing happens.
      }
    }
  }

  /** With gates that weigh everything that they are told. */
  private static Weights gated(Weights weights) {
    String sight = "{\"keep\":%s,\"stay\":%s,\"find\":%s}".formatted(gate(7), gate(13), gate(20));
    return (Weights)
        Proxy.newProxyInstance(
            Searched.class.getClassLoader(),
            new Class<?>[] {Weights.class},
            (proxy, method, arguments) ->
                method.getName().equals("metadata")
                    ? Map.of("mote.sight", sight)
                    : call(weights, method, arguments));
  }

  private static String gate(int inputs) {
    double[] weights = new double[inputs];
    Arrays.setAll(weights, i -> Math.sin(3 * i + inputs));
    String row = Arrays.toString(weights);
    return "{\"weights1\":[%s,%s],\"bias1\":[0.5,-0.5],\"weights2\":[1,-1],\"bias2\":0.1}"
        .formatted(row, row);
  }

  private static BackendProvider split(BackendProvider provider, int most) {
    return new BackendProvider() {
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
        return provider.unavailable();
      }

      @Override
      public Backend openSingle(Weights weights, Plan plan, Precision precision) {
        return split(provider.open(weights, plan, precision), most);
      }
    };
  }

  private static Backend split(Backend backend, int most) {
    return (Backend)
        Proxy.newProxyInstance(
            Searched.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (proxy, method, arguments) -> {
              boolean match = method.getName().equals("match");
              if (!match && !method.getName().equals("similarity")) {
                return call(backend, method, arguments);
              }
              float[] xy = (float[]) arguments[3];
              float[] similarity = (float[]) arguments[4];
              int count = (int) arguments[1];
              int step = Math.min(most, count);
              for (int from = 0; from < count; from += step) {
                int to = Math.min(count, from + step);
                int[] templates = Arrays.copyOfRange((int[]) arguments[2], from, to);
                float[] places = Arrays.copyOfRange(xy, 2 * from, 2 * to);
                float[] like = new float[2 * (to - from)];
                call(
                    backend,
                    method,
                    new Object[] {arguments[0], to - from, templates, places, like});
                if (match) {
                  System.arraycopy(places, 0, xy, 2 * from, places.length);
                }
                int each = match ? 2 : 1;
                System.arraycopy(like, 0, similarity, each * from, each * (to - from));
              }
              return null;
            });
  }

  private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException failure) {
      throw failure.getCause();
    }
  }
}
