import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Checks the layout of all sources, or mends it: {@code Format ROOT check|fix}. Java by
 * google-java-format; C++ and CUDA by clang-format (style in .clang-format) where it is installed.
 * Runs as a program of its own because google-java-format parses with the compiler of the JVM that
 * it runs in, and Maven's may be older than the sources.
 */
final class Format {
  private Format() {}

  public static void main(String[] arguments) throws Exception {
    Path root = Path.of(arguments[0]);
    boolean fix = arguments[1].equals("fix");
    List<Path> wrong = new ArrayList<>(java(root, fix));
    wrong.addAll(cpp(root, fix));
    for (Path file : wrong) {
      System.out.println((fix ? "formatted " : "not formatted: ") + root.relativize(file));
    }
    if (!fix && !wrong.isEmpty()) {
      System.out.println(
          "sources are not formatted: files=" + wrong.size() + "; run mvn -N verify -Dformat=fix");
      System.exit(1);
    }
  }

  private static List<Path> java(Path root, boolean fix) throws IOException, FormatterException {
    Formatter formatter =
        new Formatter(
            JavaFormatterOptions.builder().style(JavaFormatterOptions.Style.GOOGLE).build());
    List<Path> wrong = new ArrayList<>();
    for (Path file : files(root, ".java")) {
      String source = Files.readString(file);
      String cleaned = RemoveUnusedImports.removeUnusedImports(source);
      String ordered = ImportOrderer.reorderImports(cleaned, JavaFormatterOptions.Style.GOOGLE);
      String formatted = formatter.formatSource(ordered);
      if (!formatted.equals(source)) {
        wrong.add(file);
        if (fix) {
          Files.writeString(file, formatted);
        }
      }
    }
    return wrong;
  }

  private static List<Path> cpp(Path root, boolean fix) throws IOException, InterruptedException {
    List<Path> sources = files(root, ".cpp", ".h", ".cu", ".cuh");
    if (sources.isEmpty() || !clangFormatWorks()) {
      System.out.println("clang-format is not installed: C++ files unchecked=" + sources.size());
      return List.of();
    }
    List<Path> wrong = new ArrayList<>();
    for (Path file : sources) {
      String formatted = clangFormat(file);
      if (!formatted.equals(Files.readString(file))) {
        wrong.add(file);
        if (fix) {
          Files.writeString(file, formatted);
        }
      }
    }
    return wrong;
  }

  private static boolean clangFormatWorks() throws InterruptedException {
    try {
      Process process = new ProcessBuilder("clang-format", "--version").start();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException absent) {
      return false;
    }
  }

  private static String clangFormat(Path file) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("clang-format", file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String formatted = new String(process.getInputStream().readAllBytes());
    if (process.waitFor() != 0) {
      throw new IOException("clang-format failed: file=" + file);
    }
    return formatted;
  }

  private static List<Path> files(Path root, String... endings) throws IOException {
    List<Path> found = new ArrayList<>();
    for (String top : List.of("java", "tests", "native", "kernels")) {
      Path folder = root.resolve(top);
      if (!Files.isDirectory(folder)) {
        continue;
      }
      try (Stream<Path> tree = Files.walk(folder)) {
        tree.filter(Files::isRegularFile)
            .filter(file -> Stream.of(endings).anyMatch(file.toString()::endsWith))
            .filter(file -> !file.toString().contains("/target/"))
            .sorted()
            .forEach(found::add);
      }
    }
    return found;
  }
}
