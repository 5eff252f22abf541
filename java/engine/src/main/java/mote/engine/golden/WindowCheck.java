package mote.engine.golden;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import mote.engine.Architecture;
import mote.engine.Backend;
import mote.engine.BackendProvider;
import mote.engine.MoteException;
import mote.engine.Plan;
import mote.engine.Precision;
import mote.engine.Weights;

/** A pack of one window: trajectories and logits after all iterations, and the stages it holds. */
final class WindowCheck {
  private final GoldenPack pack;
  private final Architecture architecture;
  private final int window;
  private final int points;
  private final float[] coords;
  private final int[] slots;
  private final int[] templates;

  WindowCheck(GoldenPack pack) {
    this.pack = pack;
    if (pack.frameCount() < pack.architecture().window()) {
      throw new MoteException(
          "pack has too few frames: pack=%s, frames=%d; a window takes %d"
              .formatted(pack.name(), pack.frameCount(), pack.architecture().window()));
    }
    architecture = pack.architecture();
    window = architecture.window();
    points = pack.points();
    coords = pack.floats("coords", pack.iterations(), window, points, 2);
    slots = counted(window);
    templates = counted(points);
  }

  private static int[] counted(int size) {
    int[] numbers = new int[size];
    Arrays.setAll(numbers, i -> i);
    return numbers;
  }

  Verdict run(Weights weights, BackendProvider provider, Precision precision) {
    Plan plan =
        Plan.unscaled(pack.height(), pack.width(), pack.stride(), pack.frameCount(), points);
    try (Backend backend = provider.open(weights, plan, precision)) {
      for (int t = 0; t < pack.frameCount(); t++) {
        backend.encode(t, pack.frame(t), 3L * pack.width());
      }
      sample(backend);
      float[] xy = start();
      float[] visibility = new float[window * points];
      float[] confidence = new float[window * points];
      backend.refine(
          slots, points, templates, locked(), pack.iterations(), 0, xy, visibility, confidence);
      Tolerances tolerances = Tolerances.of(pack, backend.precision());
      StageChecks stages = new StageChecks(pack, backend, tolerances);
      stages.run(slots, templates, this::before);
      return verdict(backend, tolerances, stages.results(), xy, visibility, confidence);
    }
  }

  private void sample(Backend backend) {
    float[] queries = pack.floats("queries", points, 2);
    int[] frames =
        pack.has("template_frame") ? pack.ints("template_frame", points) : new int[points];
    for (int n = 0; n < points; n++) {
      float[] query = {queries[2 * n], queries[2 * n + 1]};
      backend.sample(frames[n], 1, new int[] {templates[n]}, query);
    }
  }

  /** The first estimate: the pack's, or at rest on the query. */
  private float[] start() {
    if (pack.has("start")) {
      return pack.floats("start", window, points, 2);
    }
    float[] queries = pack.floats("queries", points, 2);
    float[] xy = new float[window * points * 2];
    for (int s = 0; s < window; s++) {
      System.arraycopy(queries, 0, xy, s * points * 2, points * 2);
    }
    return xy;
  }

  /** The trajectories before an iteration. */
  private float[] before(int iteration) {
    int size = window * points * 2;
    return iteration == 0
        ? start()
        : Arrays.copyOfRange(coords, (iteration - 1) * size, iteration * size);
  }

  private boolean[] locked() {
    boolean[] locked = new boolean[points];
    int[] flags = pack.has("locked") ? pack.ints("locked", points) : new int[points];
    for (int n = 0; n < points; n++) {
      locked[n] = flags[n] != 0;
    }
    return locked;
  }

  private Verdict verdict(
      Backend backend,
      Tolerances tolerances,
      List<Verdict.Stage> stages,
      float[] xy,
      float[] visibility,
      float[] confidence) {
    List<String> failures = new ArrayList<>();
    Distance pixels = Distance.ofVectors(before(pack.iterations()), xy, 2);
    if (!pixels.within(tolerances.worstPx(), tolerances.meanPx())) {
      failures.add(
          "point %d of frame %d is off: worst=%.4g px, mean=%.4g px; at most %.4g and %.4g"
              .formatted(
                  pixels.index() % points,
                  pixels.index() / points,
                  pixels.worst(),
                  pixels.mean(),
                  tolerances.worstPx(),
                  tolerances.meanPx()));
    }
    double logits = logits("visibility_logits", visibility, tolerances, failures);
    if (architecture.hasConfidence()) {
      double other = logits("confidence_logits", confidence, tolerances, failures);
      logits = Math.max(logits, other); // NaN if either is
    }
    stages.stream()
        .filter(stage -> !stage.passed())
        .map(Verdict.Stage::miss)
        .forEach(failures::add);
    return new Verdict(
        pack.name(),
        pack.kind(),
        backend.name(),
        backend.precision().id(),
        points,
        pixels.worst(),
        pixels.mean(),
        logits,
        stages,
        failures,
        null);
  }

  private double logits(String name, float[] actual, Tolerances tolerances, List<String> failures) {
    Distance distance = Distance.of(pack.floats(name, window, points), actual);
    if (!distance.within(tolerances.logits(), tolerances.logits())) {
      failures.add(
          "%s are off: worst=%.4g; at most %.4g"
              .formatted(name, distance.worst(), tolerances.logits()));
    }
    return distance.worst();
  }
}
