package mote.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import mote.cpu.ffi.mote_config;
import mote.cpu.ffi.mote_h;
import mote.cpu.ffi.mote_span;
import mote.cpu.ffi.mote_tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bindings written by hand agree with what the C++ compiler makes of mote.h. */
final class BindingTest {
  private static final Path HEADER = Path.of("native/include/mote.h");

  @TempDir Path folder;

  @BeforeEach
  void skipWithoutCompiler() throws Exception {
    boolean found;
    try {
      found =
          new ProcessBuilder("g++", "--version").redirectErrorStream(true).start().waitFor() == 0;
    } catch (IOException missing) {
      found = false;
    }
    if (!found) {
      System.out.println("skipped: no C++ compiler: missing=g++; apt-get install g++");
    }
    assumeTrue(found, "no C++ compiler");
  }

  @Test
  void layoutsConstantsAndSignaturesAreThoseOfTheHeader() throws Exception {
    assertEquals(String.join("\n", fromJava()), run(probe()));
  }

  @Test
  void everythingInTheHeaderIsBound() throws IOException {
    String header = Files.readString(HEADER);
    TreeSet<String> functions = new TreeSet<>();
    var matcher =
        java.util.regex.Pattern.compile("^\\w[\\w *]*?\\b(mote_\\w+)\\(", 8).matcher(header);
    while (matcher.find()) {
      functions.add(matcher.group(1));
    }
    assertEquals(functions, new TreeSet<>(mote_h.descriptors().keySet()));
    TreeSet<String> constants = new TreeSet<>();
    matcher = java.util.regex.Pattern.compile("^#define (MOTE_\\w+) ", 8).matcher(header);
    while (matcher.find()) {
      constants.add(matcher.group(1));
    }
    assertEquals(constants, new TreeSet<>(constants().keySet()));
  }

  /** Only names of ours leave the library. */
  @Test
  void exportsOnlyTheFunctionsOfTheHeader() throws Exception {
    Path library = Path.of("java/cpu/target/native/libmote_cpu.so");
    assumeTrue(Files.exists(library), "CPU engine is not built");
    String symbols =
        output(new ProcessBuilder("nm", "-D", "--defined-only", "-j", library.toString()));
    assertEquals(
        new TreeSet<>(mote_h.descriptors().keySet()), new TreeSet<>(symbols.lines().toList()));
  }

  private static Map<String, Integer> constants() {
    Map<String, Integer> constants = new TreeMap<>();
    for (Field field : mote_h.class.getFields()) {
      if (Modifier.isStatic(field.getModifiers()) && field.getName().startsWith("MOTE_")) {
        try {
          constants.put(field.getName(), field.getInt(null));
        } catch (IllegalAccessException impossible) {
          throw new AssertionError(impossible);
        }
      }
    }
    return constants;
  }

  private static List<String> fromJava() {
    Stream<String> constants =
        constants().entrySet().stream().map(one -> one.getKey() + " " + one.getValue());
    Stream<String> layouts =
        Stream.of(mote_config.layout(), mote_span.layout(), mote_tensor.layout())
            .flatMap(BindingTest::members);
    Stream<String> functions =
        new TreeMap<>(mote_h.descriptors())
            .entrySet().stream().map(one -> one.getKey() + " " + signature(one.getValue()));
    return Stream.of(constants, layouts, functions).flatMap(lines -> lines).toList();
  }

  private static Stream<String> members(GroupLayout layout) {
    String name = layout.name().orElseThrow();
    return Stream.concat(
        Stream.of(name + " " + layout.byteSize()),
        layout.memberLayouts().stream()
            .map(
                member -> {
                  String field = member.name().orElseThrow();
                  long offset = layout.byteOffset(PathElement.groupElement(field));
                  return name + "." + field + " " + offset + " " + member.byteSize();
                }));
  }

  private static String signature(FunctionDescriptor descriptor) {
    return descriptor.argumentLayouts().stream()
        .map(BindingTest::kind)
        .collect(Collectors.joining("", kind(descriptor.returnLayout().orElseThrow()) + "(", ")"));
  }

  private static String kind(MemoryLayout layout) {
    return switch (layout) {
      case AddressLayout _ -> "A";
      case ValueLayout.OfInt _ -> "I";
      case ValueLayout.OfLong _ -> "J";
      case ValueLayout.OfFloat _ -> "F";
      default -> throw new AssertionError(layout);
    };
  }

  /** A program that prints the same lines as {@link #fromJava} from the header. */
  private static String probe() {
    StringBuilder program =
        new StringBuilder(
            """
            #include <cstddef>
            #include <cstdio>
            #include <initializer_list>
            #include <type_traits>
            #include "mote.h"
            template <class T> const char* kind() {
              if (std::is_pointer<T>::value) return "A";
              if (std::is_same<T, int32_t>::value) return "I";
              if (std::is_same<T, int64_t>::value) return "J";
              if (std::is_same<T, float>::value) return "F";
              return "?";
            }
            template <class R, class... A> void print(const char* name, R (*)(A...)) {
              std::printf("%s %s(", name, kind<R>());
              (void)std::initializer_list<int>{(std::fputs(kind<A>(), stdout), 0)...};
              std::puts(")");
            }
            int main() {
            """);
    for (String name : constants().keySet()) {
      program.append("  std::printf(\"%s %%d\\n\", %s);\n".formatted(name, name));
    }
    for (GroupLayout layout :
        List.of(mote_config.layout(), mote_span.layout(), mote_tensor.layout())) {
      String struct = layout.name().orElseThrow();
      program.append("  std::printf(\"%s %%zu\\n\", sizeof(%s));\n".formatted(struct, struct));
      for (MemoryLayout member : layout.memberLayouts()) {
        String field = member.name().orElseThrow();
        program.append(
            "  std::printf(\"%s.%s %%zu %%zu\\n\", offsetof(%s, %s), sizeof(%s::%s));\n"
                .formatted(struct, field, struct, field, struct, field));
      }
    }
    for (String name : new TreeSet<>(mote_h.descriptors().keySet())) {
      program.append("  print(\"%s\", %s);\n".formatted(name, name));
    }
    return program.append("}\n").toString();
  }

  private String run(String program) throws Exception {
    Path source = folder.resolve("probe.cpp");
    Path binary = folder.resolve("probe");
    Files.writeString(source, program);
    // Prototypes alone: the addresses are never called, so that nothing needs to be linked.
    output(
        new ProcessBuilder(
            "g++",
            "-std=c++17",
            "-Wall",
            "-Werror",
            "-Wl,--unresolved-symbols=ignore-all",
            "-I" + HEADER.getParent(),
            source.toString(),
            "-o",
            binary.toString()));
    return output(new ProcessBuilder(binary.toString())).strip();
  }

  private static String output(ProcessBuilder command) throws Exception {
    Process process = command.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    assertEquals(0, process.waitFor(), () -> command.command() + "\n" + said);
    return said;
  }
}
