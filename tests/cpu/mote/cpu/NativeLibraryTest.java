package mote.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import mote.engine.Architecture;
import mote.engine.FormulaWeights;
import mote.engine.MoteException;
import mote.engine.Plan;
import mote.engine.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the native engine is found, and what is said where it is not. */
final class NativeLibraryTest {
  @TempDir Path folder;

  @Test
  void namesWhatIsMissing() {
    assertEquals(
        "CPU engine was not built: missing=g++; apt-get install g++ cmake, then build again",
        NativeLibrary.refusal("Linux", "amd64", false, "g++"));
    assertEquals(
        "CPU engine was not built: missing=g++ cmake make; apt-get install g++ cmake make, then build again",
        NativeLibrary.refusal("Linux", "amd64", false, "g++ cmake make"));
    assertEquals(
        "CPU engine is for Linux on x86-64: os=Mac OS X, architecture=aarch64; use backend reference, plain Java and slow",
        NativeLibrary.refusal("Mac OS X", "aarch64", false, null));
    assertEquals(
        "CPU engine was not built: missing=mote/cpu/native/libmote_cpu.so; build module java/cpu",
        NativeLibrary.refusal("Linux", "amd64", false, null));
    assertNull(NativeLibrary.refusal("Linux", "amd64", true, null));
  }

  @Test
  void threadsAreANumberOrLeftOut() {
    assertEquals(0, Configuration.threads(null));
    assertEquals(3, Configuration.threads("3"));
    for (String none : List.of("two", "", "0", "-1", "1025", "99999999999")) {
      assertEquals(
          "number of threads is none: mote.cpu.threads="
              + none
              + "; give 1 to 1024 or leave it out",
          assertThrows(MoteException.class, () -> Configuration.threads(none)).getMessage());
    }
  }

  /** The build goes on without a compiler, leaves a note, and takes the engine of before away. */
  @Test
  void buildWithoutCompilerLeavesANote() throws Exception {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "the script is for Linux");
    Path tools = Files.createDirectory(folder.resolve("tools"));
    for (String tool : List.of("dirname", "mkdir", "rm", "cmake", "make")) {
      Path real = Path.of("/usr/bin", tool);
      assumeTrue(Files.exists(real), "no " + real);
      // Not a link: a link would be followed by warnings when the folder is deleted.
      Path script = Files.writeString(tools.resolve(tool), "#!/bin/sh\nexec " + real + " \"$@\"\n");
      Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    }
    Path out = Files.createDirectory(folder.resolve("out"));
    Files.writeString(out.resolve("libmote_cpu.so"), "of an earlier build");
    ProcessBuilder build =
        new ProcessBuilder(
                "/usr/bin/sh",
                Path.of("native/build.sh").toString(),
                folder.toString(),
                folder.resolve("build").toString(),
                out.toString())
            .redirectErrorStream(true);
    build.environment().put("PATH", tools.toString());
    build.environment().remove("CXX");
    Process process = build.start();
    String said = new String(process.getInputStream().readAllBytes());
    assertEquals(0, process.waitFor(), said);
    assertEquals(
        "CPU engine is not built: missing=g++; apt-get install g++ cmake, then build again\n",
        said);
    assertEquals("g++\n", Files.readString(out.resolve("missing")));
    assertFalse(Files.exists(out.resolve("libmote_cpu.so")));
  }

  @Test
  void cacheFollowsTheEnvironment() {
    assertEquals(Path.of("/c/mote"), NativeLibrary.cache(Map.of("XDG_CACHE_HOME", "/c")));
    assertTrue(NativeLibrary.cache(Map.of()).endsWith(Path.of(".cache", "mote")));
  }

  @Test
  void unpacksOnceAndPrivately() throws IOException {
    assumeAvailable();
    Path library = NativeLibrary.unpack(folder);
    FileTime written = Files.getLastModifiedTime(library);
    assertEquals(library, NativeLibrary.unpack(folder));
    assertEquals(written, Files.getLastModifiedTime(library));
    assertEquals(
        "rwx------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(library.getParent())));
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of(library.getParent()), left.toList());
    }
    try (Stream<Path> files = Files.list(library.getParent())) {
      assertEquals(
          List.of("libdnnl.so.3", "libgomp.so.1", "libmote_cpu.so", "mote-awake"),
          files.map(file -> file.getFileName().toString()).sorted().toList());
    }
  }

  @Test
  void refusesPrecisionsThatItLacks() {
    assumeAvailable();
    try (FormulaWeights weights = FormulaWeights.of(Architecture.moteS(), 1)) {
      Plan plan = Plan.unscaled(32, 32, 4, 8, 1);
      MoteException refused =
          assertThrows(
              MoteException.class,
              () -> new CpuProvider().open(weights, plan, Precision.FP16).close());
      assertEquals(
          "precision is not supported: backend=cpu, precision=fp16; use f32 or bf16",
          refused.getMessage());
      try (var backend = new CpuProvider().open(weights, plan, null)) {
        assertEquals(Precision.F32, backend.precision());
        assertTrue(
            backend.description().matches("cpu: (portable|avx2|avx512), \\d+ threads, f32"),
            backend.description());
      }
    }
    assertEquals(0, CpuProvider.openEngines());
  }

  private static void assumeAvailable() {
    String refusal = new CpuProvider().unavailable();
    if (refusal != null) {
      System.out.println("skipped: cpu: " + refusal);
    }
    assumeTrue(refusal == null, refusal);
  }
}
