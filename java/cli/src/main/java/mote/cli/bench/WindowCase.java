package mote.cli.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mote.cli.bench.Measurement.Figure;
import mote.cli.eval.Statistics;
import mote.engine.Backend;
import mote.engine.BackendProvider;
import mote.engine.MoteException;
import mote.engine.Plan;
import mote.engine.Precision;
import mote.engine.Weights;
import mote.engine.golden.GoldenPack;
import mote.engine.golden.Verdict;
import mote.engine.golden.Verifier;
import mote.engine.profile.Costs;

/**
 * One window of a golden pack: 8 frames encoded, points sampled and refined, everything hot. The
 * output is verified against the pack before anything is timed; peers run in turn with it.
 */
final class WindowCase {
  private static final int FEWEST_RUNS = 3;
  private static final int MOST_RUNS = 15;
  private static final double BUDGET_SECONDS = 25;

  private final Path file;
  private final BackendProvider provider;
  private final Precision precision;

  WindowCase(Path file, BackendProvider provider, Precision precision) {
    this.file = file;
    this.provider = provider;
    this.precision = precision;
  }

  /**
   * @param peak multiply-add peak in GFLOP/s at this precision, 0 where it is not known
   * @param peers variants of the published code at this precision, ready to run
   * @return the window's row and that of its stages, in the same runs
   * @throws MoteException if the output misses the pack
   */
  List<Measurement> run(double peak, List<Peer> peers) {
    Verdict verdict = Verifier.verify(file, null, provider, precision);
    if (!verdict.passed()) {
      throw new MoteException(
          "output is wrong, nothing was timed: " + verdict.line() + "; run mote verify");
    }
    StageClock clock = new StageClock(provider);
    try (GoldenPack pack = GoldenPack.open(file);
        Weights weights = pack.weights();
        Backend backend = clock.open(weights, plan(pack), precision)) {
      Window window = new Window(pack, backend);
      window.run();
      List<Double> seconds = new ArrayList<>();
      Map<String, List<Double>> theirs = new LinkedHashMap<>();
      double spent = 0;
      clock.start();
      while (seconds.size() < FEWEST_RUNS
          || (spent < BUDGET_SECONDS && seconds.size() < MOST_RUNS)) {
        double time = window.run();
        seconds.add(time);
        spent += time;
        for (Peer peer : peers) {
          double peerTime = peer.window();
          theirs.computeIfAbsent(peer.variant(), variant -> new ArrayList<>()).add(peerTime);
          spent += peerTime;
        }
      }
      clock.stop((long) seconds.size() * pack.frameCount());
      Map<String, Double> medians = new LinkedHashMap<>();
      theirs.forEach((variant, times) -> medians.put(variant, Statistics.median(times)));
      String ran = backend.precision().id();
      List<Measurement> rows = new ArrayList<>();
      rows.add(
          Measurement.of(pack.name(), backend.name(), ran, Statistics.median(seconds))
              .withWork(operations(pack), peak)
              .withPeers(medians)
              .with(Figure.OUTPUT, verdict.line()));
      rows.addAll(clock.rows(pack.name(), ran));
      return rows;
    }
  }

  static Plan plan(GoldenPack pack) {
    return Plan.unscaled(
        pack.height(), pack.width(), pack.stride(), pack.frameCount(), pack.points());
  }

  private static double operations(GoldenPack pack) {
    Costs costs = new Costs(pack.architecture(), plan(pack), Float.BYTES);
    return pack.frameCount() * costs.encoder().operations()
        + pack.iterations() * costs.iteration(pack.points()).operations();
  }

  /** The work that is timed. */
  static final class Window {
    private final GoldenPack pack;
    private final Backend backend;
    private final int[] slots;
    private final int[] templates;
    private final float[] queries;
    private final boolean[] locked;
    private final float[] xy;
    private final float[] visibility;
    private final float[] confidence;

    Window(GoldenPack pack, Backend backend) {
      this.pack = pack;
      this.backend = backend;
      int frames = pack.frameCount();
      slots = counted(frames);
      templates = counted(pack.points());
      queries = pack.floats("queries", pack.points(), 2);
      locked = new boolean[pack.points()];
      Arrays.fill(locked, true);
      xy = new float[frames * pack.points() * 2];
      visibility = new float[frames * pack.points()];
      confidence = new float[frames * pack.points()];
    }

    /** Seconds of one window. */
    double run() {
      for (int frame = 0; frame < slots.length; frame++) {
        System.arraycopy(queries, 0, xy, frame * queries.length, queries.length);
      }
      long began = System.nanoTime();
      for (int frame = 0; frame < slots.length; frame++) {
        backend.encode(slots[frame], pack.frame(frame), 3L * pack.width());
      }
      backend.sample(slots[0], templates.length, templates, queries);
      backend.refine(
          slots,
          templates.length,
          templates,
          locked,
          pack.iterations(),
          0,
          xy,
          visibility,
          confidence);
      return (System.nanoTime() - began) / 1e9;
    }

    private static int[] counted(int size) {
      int[] numbers = new int[size];
      Arrays.setAll(numbers, i -> i);
      return numbers;
    }
  }
}
