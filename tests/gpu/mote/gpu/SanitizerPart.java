package mote.gpu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mote.cuda.Form;

/**
 * NVIDIA's compute-sanitizer around this very program: tests of the contract suite that run every
 * kernel, under memcheck and racecheck; then a small golden pack of each family. Where the tool is
 * not found nothing is checked, and it is said.
 */
final class SanitizerPart implements Part {
  private static final String TOOL = "compute-sanitizer";
  private static final List<String> TOOLS = List.of("memcheck", "racecheck");

  /** Of the time, beside 1 for a golden pack's window. */
  private static final int CONTRACT_WEIGHT = 6;

  /** Its exit code where it found something; other codes are the program's own. */
  private static final int FOUND = 86;

  /** What a run that did not end had found. */
  private static final Pattern FINDING =
      Pattern.compile(
          "^=========\\s+(Invalid|(Error|Warning): (Race|Potential)|Misaligned|Out-of-range|Program hit|Barrier error)",
          Pattern.MULTILINE);

  private static final Pattern SUMMARY = Pattern.compile("(ERROR|RACECHECK) SUMMARY: (\\d+)");

  /**
   * Under the tool everything takes tens of times as long: of each operation the tests that say
   * most, of one small model of each family where there is a choice.
   */
  static final List<String> TESTS =
      List.of(
          "paddingOfRowsIsNotRead", // encode
          "templatesAtStrideEight",
          "aRestoredTemplateIsTheOneThatWasRead",
          "nothingIsCorrelatedFarOutside",
          "slotsInAnyOrderAndRepeated", // refine, and with it correlation and mixer
          "aPointIsDoneWhenItMovesNoMore",
          "findsATemplateInItsOwnPicture", // match
          "refinedPointsAreCompared",
          "similarityAnywhere",
          "refinesAsTheReference"); // in the Hopper form

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
    List<String> open = new ArrayList<>();
    programs.forEach(program -> open.addAll(Collections.nCopies(TOOLS.size(), program.getFirst())));
    boolean failed = false;
    boolean complete = true;
    for (List<String> program : programs) {
      for (String tool : TOOLS) {
        double share = share(deadline - System.nanoTime() / 1e9, open);
        open.removeFirst();
        Row row = run(tool, program, settings, share);
        results.row(name(), row);
        System.out.printf("%-9s %s: %s, %s errors%n", tool, program, row.status, row.errors);
        failed |= row.status.equals("failed");
        complete &= row.status.equals("passed");
      }
    }
    return failed ? Outcome.FAILED : complete ? Outcome.PASSED : Outcome.NOT_MEASURED;
  }

  /**
   * Seconds for the first of the parts of this program that are still to run, each by its weight.
   *
   * @param left seconds for all of them
   */
  static double share(double left, List<String> parts) {
    int all = parts.stream().mapToInt(SanitizerPart::weight).sum();
    return left * weight(parts.getFirst()) / all;
  }

  private static int weight(String part) {
    return part.equals("contract") ? CONTRACT_WEIGHT : 1;
  }

  private static String matching(Settings settings) {
    return settings.tests.equals(".*") ? String.join("|", TESTS) : settings.tests;
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
    Thread ending = new Thread(() -> end(process));
    Runtime.getRuntime().addShutdownHook(ending);
    boolean ended = process.waitFor(Math.round(1000 * Math.max(seconds, 1)), TimeUnit.MILLISECONDS);
    if (!ended) {
      end(process);
      process.waitFor();
    }
    Runtime.getRuntime().removeShutdownHook(ending);
    String text = Files.readString(output);
    keep(log, "== " + tool + " " + program + "\n" + text);
    delete(scratch);
    String status = status(text, ended ? process.exitValue() : null);
    double took = (System.nanoTime() - began) / 1e9;
    return new Row(tool, String.join(" ", program), status, errors(text), took);
  }

  /** The tool first: it would report the program's end as a fault of the program. */
  private static void end(Process process) {
    List<ProcessHandle> descendants = process.descendants().toList(); // none is found later
    process.destroyForcibly();
    descendants.forEach(ProcessHandle::destroyForcibly);
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
