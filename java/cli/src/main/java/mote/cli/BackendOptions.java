package mote.cli;

import java.io.PrintWriter;
import java.util.List;
import mote.engine.BackendProvider;
import mote.engine.Backends;
import mote.engine.Precision;
import mote.engine.Untrusted;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/** Where a model runs. */
public final class BackendOptions {
  @Option(
      names = "--backend",
      paramLabel = "B",
      defaultValue = "auto",
      converter = NameConverter.class,
      description = "auto, cuda, cpu or reference; default: ${DEFAULT-VALUE}")
  private String backend;

  @Option(
      names = "--precision",
      paramLabel = "P",
      description = "of matrix products: f32, bf16 or fp16; default: the backend's measured choice")
  private Precision precision;

  /** Passes on a name of the contract, also of a backend that this build has not. */
  static final class NameConverter implements ITypeConverter<String> {
    @Override
    public String convert(String text) {
      if (!List.of("auto", "cuda", "cpu", "reference").contains(text)) {
        throw new UsageException(
            "backend is unknown: backend="
                + Untrusted.quote(text)
                + "; give auto, cuda, cpu or reference");
      }
      return text;
    }
  }

  /** Finds the backend; says on {@code err} what {@code auto} took. */
  public BackendProvider provider(PrintWriter err) {
    return Backends.choose(backend, line -> err.println("mote: " + line));
  }

  /** The chosen precision, null for the backend's own choice. */
  public Precision precision() {
    return precision;
  }
}
