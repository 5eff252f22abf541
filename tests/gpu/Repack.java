import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * {@code java Repack.java LIBRARIES CLASSES OUT}: what the bundle needs of a class path, as jars
 * without compression, which the archive as a whole does better.
 *
 * <p>LIBRARIES: a file with the class path of the tests, jars or folders of classes. CLASSES: the
 * tests' own classes. OUT: a folder that is made.
 */
final class Repack {
  /** Beginnings of the names of jars, and of modules' folders; each must be there. */
  private static final List<String> NEEDED =
      List.of(
          "mote-engine",
          "mote-cuda",
          "mote-cli",
          "jcuda-12",
          "jcuda-natives",
          "jcublas-12",
          "jcublas-natives",
          "arrow-vector",
          "arrow-memory-core",
          "arrow-memory-unsafe",
          "arrow-format",
          "flatbuffers-java",
          "jackson-core",
          "jackson-databind",
          "jackson-annotations",
          "slf4j-api",
          "slf4j-nop",
          "commons-numbers-gamma",
          "commons-numbers-core",
          "commons-numbers-fraction",
          "HdrHistogram",
          "picocli",
          "junit-jupiter-api",
          "junit-jupiter-engine",
          "junit-jupiter-params",
          "junit-platform-commons",
          "junit-platform-engine",
          "junit-platform-launcher",
          "opentest4j");

  /** Taken where they are: another build may do without. */
  private static final List<String> OPTIONAL = List.of("apiguardian", "jspecify");

  /** Of the tests' classes: the suites, and what they ask the stand-in where it is that runs. */
  private static final List<String> SUITES =
      List.of("mote/contract/", "mote/gpu/", "mote/cuda/StandInDriver");

  /**
   * The stand-in, natives for which a driver is not enough, and readers and writers of nested
   * columns, which no track has.
   */
  private static final List<String> LEFT_OUT =
      List.of(
          "mote/cuda/simt/libcuda",
          "mote/cuda/simt/libcublas",
          "mote/cuda/simt/libmote_kernels",
          "org/apache/arrow/vector/complex/impl/",
          "lib/libJNvPTXCompiler",
          "lib/libJNvrtc",
          "lib/libJCudaRuntime",
          "META-INF/maven/",
          "module-info");

  private static final long TIME = 1767225600000L;

  private Repack() {}

  public static void main(String[] arguments) throws IOException {
    Path out = Files.createDirectories(Path.of(arguments[2]));
    List<String> missing = new ArrayList<>(NEEDED);
    for (String entry : Files.readString(Path.of(arguments[0])).strip().split(":")) {
      Path path = Path.of(entry);
      String name = name(path);
      List<String> found = NEEDED.stream().filter(name::startsWith).toList();
      if (!found.isEmpty() || OPTIONAL.stream().anyMatch(name::startsWith)) {
        missing.removeAll(found);
        pack(path, out.resolve(name + ".jar"), every -> true);
      }
    }
    if (!missing.isEmpty()) {
      throw new IOException(
          "libraries are missing: names="
              + missing
              + "; correct the list in tests/gpu/Repack.java");
    }
    pack(
        Path.of(arguments[1]),
        out.resolve("mote-tests.jar"),
        entry -> SUITES.stream().anyMatch(entry::startsWith));
  }

  /** Of a jar, or of the module whose target/classes it is. */
  private static String name(Path path) {
    return path.endsWith(Path.of("target", "classes"))
        ? "mote-" + path.getParent().getParent().getFileName()
        : path.getFileName().toString().replaceFirst("\\.jar$", "");
  }

  private static void pack(Path from, Path to, Predicate<String> wanted) throws IOException {
    TreeMap<String, byte[]> entries = Files.isDirectory(from) ? files(from) : zipped(from);
    try (OutputStream file = Files.newOutputStream(to);
        ZipOutputStream zip = new ZipOutputStream(file)) {
      zip.setLevel(Deflater.NO_COMPRESSION);
      for (var entry : entries.entrySet()) {
        if (wanted.test(entry.getKey())
            && LEFT_OUT.stream().noneMatch(entry.getKey()::startsWith)) {
          ZipEntry header = new ZipEntry(entry.getKey());
          header.setTime(TIME);
          zip.putNextEntry(header);
          zip.write(entry.getValue());
          zip.closeEntry();
        }
      }
    }
  }

  private static TreeMap<String, byte[]> files(Path folder) throws IOException {
    TreeMap<String, byte[]> entries = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(folder)) {
      for (Path file : walk.filter(Files::isRegularFile).toList()) {
        entries.put(folder.relativize(file).toString(), Files.readAllBytes(file));
      }
    }
    return entries;
  }

  private static TreeMap<String, byte[]> zipped(Path jar) throws IOException {
    TreeMap<String, byte[]> entries = new TreeMap<>();
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      for (ZipEntry entry : zip.stream().filter(each -> !each.isDirectory()).toList()) {
        try (InputStream in = zip.getInputStream(entry)) {
          entries.put(entry.getName(), in.readAllBytes());
        }
      }
    }
    return entries;
  }
}
