package mote.cli.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import mote.cli.bench.Measurement.Figure;
import mote.cli.eval.Statistics;
import mote.engine.BackendProvider;
import mote.engine.FrameSource;
import mote.engine.Weights;
import mote.engine.track.Tracker;
import mote.engine.track.TrackerOptions;

/** Whether time grows in a straight line with points and with frames; 256x256, tracking alone. */
final class LinearityCase {
  private static final int SIDE = 256;
  private static final int FRAMES = 32;
  private static final int POINTS = 64;
  private static final int RUNS = 3;

  private final Weights weights;
  private final BackendProvider provider;
  private final TrackerOptions options;

  LinearityCase(Weights weights, BackendProvider provider, TrackerOptions options) {
    this.weights = weights;
    this.provider = provider;
    this.options = options.withSize(SIDE, SIDE);
  }

  Measurement points() {
    return line("added-point", new int[] {64, 128, 256, 512}, points -> seconds(FRAMES, points));
  }

  Measurement frames() {
    return line("added-frame", new int[] {32, 64, 128, 192}, frames -> seconds(frames, POINTS));
  }

  /** Fits a straight line by least squares; seconds are its slope. */
  private Measurement line(String name, int[] sizes, IntToDoubleFunction measure) {
    double[] times = new double[sizes.length];
    measure.applyAsDouble(sizes[0]); // warms up
    double meanSize = 0;
    double meanTime = 0;
    for (int i = 0; i < sizes.length; i++) {
      times[i] = measure.applyAsDouble(sizes[i]);
      meanSize += (double) sizes[i] / sizes.length;
      meanTime += times[i] / sizes.length;
    }
    double above = 0;
    double below = 0;
    for (int i = 0; i < sizes.length; i++) {
      above += (sizes[i] - meanSize) * (times[i] - meanTime);
      below += (sizes[i] - meanSize) * (sizes[i] - meanSize);
    }
    double slope = above / below;
    double worst = 0;
    StringBuilder seen = new StringBuilder();
    for (int i = 0; i < sizes.length; i++) {
      double fitted = meanTime + slope * (sizes[i] - meanSize);
      worst = Math.max(worst, Math.abs(times[i] - fitted) / times[i]);
      seen.append("%s%d: %.3f s".formatted(i == 0 ? "" : ", ", sizes[i], times[i]));
    }
    return Measurement.of(name, provider.name(), options.precision().id(), slope)
        .with(Figure.DEVIATION, worst)
        .with(Figure.OUTPUT, seen.toString());
  }

  private double seconds(int frames, int points) {
    List<Double> times = new ArrayList<>();
    for (int run = 0; run < RUNS; run++) {
      try (FrameSource source = new BenchClip(SIDE, SIDE, frames)) {
        long began = System.nanoTime();
        new Tracker(weights, provider, options)
            .track(source, PipelineCase.queries(points, SIDE, SIDE));
        times.add((System.nanoTime() - began) / 1e9);
      }
    }
    return Statistics.median(times);
  }
}
