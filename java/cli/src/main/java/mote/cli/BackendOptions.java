package mote.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Stream;
import mote.cuda.CudaProvider;
import mote.cuda.Gemm;
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

  @Option(
      names = "--gemm",
      paramLabel = "G",
      converter = GemmConverter.class,
      description =
          "matrix products of the CUDA engine's mixer: fused, cublas (needs cuBLAS) or auto; default: auto, which takes fused")
  private Gemm gemm;

  /** Reads the option's text. */
  static final class GemmConverter implements ITypeConverter<Gemm> {
    @Override
    public Gemm convert(String text) {
      return Stream.of(Gemm.values())
          .filter(gemm -> gemm.id().equals(text))
          .findFirst()
          .orElseThrow(
              () ->
                  new UsageException(
                      "products are unknown: gemm="
                          + Untrusted.quote(text)
                          + "; give auto, fused or cublas"));
    }
  }

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

  /** Finds the backend; says on {@code err} what {@code auto} took, and where it is no device. */
  public BackendProvider provider(PrintWriter err) {
    BackendProvider provider = provider(backend, gemm, line -> err.println("mote: " + line));
    if (provider instanceof CudaProvider cuda && cuda.standIn()) {
      err.println(
          "mote: backend: cuda on its stand-in, which is slow and gives no times: MOTE_CUDA=simt");
    }
    return provider;
  }

  private static BackendProvider provider(String backend, Gemm gemm, Consumer<String> log) {
    BackendProvider provider = Backends.choose(backend, log);
    if (gemm == null) {
      return provider;
    }
    if (!(provider instanceof CudaProvider)) {
      throw new UsageException(
          "products are chosen on the CUDA engine alone: gemm=%s, backend=%s; give --backend cuda, or leave --gemm out"
              .formatted(gemm.id(), provider.name()));
    }
    return new CudaProvider(gemm);
  }

  /** What is to be chosen in another process, for {@link #provider(String)} there. */
  public String choice(BackendProvider chosen) {
    return gemm == null ? chosen.name() : chosen.name() + ":" + gemm.id();
  }

  /** As this process was told to choose. */
  public static BackendProvider provider(String choice) {
    String[] parts = choice.split(":", 2);
    Gemm gemm = parts.length == 1 ? null : Gemm.valueOf(parts[1].toUpperCase(Locale.ROOT));
    return provider(parts[0], gemm, line -> {});
  }

  /** The chosen precision, null for the backend's own choice. */
  public Precision precision() {
    return precision;
  }
}
