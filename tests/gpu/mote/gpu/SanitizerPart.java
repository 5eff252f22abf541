package mote.gpu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mote.cuda.Form;

/**
 * NVIDIA's compute-sanitizer around this very program: the contract suite, whose models are small
 * and run every kernel, under memcheck and racecheck; then a small golden pack of each family.
 * Where the tool is not found nothing is checked, and it is said.
 */
final class SanitizerPart implements Part {
  private static final String TOOL = "compute-sanitizer";

  /** Its exit code where it found something; other codes are the program's own. */
  private static final int FOUND = 86;

  /** What a run that did not end had found. */
  private static final Pattern FINDING =
      Pattern.compile(
          "^=========\\s+(Invalid|Error|Warning: Race|Misaligned|Out-of-range|Program hit|Barrier error)",
          Pattern.MULTILINE);

  private static final Pattern SUMMARY = Pattern.compile("(ERROR|RACECHECK) SUMMARY: (\\d+)");

  /**
   * Tests that plant faults of their own or compare messages alone run no kernel worth checking.
   */
  private static final String KERNELS = "(?!refuses|afterClose|saysWhat|weightsThat).*";

  /**
   * A run of the tool.
   *
   * @param status {@code passed}, {@code failed} or {@code cut off}
   * @param errors that the tool counted; null where it did not come to its end
   */
  record Row(String tool, String program, String status, Integer errors, double seconds) {}

  @Override
  public String name() {
    return "sanitizer";
  }

  @Override
  public Outcome run(Settings settings, Results results) throws IOException, InterruptedException {
    if (!found()) {
      String note = TOOL + " is not found: nothing was checked; install the CUDA toolkit's";
      results.add(name(), "notes", note);
      System.out.println(note);
      return Outcome.NOT_MEASURED;
    }
    List<List<String>> programs = new ArrayList<>();
    for (Form form : settings.forms(name(), results)) {
      String forms = "--forms=" + form.id();
      programs.add(List.of("contract", forms, "--tests=" + matching(settings)));
      for (String pack : List.of("mote-window-odd", "window-odd-stride8")) {
        if (settings.packs.contains(pack)) {
          programs.add(List.of("golden", forms, "--packs=" + pack));
        }
      }
    }
    double deadline = System.nanoTime() / 1e9 + settings.seconds;
    int left = 2 * programs.size();
    boolean failed = false;
    boolean complete = true;
    for (List<String> program : programs) {
      for (String tool : List.of("memcheck", "racecheck")) {
        double share = (deadline - System.nanoTime() / 1e9) / left--;
        Row row = run(tool, program, settings, share);
        results.row(name(), row);
        System.out.printf("%-9s %s: %s, %s errors%n", tool, program, row.status, row.errors);
        failed |= row.status.equals("failed");
        complete &= row.status.equals("passed");
      }
    }
    return failed ? Outcome.FAILED : complete ? Outcome.PASSED : Outcome.NOT_MEASURED;
  }

  private static String matching(Settings settings) {
    return settings.tests.equals(".*") ? KERNELS : settings.tests;
  }

  private static boolean found() {
    try {
      Process process =
          new ProcessBuilder(TOOL, "--version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor() == 0;
    } catch (IOException missing) {
      return false;
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Runs a part of this program under the tool, its output in a log beside the results. */
  private static Row run(String tool, List<String> program, Settings settings, double seconds)
      throws IOException, InterruptedException {
    Path log = settings.out.resolve("sanitizer.log");
    Path scratch = Files.createTempDirectory("mote-sanitizer");
    List<String> command =
        new ArrayList<>(
            List.of(
                TOOL,
                "--tool=" + tool,
                "--target-processes=all",
                "--error-exitcode=" + FOUND,
                ProcessHandle.current().info().command().orElse("java")));
    command.addAll(List.of(System.getProperty("mote.flags", "").split(" ")));
    command.addAll(
        List.of(
            "-Dmote.bundle=" + System.getProperty("mote.bundle", ""),
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName()));
    command.addAll(program);
    command.add("--out=" + scratch);
    command.add("--repository=" + settings.repository);
    long began = System.nanoTime();
    Path output = scratch.resolve("output");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    Thread ending = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(ending);
    boolean ended = process.waitFor(Math.round(1000 * Math.max(seconds, 1)), TimeUnit.MILLISECONDS);
    if (!ended) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().waitFor();
    }
    Runtime.getRuntime().removeShutdownHook(ending);
    String text = Files.readString(output);
    keep(log, "== " + tool + " " + program + "\n" + text);
    delete(scratch);
    String status = status(text, ended ? process.exitValue() : null);
    double took = (System.nanoTime() - began) / 1e9;
    return new Row(tool, String.join(" ", program), status, errors(text), took);
  }

  /**
   * What a run came to: without the tool's own last line nothing was checked to its end.
   *
   * @param exitCode null where it had to be ended
   */
  static String status(String text, Integer exitCode) {
    if (exitCode == null) {
      return FINDING.matcher(text).find() ? "failed" : "cut off";
    }
    Integer errors = errors(text);
    return exitCode == 0 && errors != null && errors == 0 ? "passed" : "failed";
  }

  /** Of the tool's own last lines; null where it did not come to them. */
  static Integer errors(String text) {
    Matcher matcher = SUMMARY.matcher(text);
    Integer sum = null;
    while (matcher.find()) {
      sum = (sum == null ? 0 : sum) + Integer.parseInt(matcher.group(2));
    }
    return sum;
  }

  private static void keep(Path log, String text) throws IOException {
    Files.writeString(
        log,
        text,
        java.nio.file.StandardOpenOption.CREATE,
        java.nio.file.StandardOpenOption.APPEND);
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      files
          .sorted(java.util.Comparator.reverseOrder())
          .forEach(
              file -> {
                try {
                  Files.delete(file);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }
}
