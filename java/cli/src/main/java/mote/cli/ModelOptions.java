package mote.cli;

import java.io.PrintWriter;
import mote.engine.BackendProvider;
import mote.engine.MoteException;
import mote.engine.Weights;
import mote.engine.track.TrackerOptions;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which model tracks, where and how hard: the options that every command with a model shares. */
public final class ModelOptions {
  @Mixin private WeightsOption weights;
  @Mixin private BackendOptions backend;

  @Option(
      names = "--iterations",
      paramLabel = "K",
      description = "refinements of each window, 1 to 64; default: the model's")
  private Integer iterations;

  /** Maps the weights; the caller closes them. */
  public Weights openWeights() {
    return weights.open();
  }

  /** Finds the backend; says on {@code err} what {@code auto} took. */
  public BackendProvider provider(PrintWriter err) {
    return backend.provider(err);
  }

  /** Tracking as these options say. */
  public TrackerOptions tracker() {
    TrackerOptions options = TrackerOptions.DEFAULT.withPrecision(backend.precision());
    if (iterations == null) {
      return options;
    }
    if (iterations < 1) {
      throw new MoteException(
          "iterations are out of range: iterations=" + iterations + "; give 1 to 64");
    }
    return options.withIterations(iterations);
  }
}
