package mote.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The layouts read from kernels/params.h are those that a C++ compiler makes of it. */
final class CudaStructsTest {
  @TempDir Path folder;

  @Test
  void sizesAndOffsetsAreTheCompilers() throws Exception {
    assumeTrue(compilerFound(), "no C++ compiler");
    assertTrue(Structs.names().size() > 15, "structs were left out");
    List<String> expected = new ArrayList<>();
    StringBuilder program =
        new StringBuilder("#include <cstddef>\n#include <cstdio>\n#include \"params.h\"\n");
    program.append("int main() {\n");
    for (String name : Structs.names()) {
      StructLayout layout = Structs.layout(name);
      expected.add(name + " " + layout.byteSize());
      program.append("  std::printf(\"%s %%zu\\n\", sizeof(%s));\n".formatted(name, name));
      for (MemoryLayout member : layout.memberLayouts()) {
        if (member.name().isPresent()) {
          String field = member.name().get();
          long offset = layout.byteOffset(PathElement.groupElement(field));
          expected.add(name + "." + field + " " + offset + " " + member.byteSize());
          program.append(
              "  std::printf(\"%s.%s %%zu %%zu\\n\", offsetof(%s, %s), sizeof(%s::%s));\n"
                  .formatted(name, field, name, field, name, field));
        }
      }
    }
    assertEquals(String.join("\n", expected), run(program.append("}\n").toString()));
  }

  private static boolean compilerFound() throws InterruptedException {
    try {
      return new ProcessBuilder("g++", "--version").redirectErrorStream(true).start().waitFor()
          == 0;
    } catch (IOException missing) {
      System.out.println("skipped: no C++ compiler: missing=g++; apt-get install g++");
      return false;
    }
  }

  private String run(String program) throws Exception {
    Path source = Files.writeString(folder.resolve("probe.cpp"), program);
    Path binary = folder.resolve("probe");
    output("g++", "-std=c++17", "-Ikernels", source.toString(), "-o", binary.toString());
    return output(binary.toString());
  }

  private static String output(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    assertEquals(0, process.waitFor(), output);
    return output.strip();
  }

  @Test
  void membersAreWrittenWhereTheyLie() {
    try (Arena arena = Arena.ofConfined()) {
      Structs.Struct struct = new Structs.Struct(arena, "ResizeParams");
      struct.member("in[2]").set("height", 7);
      struct.set("out", 1L << 40).set("channels", 48);
      long in2 = 2 * Structs.layout("Source").byteSize();
      assertEquals(7, struct.segment().get(ValueLayout.JAVA_INT, in2 + 32));
      long out = 4 * Structs.layout("Source").byteSize();
      assertEquals(1L << 40, struct.segment().get(ValueLayout.JAVA_LONG, out));
      assertThrows(IllegalArgumentException.class, () -> struct.set("outs", 1));
      assertThrows(IllegalArgumentException.class, () -> struct.setFloat("channels", 1));
      assertThrows(ArithmeticException.class, () -> struct.set("channels", 1L << 31));
    }
  }
}
