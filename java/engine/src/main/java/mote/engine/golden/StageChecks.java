package mote.engine.golden;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import mote.engine.Architecture;
import mote.engine.Backend;

/** Compares the stages that a window pack holds, each fed with the pack's own input. */
final class StageChecks {
  private final GoldenPack pack;
  private final Backend backend;
  private final Architecture architecture;
  private final Tolerances tolerances;
  private final int points;
  private final int window;
  private final List<Verdict.Stage> results = new ArrayList<>();

  StageChecks(GoldenPack pack, Backend backend, Tolerances tolerances) {
    this.pack = pack;
    this.backend = backend;
    this.tolerances = tolerances;
    architecture = pack.architecture();
    points = pack.points();
    window = architecture.window();
  }

  List<Verdict.Stage> results() {
    return results;
  }

  /**
   * @param before the trajectories before an iteration, (S, N, 2)
   */
  void run(int[] slots, int[] templates, IntFunction<float[]> before) {
    if (pack.has("fmaps")) {
      featureMaps();
    }
    if (pack.has("feat0")) {
      add("feat0", pack.floats("feat0", points, architecture.features()), templates(templates));
    }
    int levels = architecture.templateSize() / (architecture.patch() * architecture.features());
    for (int level = 0; level < levels; level++) { // a fine tracker's come last
      if (pack.has("template." + level)) {
        template(level, templates);
      }
    }
    for (int iteration = 0; iteration < pack.iterations(); iteration++) {
      if (pack.has("correlation." + iteration)) {
        correlation(iteration, slots, templates, before.apply(iteration));
      }
      if (pack.has("mixer_input." + iteration)) {
        mixerInput(iteration, slots, templates, before.apply(iteration));
      }
      if (pack.has("mixer_output." + iteration)) {
        mixerOutput(iteration);
      }
    }
  }

  private void add(String name, float[] expected, float[] actual) {
    Distance distance = Distance.of(expected, actual);
    results.add(new Verdict.Stage(name, distance.worst(), tolerances.features()));
  }

  private void featureMaps() {
    int channels = architecture.features();
    int height = architecture.levelHeight(pack.height(), pack.stride(), 0);
    int width = architecture.levelWidth(pack.width(), pack.stride(), 0);
    int pixels = height * width;
    float[] actual = new float[window * channels * pixels];
    float[] map = new float[pixels * channels];
    for (int s = 0; s < window; s++) {
      backend.stages().features(s, 0, map);
      for (int pixel = 0; pixel < pixels; pixel++) {
        for (int c = 0; c < channels; c++) {
          actual[(s * channels + c) * pixels + pixel] = map[pixel * channels + c];
        }
      }
    }
    add("fmaps", pack.floats("fmaps", window, channels, height, width), actual);
  }

  private float[] templates(int[] templates) {
    int size = architecture.templateSize();
    float[] all = new float[points * size];
    float[] one = new float[size];
    for (int n = 0; n < points; n++) {
      backend.stages().template(templates[n], one);
      System.arraycopy(one, 0, all, n * size, size);
    }
    return all;
  }

  /** A level of the templates of {@code mote}. */
  private void template(int level, int[] templates) {
    int size = architecture.patch() * architecture.features();
    float[] all = templates(templates);
    float[] actual = new float[points * size];
    for (int n = 0; n < points; n++) {
      int from = n * architecture.templateSize() + level * size;
      System.arraycopy(all, from, actual, n * size, size);
    }
    String name = "template." + level;
    long patch = architecture.patch();
    add(name, pack.floats(name, points, patch, architecture.features()), actual);
  }

  private void correlation(int iteration, int[] slots, int[] templates, float[] xy) {
    String name = "correlation." + iteration;
    float[] expected = pack.floats(name, points, window, architecture.correlations());
    float[] actual = new float[expected.length];
    float[] input =
        pack.floats("mixer_input." + iteration, points, window, architecture.mixerInputs());
    backend.stages().correlate(slots, points, templates, xy, state(input), actual);
    add(name, expected, actual);
  }

  private void mixerInput(int iteration, int[] slots, int[] templates, float[] xy) {
    String name = "mixer_input." + iteration;
    int inputs = architecture.mixerInputs();
    float[] expected = pack.floats(name, points, window, inputs);
    float[] actual = new float[expected.length];
    backend.stages().mixerInput(slots, points, templates, xy, state(expected), actual);
    int sines = firstSine();
    int end = sines + sineCount();
    results.add(
        new Verdict.Stage(
            name,
            Distance.of(without(expected, sines, end), without(actual, sines, end)).worst(),
            tolerances.input()));
    Distance embedding = Distance.of(only(expected, sines, end), only(actual, sines, end));
    results.add(
        new Verdict.Stage(
            name + " embedding",
            embedding.worst(),
            Math.max(Tolerances.EMBEDDING, tolerances.input())));
  }

  /** The state before an iteration, read off the mixer's input at that iteration. */
  private float[] state(float[] input) {
    boolean pips = architecture.family() == Architecture.Family.PIPS;
    int from = pips ? 0 : firstSine() + sineCount();
    float[] state = only(input, from, from + architecture.stateSize());
    if (!pips) {
      for (int i = 0; i < state.length; i++) {
        state[i] *= 4; // the input holds the logits over 4
      }
    }
    return state;
  }

  private int firstSine() {
    return architecture.family() == Architecture.Family.PIPS
        ? architecture.features() + architecture.correlations()
        : architecture.levels() * architecture.correlationWidth() + 2;
  }

  private int sineCount() {
    return architecture.family() == Architecture.Family.PIPS
        ? 3 * 2 * architecture.frequencies()
        : 4 * architecture.frequencies();
  }

  /** Columns {@code from} to {@code to - 1} of the rows of a mixer's input. */
  private float[] only(float[] input, int from, int to) {
    int inputs = architecture.mixerInputs();
    int rows = input.length / inputs;
    float[] columns = new float[rows * (to - from)];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(input, row * inputs + from, columns, row * (to - from), to - from);
    }
    return columns;
  }

  private float[] without(float[] input, int from, int to) {
    float[] rest = input.clone();
    for (int row = 0; row < input.length; row += architecture.mixerInputs()) {
      Arrays.fill(rest, row + from, row + to, 0);
    }
    return rest;
  }

  private void mixerOutput(int iteration) {
    float[] input =
        pack.floats("mixer_input." + iteration, points, window, architecture.mixerInputs());
    float[] actual = new float[points * architecture.mixerOutputs()];
    backend.stages().mixer(points, input, actual);
    String name = "mixer_output." + iteration;
    float[] expected =
        architecture.family() == Architecture.Family.PIPS
            ? pack.floats(name, points, architecture.mixerOutputs())
            : pack.floats(name, points, window, 4);
    results.add(
        new Verdict.Stage(name, Distance.of(expected, actual).worst(), tolerances.output()));
  }
}
