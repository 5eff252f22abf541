package mote.cli;

import java.io.PrintWriter;
import mote.engine.BackendProvider;
import mote.engine.Backends;
import mote.engine.Precision;
import picocli.CommandLine.Option;

/** Where a model runs. */
public final class BackendOptions {
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

  /** Finds the backend; says on {@code err} what {@code auto} took. */
  public BackendProvider provider(PrintWriter err) {
    return Backends.choose(backend, line -> err.println("mote: " + line));
  }

  /** The chosen precision, null for the backend's own choice. */
  public Precision precision() {
    return precision;
  }
}
