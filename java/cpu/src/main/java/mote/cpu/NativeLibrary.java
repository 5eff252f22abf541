package mote.cpu;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import mote.cpu.ffi.mote_h;

/**
 * Finds and loads the native engine once. It is unpacked from the class path into a folder of the
 * user's cache that is named by its content, together with oneDNN and OpenMP, which it finds beside
 * itself, and the program of {@link Awake}. The system property {@code mote.cpu.library} names
 * another build of it.
 */
final class NativeLibrary {
  static final String PROPERTY = "mote.cpu.library";
  private static final String OURS = "mote/cpu/native/libmote_cpu.so";
  private static final String AWAKE = "mote/cpu/native/" + Awake.PROGRAM;
  private static final String MISSING = "mote/cpu/native/missing";
  private static final String DNNL = "org/bytedeco/dnnl/linux-x86_64/";

  /** What loading came to: the functions and where they are, or why there are none. */
  record Outcome(mote_h functions, Path library, String refusal) {}

  private static final class Holder {
    static final Outcome OUTCOME = load();
  }

  private NativeLibrary() {}

  static Outcome outcome() {
    return Holder.OUTCOME;
  }

  /** Why this platform or this build has no native engine, or null. */
  static String refusal(String os, String architecture, boolean built, String missing) {
    if (!os.equals("Linux") || !architecture.equals("amd64")) {
      return "CPU engine is for Linux on x86-64: os=%s, architecture=%s; use backend reference, plain Java and slow"
          .formatted(os, architecture);
    }
    if (missing != null) {
      String more = missing.contains("make") && !missing.equals("cmake") ? " make" : "";
      return "CPU engine was not built: missing=%s; apt-get install g++ cmake%s, then build again"
          .formatted(missing, more);
    }
    return built ? null : "CPU engine was not built: missing=" + OURS + "; build module java/cpu";
  }

  private static Outcome load() {
    String given = System.getProperty(PROPERTY);
    try {
      String missing = text(MISSING);
      boolean built = given != null || resource(OURS) != null;
      String refusal =
          refusal(System.getProperty("os.name"), System.getProperty("os.arch"), built, missing);
      if (refusal != null) {
        return new Outcome(null, null, refusal);
      }
      Path library = given == null ? unpack(cache(System.getenv())) : Path.of(given);
      return new Outcome(new mote_h(open(library)), library, null);
    } catch (IOException | RuntimeException | LinkageError failure) {
      return new Outcome(
          null,
          null,
          "CPU engine does not load: cause=%s; delete the folder mote in the cache, or build again"
              .formatted(failure));
    }
  }

  @SuppressWarnings("restricted") // the library is ours
  private static SymbolLookup open(Path library) {
    waitBriefly();
    return SymbolLookup.libraryLookup(library.toAbsolutePath(), Arena.global());
  }

  /**
   * OpenMP's threads spin for milliseconds after each piece of work before they sleep, which takes
   * the processor from decoders and encoders: on two busy cores the small model was 4 times slower.
   * A short spin costs nothing on idle ones. libgomp reads the variable when it is loaded; what the
   * user has set stays.
   */
  @SuppressWarnings("restricted") // setenv of the C library
  private static void waitBriefly() {
    if (System.getenv("OMP_WAIT_POLICY") != null) {
      return;
    }
    Linker linker = Linker.nativeLinker();
    MethodHandle setenv =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("setenv"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT));
    int status;
    try (Arena arena = Arena.ofConfined()) {
      status =
          (int)
              setenv.invokeExact(
                  arena.allocateFrom("GOMP_SPINCOUNT"), arena.allocateFrom("2000"), 0);
    } catch (Throwable failure) {
      throw new LinkageError("setenv failed", failure);
    }
    if (status != 0) {
      throw new LinkageError("setenv failed: status=" + status + "; free some memory");
    }
  }

  /** Where unpacked libraries are kept. */
  static Path cache(Map<String, String> environment) {
    String given = environment.get("XDG_CACHE_HOME");
    Path base =
        given != null && !given.isEmpty()
            ? Path.of(given)
            : Path.of(System.getProperty("user.home"), ".cache");
    return base.resolve("mote");
  }

  /** Unpacks what is not there yet; the folder appears whole or not at all. */
  static Path unpack(Path cache) throws IOException {
    Map<String, URL> files =
        Map.of(
            "libmote_cpu.so",
            required(OURS),
            Awake.PROGRAM,
            required(AWAKE),
            "libdnnl.so.3",
            required(DNNL + "libdnnl.so.3"),
            "libgomp.so.1",
            required(DNNL + "libgomp.so.1"));
    long dnnlBytes = files.get("libdnnl.so.3").openConnection().getContentLengthLong();
    String ours = digest(files.get("libmote_cpu.so"), files.get(Awake.PROGRAM));
    Path folder = cache.resolve("cpu-" + ours + "-" + dnnlBytes);
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(cache);
      Path temporary =
          Files.createTempDirectory(
              cache,
              "unpacking",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      try {
        for (Map.Entry<String, URL> file : files.entrySet()) {
          try (InputStream in = file.getValue().openStream()) {
            Files.copy(in, temporary.resolve(file.getKey()));
          }
        }
        Files.setPosixFilePermissions(
            temporary.resolve(Awake.PROGRAM), PosixFilePermissions.fromString("rwx------"));
        publish(temporary, folder);
      } finally {
        delete(temporary);
      }
    }
    return folder.resolve("libmote_cpu.so");
  }

  /** Another process may have been first: its folder has the same content. */
  private static void publish(Path temporary, Path folder) throws IOException {
    try {
      Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException failure) {
      if (!Files.isDirectory(folder)) {
        throw failure;
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      try (var files = Files.newDirectoryStream(folder)) {
        for (Path file : files) {
          Files.delete(file);
        }
      }
      Files.delete(folder);
    }
  }

  private static String digest(URL... urls) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (URL url : urls) {
        try (InputStream in = url.openStream()) {
          digest.update(in.readAllBytes());
        }
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError(impossible);
    }
  }

  private static URL required(String name) throws IOException {
    URL url = resource(name);
    if (url == null) {
      throw new IOException("library is not on the class path: name=" + name + "; add its jar");
    }
    return url;
  }

  private static URL resource(String name) {
    return NativeLibrary.class.getClassLoader().getResource(name);
  }

  private static String text(String name) throws IOException {
    URL url = resource(name);
    if (url == null) {
      return null;
    }
    try (InputStream in = url.openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    }
  }
}
