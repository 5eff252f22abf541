package mote.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jcuda.CudaException;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the jar carries becomes machine code without a driver: JCuda's own compiler takes exactly
 * the committed PTX, spills nothing, and needs what kernels/resources.tsv says.
 */
final class PtxCompilerTest {
  private static final Path KERNELS = Path.of("kernels");

  /** The first and the last that this compiler knows; kernels/gate has those between and after. */
  private static final List<String> PORTABLE = List.of("sm_80", "sm_90");

  private static final Pattern ENTRY =
      Pattern.compile(
          "Compiling entry function '(\\w+)' for '(\\w+)'"
              + "(?:(?!Compiling entry).)*?(\\d+) bytes stack frame, (\\d+) bytes spill stores,"
              + " (\\d+) bytes spill loads(?:(?!Compiling entry).)*?Used (\\d+) registers([^\\n]*)",
          Pattern.DOTALL);
  private static final Pattern SHARED = Pattern.compile("(\\d+) bytes smem");

  private record Kernel(String name, String architecture, int registers, int shared) {}

  @BeforeAll
  static void load() {
    NativeFolder.during(() -> JNvPTXCompiler.setExceptionsEnabled(true));
  }

  static List<String> operations() throws IOException {
    try (Stream<Path> files = Files.list(KERNELS.resolve("ptx"))) {
      return files.map(f -> f.getFileName().toString().replace(".ptx", "")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("operations")
  void compilesToWhatTheTableSays(String operation) throws IOException {
    byte[] ptx = carried(operation);
    assertEquals(
        Files.readString(KERNELS.resolve("ptx").resolve(operation + ".ptx")),
        new String(ptx, StandardCharsets.UTF_8),
        "the jar's is another");
    List<String> architectures = operation.endsWith("_hopper") ? List.of("sm_90a") : PORTABLE;
    for (String architecture : architectures) {
      List<Kernel> kernels = compile(ptx, architecture);
      assertEquals(names(new String(ptx, StandardCharsets.UTF_8)), sortedNames(kernels));
      for (Kernel kernel : kernels) {
        assertEquals(expected(kernel.name(), architecture), kernel);
      }
    }
  }

  @Test
  void whatIsNoPtxIsRefused() {
    byte[] wrong = ".version 8.0\n.target sm_80\n.address_size 64\n!\n".getBytes();
    assertThrows(CudaException.class, () -> compile(wrong, "sm_80"));
  }

  private static byte[] carried(String operation) throws IOException {
    try (InputStream in = Kernels.class.getResourceAsStream("kernels/" + operation + ".ptx")) {
      return in.readAllBytes();
    }
  }

  /** Machine code of every kernel of a PTX text, whose spills are refused. */
  private static List<Kernel> compile(byte[] ptx, String architecture) {
    nvPTXCompilerHandle compiler = new nvPTXCompilerHandle();
    JNvPTXCompiler.nvPTXCompilerCreate(compiler, ptx.length, ptx);
    try {
      String[] options = {"--gpu-name=" + architecture, "--verbose"};
      JNvPTXCompiler.nvPTXCompilerCompile(compiler, options.length, options);
      long[] size = new long[1];
      JNvPTXCompiler.nvPTXCompilerGetCompiledProgramSize(compiler, size);
      assertTrue(size[0] > 0, "no machine code");
      JNvPTXCompiler.nvPTXCompilerGetInfoLogSize(compiler, size);
      byte[] log = new byte[Math.toIntExact(size[0]) + 1];
      JNvPTXCompiler.nvPTXCompilerGetInfoLog(compiler, log);
      return kernels(new String(log, StandardCharsets.US_ASCII), architecture);
    } finally {
      JNvPTXCompiler.nvPTXCompilerDestroy(compiler);
    }
  }

  private static List<Kernel> kernels(String log, String architecture) {
    List<Kernel> kernels = new ArrayList<>();
    for (Matcher entry = ENTRY.matcher(log); entry.find(); ) {
      assertEquals(architecture, entry.group(2));
      for (int group = 3; group <= 5; group++) {
        assertEquals("0", entry.group(group), "stack or spills: " + entry.group(1));
      }
      Matcher shared = SHARED.matcher(entry.group(7));
      kernels.add(
          new Kernel(
              entry.group(1),
              architecture,
              Integer.parseInt(entry.group(6)),
              shared.find() ? Integer.parseInt(shared.group(1)) : 0));
    }
    assertFalse(kernels.isEmpty(), log);
    return kernels;
  }

  private static TreeSet<String> names(String ptx) {
    TreeSet<String> names = new TreeSet<>();
    for (Matcher entry = Pattern.compile("\\.entry (\\w+)").matcher(ptx); entry.find(); ) {
      names.add(entry.group(1));
    }
    return names;
  }

  private static TreeSet<String> sortedNames(List<Kernel> kernels) {
    TreeSet<String> names = new TreeSet<>();
    kernels.forEach(kernel -> names.add(kernel.name()));
    return names;
  }

  private static Kernel expected(String kernel, String architecture) throws IOException {
    for (String line : Files.readAllLines(KERNELS.resolve("resources.tsv"))) {
      String[] row = line.split("\t");
      if (row[0].equals(kernel) && row[1].equals(architecture)) {
        return new Kernel(kernel, architecture, Integer.parseInt(row[2]), Integer.parseInt(row[3]));
      }
    }
    throw new AssertionError(
        "kernel is not in the table: kernel=%s, architecture=%s; kernels/gate --write"
            .formatted(kernel, architecture));
  }
}
