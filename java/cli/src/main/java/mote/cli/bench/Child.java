package mote.cli.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import mote.cli.BackendOptions;
import mote.cli.ProcessStatus;
import mote.engine.Backend;
import mote.engine.BackendProvider;
import mote.engine.FrameSource;
import mote.engine.MoteException;
import mote.engine.Precision;
import mote.engine.Weights;
import mote.engine.WeightsFile;
import mote.engine.golden.GoldenPack;
import mote.engine.track.Tracker;
import mote.engine.track.TrackerOptions;

/** A JVM of its own for what only a fresh process can tell: peak memory, and the time to start. */
final class Child {
  private static final int SIDE = 256;
  private static final int POINTS = 64;
  private static final String READY = "ready";

  private Child() {}

  /**
   * {@code clip WEIGHTS BACKEND PRECISION FRAMES} or {@code window WEIGHTS BACKEND PRECISION PACK}:
   * prints {@value #READY} when the backend is open (window only), then the peak resident bytes.
   */
  public static void main(String[] arguments) throws IOException {
    BackendProvider provider = BackendOptions.provider(arguments[2]);
    Precision precision = Precision.valueOf(arguments[3].toUpperCase(Locale.ROOT));
    try (Weights weights = WeightsFile.open(Path.of(arguments[1]))) {
      if (arguments[0].equals("clip")) {
        clip(weights, provider, precision, Integer.parseInt(arguments[4]));
      } else {
        window(weights, provider, precision, Path.of(arguments[4]));
      }
    }
    System.out.println(peakResidentBytes());
  }

  private static void clip(
      Weights weights, BackendProvider provider, Precision precision, int frames) {
    TrackerOptions options = TrackerOptions.DEFAULT.withPrecision(precision).withSize(SIDE, SIDE);
    try (FrameSource source = new BenchClip(SIDE, SIDE, frames)) {
      new Tracker(weights, provider, options)
          .track(source, PipelineCase.queries(POINTS, SIDE, SIDE));
    }
  }

  private static void window(
      Weights weights, BackendProvider provider, Precision precision, Path file) {
    try (GoldenPack pack = GoldenPack.open(file);
        Backend backend = provider.open(weights, WindowCase.plan(pack), precision)) {
      System.out.println(READY);
      WindowCase.Window window = new WindowCase.Window(pack, backend);
      window.run();
      window.run();
    }
  }

  /** VmHWM of Linux: the most memory that this process ever had in RAM. */
  private static long peakResidentBytes() throws IOException {
    String peak = ProcessStatus.find("VmHWM");
    if (peak == null) {
      throw new MoteException("peak memory is not told: file=/proc/self/status; run this on Linux");
    }
    return Long.parseLong(peak.replaceAll("\\D", "")) * 1024;
  }

  /**
   * What a child measured.
   *
   * @param readySeconds from the start of the process to the open backend; NaN for clips
   * @param peakBytes resident at most
   */
  record Result(double readySeconds, long peakBytes) {}

  /** Runs {@link #main} in a process of its own, with this one's flags and a small fixed heap. */
  static Result run(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (!flag.startsWith("-Xm")
          && !flag.startsWith("-agentlib")
          && !flag.startsWith("-javaagent")) {
        command.add(flag);
      }
    }
    command.addAll(List.of("-Xms96m", "-Xmx96m", "-cp", System.getProperty("java.class.path")));
    command.add(Child.class.getName());
    command.addAll(List.of(arguments));
    try {
      long began = System.nanoTime();
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      double ready = Double.NaN;
      String last = null;
      try (var lines = process.inputReader()) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (line.equals(READY)) {
            ready = (System.nanoTime() - began) / 1e9;
          }
          last = line;
        }
      }
      if (process.waitFor() != 0 || last == null) {
        throw new MoteException(
            "a measuring process failed: arguments=" + List.of(arguments) + "; see above");
      }
      return new Result(ready, Long.parseLong(last));
    } catch (IOException e) {
      throw new MoteException("a measuring process cannot be started: command=" + command, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MoteException("a measuring process was interrupted; run again", e);
    }
  }
}
