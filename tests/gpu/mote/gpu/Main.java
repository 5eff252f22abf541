package mote.gpu;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import mote.cuda.CudaProvider;
import mote.engine.MoteException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/**
 * Runs one part of the bundle; {@code run.sh} calls it for each. Exit codes: 0 done, 1 a check
 * failed, 2 wrong usage, 3 no CUDA driver or device.
 */
@Command(name = "run.sh", description = "One part of the bundle.")
public final class Main implements Callable<Integer> {
  private static final int FAILED = 1;
  private static final int NO_DEVICE = 3;

  private static final Map<String, Part> PARTS = new LinkedHashMap<>();

  static {
    List.of(
            new DevicePart(),
            new ContractPart(),
            new GoldenPart(),
            new SanitizerPart(),
            new CeilingsPart(),
            new KernelsPart(),
            new LatencyPart(),
            new PeerPart())
        .forEach(part -> PARTS.put(part.name(), part));
  }

  @Parameters(index = "0", paramLabel = "PART")
  private String part;

  @Mixin private Settings settings;

  private Main() {}

  /** Ends the process with the exit code. */
  public static void main(String[] arguments) {
    CommandLine line = new CommandLine(new Main()).setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          if (!(failure instanceof MoteException)) {
            throw failure;
          }
          System.err.println("mote: " + failure.getMessage());
          return FAILED;
        });
    System.exit(line.execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    Results results = Results.open(settings.out);
    if (part.equals("report")) {
      return new Report(results).write(settings.out) ? 0 : FAILED;
    }
    Part chosen = PARTS.get(part);
    if (chosen == null) {
      throw new MoteException(
          "part is unknown: part=%s; give some of %s"
              .formatted(part, String.join(", ", PARTS.keySet())));
    }
    String refusal = new CudaProvider().unavailable();
    if (refusal != null) {
      System.err.println("mote: " + refusal);
      return NO_DEVICE;
    }
    results.begin(part);
    long began = System.nanoTime();
    Part.Outcome outcome;
    try {
      outcome = chosen.run(settings, results);
    } catch (Exception | LinkageError failure) {
      String reason = failure instanceof MoteException ? failure.getMessage() : failure.toString();
      results.add(part, "errors", reason);
      results.end(part, Part.Outcome.FAILED.text(), seconds(began));
      throw failure;
    }
    results.end(part, outcome.text(), seconds(began));
    return outcome == Part.Outcome.FAILED ? FAILED : 0;
  }

  private static double seconds(long began) {
    return (System.nanoTime() - began) / 1e9;
  }
}
