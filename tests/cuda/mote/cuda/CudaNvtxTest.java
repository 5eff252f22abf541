package mote.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import mote.cli.Main;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ranges arrive at a profiler: at a library that does what Nsight's does, and writes them down. */
final class CudaNvtxTest {
  /** As NVTX's own headers have it; the names are those of nvtxTypes.h. */
  private static final String PROFILER =
      """
      #include <cstdint>
      #include <cstdio>
      #include <cstdlib>
      static void say(const char* what, const char* name) {
        std::FILE* file = std::fopen(std::getenv("NVTX_SEEN"), "a");
        std::fprintf(file, "%s%s\\n", what, name);
        std::fclose(file);
      }
      static int depth = 0;
      extern "C" int nvtxRangePushA(const char* name) { say("push ", name); return depth++; }
      extern "C" int nvtxRangePop() { say("pop", ""); return --depth; }
      typedef void (*Function)();
      typedef Function** FunctionTable;
      struct Callbacks {
        size_t size;
        int (*GetModuleFunctionTable)(int module, FunctionTable* table, unsigned* size);
      };
      struct VersionInfo {
        size_t size;
        uint32_t version, reserved;
        void (*SetInjectionNvtxVersion)(uint32_t);
      };
      #ifndef NO_ENTRY
      extern "C" int InitializeInjectionNvtx2(const void* (*table)(uint32_t)) {
        const VersionInfo* version = static_cast<const VersionInfo*>(table(3));
        const Callbacks* callbacks = static_cast<const Callbacks*>(table(1));
        if (version->size != sizeof(VersionInfo) || version->version != 3) return 0;
        if (callbacks->size != sizeof(Callbacks) || table(2) != nullptr) return 0;
        version->SetInjectionNvtxVersion(3);
        const unsigned expected[] = {0, 16, 9, 15, 7, 16, 7};
        FunctionTable functions = nullptr;
        unsigned size = 0;
        for (int module = 6; module > 0; module--) {
          if (callbacks->GetModuleFunctionTable(module, &functions, &size) != 1) return 0;
          if (size != expected[module] || functions[0] != nullptr) return 0;
          if (functions[size] != nullptr) return 0;
          for (unsigned id = 1; id < size; id++) if (*functions[id] != nullptr) return 0;
        }
        if (callbacks->GetModuleFunctionTable(7, &functions, &size) != 0) return 0;
        if (callbacks->GetModuleFunctionTable(1, &functions, nullptr) != 1) return 0;
      #ifdef REFUSES
        return 0;
      #endif
      #ifndef TAKES_NONE
        *functions[9] = reinterpret_cast<Function>(nvtxRangePushA);
        *functions[11] = reinterpret_cast<Function>(nvtxRangePop);
      #endif
        return 1;
      }
      #endif
      """;

  @TempDir Path folder;

  @BeforeEach
  void compiler() throws Exception {
    boolean found;
    try {
      found =
          new ProcessBuilder("g++", "--version").redirectErrorStream(true).start().waitFor() == 0;
    } catch (java.io.IOException missing) {
      found = false;
    }
    if (!found) {
      System.out.println("skipped: no C++ compiler: missing=g++; apt-get install g++");
    }
    assumeTrue(found, "no C++ compiler");
  }

  private Path profiler(String... options) throws Exception {
    Path source = folder.resolve("profiler.cpp");
    Path library = folder.resolve("profiler%d.so".formatted(options.length));
    Files.writeString(source, PROFILER);
    List<String> command = new ArrayList<>(List.of("g++", "-shared", "-fPIC", "-Wall"));
    command.addAll(List.of(options));
    command.addAll(List.of(source.toString(), "-o", library.toString()));
    assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
    return library;
  }

  private static void assertRefused(String message, Nvtx.Outcome outcome) {
    assertNull(outcome.ranges());
    assertEquals("none: " + message, outcome.taker());
  }

  @Test
  void whatIsNoProfilerIsNamed() throws Exception {
    assertRefused(
        "no profiler is there: NVTX_INJECTION64_PATH=unset, library=libnone.so.1; start Mote by nsys profile or ncu",
        Nvtx.load(null, "libnone.so.1"));
    Path none = folder.resolve("none.so");
    String remedy = "; start Mote by nsys profile or ncu, or unset it";
    assertRefused(
        "profiler's library cannot be loaded: NVTX_INJECTION64_PATH=%s, cause=dlopen%s"
            .formatted(none, remedy),
        Nvtx.load(none.toString(), "libnone.so.1"));
    Path other = profiler("-DNO_ENTRY");
    assertRefused(
        "library is no profiler's: NVTX_INJECTION64_PATH=%s, missing=InitializeInjectionNvtx2%s"
            .formatted(other, remedy),
        Nvtx.load(other.toString(), "libnone.so.1"));
    Path refuses = profiler("-DREFUSES", "-O0");
    assertRefused(
        "profiler does not want to start: NVTX_INJECTION64_PATH=%s, status=0%s"
            .formatted(refuses, remedy),
        Nvtx.load(refuses.toString(), "libnone.so.1"));
    Path takesNone = profiler("-DTAKES_NONE", "-O0", "-g0");
    assertRefused(
        "profiler takes no ranges: NVTX_INJECTION64_PATH=%s, missing=nvtxRangePushA%s"
            .formatted(takesNone, remedy),
        Nvtx.load(takesNone.toString(), "libnone.so.1"));
  }

  /** A process under a profiler: every operation and kernel is a range, all of them are closed. */
  private List<String> profiled(String variable, String value) throws Exception {
    Path seen = folder.resolve("seen.txt");
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName()));
    command.addAll(List.of("profile", "--backend", "cuda", "--size", "48x32"));
    command.addAll(List.of("--points", "2", "--frames", "2"));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("NVTX_SEEN", seen.toString());
    builder.environment().put(variable, value);
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes());
    assertEquals(0, process.waitFor(), said);
    assertTrue(said.contains("NVTX ranges: taken by "), said);
    return Files.readAllLines(seen);
  }

  private static void assertRanges(List<String> seen) {
    List<String> open = new ArrayList<>();
    List<String> paths = new ArrayList<>();
    for (String line : seen) {
      if (line.equals("pop")) {
        open.removeLast();
      } else {
        open.add(line.substring("push ".length()));
        paths.add(String.join("/", open));
      }
    }
    assertEquals(List.of(), open, "every range ends");
    List<String> operations = List.of("encode", "match", "similarity", "refine");
    assertTrue(
        operations.containsAll(paths.stream().map(p -> p.split("/")[0]).toList()), "" + paths);
    List<String> expected =
        List.of(
            "encode",
            "encode/upload",
            "encode/stem",
            "encode/conv",
            "refine/correlate",
            "refine/mixer",
            "refine/visibility",
            "refine/download");
    assertTrue(paths.containsAll(expected), paths.toString());
  }

  @Test
  void aProfilersLibraryGetsTheRanges() throws Exception {
    assumeTrue(new CudaProvider().unavailable() == null, "no CUDA");
    assertRanges(profiled("NVTX_INJECTION64_PATH", profiler().toString()));
  }

  /** Profilers of CUDA 12 and older come with a library of functions. */
  @Test
  void theOldLibraryGetsTheRanges() throws Exception {
    assumeTrue(new CudaProvider().unavailable() == null, "no CUDA");
    Files.copy(profiler("-DNO_ENTRY"), folder.resolve("libnvToolsExt.so.1"));
    assertRanges(profiled("LD_LIBRARY_PATH", folder.toString()));
  }
}
