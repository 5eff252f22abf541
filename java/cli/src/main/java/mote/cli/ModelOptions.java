package mote.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import mote.engine.BackendProvider;
import mote.engine.Backends;
import mote.engine.MoteException;
import mote.engine.Precision;
import mote.engine.Weights;
import mote.engine.WeightsFile;
import mote.engine.track.TrackerOptions;
import picocli.CommandLine.Option;

/** Which model runs, and where: the options that every command with a model shares. */
public final class ModelOptions {
  private static final String SHIPPED = "weights/mote-s.safetensors";

  @Option(
      names = "--weights",
      paramLabel = "W",
      description = "safetensors file with mote.arch metadata; default: the shipped " + SHIPPED)
  private Path weights;

  @Option(
      names = "--backend",
      paramLabel = "B",
      defaultValue = "auto",
      description = "auto, cuda, cpu or reference; default: ${DEFAULT-VALUE}")
  private String backend;

  @Option(
      names = "--precision",
      paramLabel = "P",
      description = "of matrix products: f32, bf16 or fp16; default: the backend's measured choice")
  private Precision precision;

  @Option(
      names = "--iterations",
      paramLabel = "K",
      description = "refinements of each window; default: the model's")
  private Integer iterations;

  /** Maps the weights; the caller closes them. */
  public Weights openWeights() {
    return WeightsFile.open(weights == null ? shipped() : weights);
  }

  /** Whether {@code --weights} was given. */
  public boolean weightsGiven() {
    return weights != null;
  }

  /** Finds the backend; says on {@code err} what {@code auto} took. */
  public BackendProvider provider(PrintWriter err) {
    return Backends.choose(backend, line -> err.println("mote: " + line));
  }

  /** The chosen precision, null for the backend's own choice. */
  public Precision precision() {
    return precision;
  }

  /** Tracking as these options say. */
  public TrackerOptions tracker() {
    TrackerOptions options = TrackerOptions.DEFAULT.withPrecision(precision);
    if (iterations == null) {
      return options;
    }
    if (iterations < 1) {
      throw new MoteException(
          "iterations are out of range: iterations=" + iterations + "; give 1 to 64");
    }
    return options.withIterations(iterations);
  }

  private static Path shipped() {
    Path file = Home.file(SHIPPED);
    if (!Files.exists(file)) {
      throw new MoteException(
          "the shipped weights are missing: file=" + file + "; restore it or give --weights");
    }
    return file;
  }
}
