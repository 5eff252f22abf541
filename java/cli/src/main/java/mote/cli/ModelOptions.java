package mote.cli;

import java.io.PrintWriter;
import mote.engine.BackendProvider;
import mote.engine.Untrusted;
import mote.engine.Weights;
import mote.engine.live.LiveOptions;
import mote.engine.track.TrackerOptions;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which model tracks, where and how hard: the options that every command with a model shares. */
public final class ModelOptions {
  @Mixin private WeightsOption weights;
  @Mixin private BackendOptions backend;

  @Option(
      names = "--iterations",
      paramLabel = "K",
      converter = IterationsConverter.class,
      description = "refinements of each window, 1 to 64; default: the model's, live 1")
  private Integer iterations;

  @Option(
      names = "--no-carry",
      description =
          "points of visibility 0.65 and less stay where the model guesses them; default: points that moved alike carry them (pips: no)")
  private boolean noCarry;

  /** Reads the option's text. */
  static final class IterationsConverter implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      if (!text.matches("\\d{1,2}")) {
        throw new UsageException(
            "iterations are out of range: iterations=" + Untrusted.quote(text) + "; give 1 to 64");
      }
      int value = Integer.parseInt(text);
      if (value < 1) {
        throw new UsageException("iterations are out of range: iterations=0; give 1 to 64");
      }
      UsageException.check(() -> TrackerOptions.DEFAULT.withIterations(value));
      return value;
    }
  }

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
    TrackerOptions options =
        TrackerOptions.DEFAULT.withPrecision(backend.precision()).withCarry(!noCarry);
    if (iterations == null) {
      return options;
    }
    return options.withIterations(iterations);
  }

  /** Live tracking as these options say. */
  public LiveOptions live() {
    LiveOptions options =
        LiveOptions.DEFAULT.withPrecision(backend.precision()).withCarry(!noCarry);
    return iterations == null ? options : options.withIterations(iterations);
  }
}
