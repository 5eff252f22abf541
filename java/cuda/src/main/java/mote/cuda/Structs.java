package mote.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Layouts of the kernels' parameter structs, read from kernels/params.h itself: the file that the
 * kernels were compiled with, part of the jar.
 */
final class Structs {
  private static final Pattern STRUCT =
      Pattern.compile("struct (?:alignas\\((\\d+)\\) )?(\\w+) \\{(.*?)\\n\\};", Pattern.DOTALL);
  private static final Pattern MEMBERS = Pattern.compile("(\\w+)\\s+([^;]+);");
  private static final Pattern NAME = Pattern.compile("(\\w+)(?:\\[(\\d+)\\])?");

  private static final Map<String, MemoryLayout> TYPES = parse(text());

  private Structs() {}

  /**
   * The layout of a struct.
   *
   * @throws IllegalArgumentException if params.h has none of that name
   */
  static StructLayout layout(String name) {
    if (!(TYPES.get(name) instanceof StructLayout layout)) {
      throw new IllegalArgumentException("params.h has no such struct: name=" + name);
    }
    return layout;
  }

  /** Names of all structs of params.h. */
  static SortedSet<String> names() {
    SortedSet<String> names = new TreeSet<>();
    TYPES.forEach(
        (name, layout) -> {
          if (layout instanceof StructLayout) {
            names.add(name);
          }
        });
    return names;
  }

  private static String text() {
    try (InputStream in = Structs.class.getResourceAsStream("kernels/params.h")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("params.h cannot be read from the jar", e);
    }
  }

  private static Map<String, MemoryLayout> parse(String text) {
    Map<String, MemoryLayout> types = new HashMap<>();
    types.put("int32_t", ValueLayout.JAVA_INT);
    types.put("int64_t", ValueLayout.JAVA_LONG);
    types.put("uint64_t", ValueLayout.JAVA_LONG);
    types.put("float", ValueLayout.JAVA_FLOAT);
    Matcher structs = STRUCT.matcher(text.replaceAll("//[^\\n]*", ""));
    while (structs.find()) {
      StructLayout layout = struct(types, structs.group(2), structs.group(3));
      types.put(
          structs.group(2),
          structs.group(1) == null
              ? layout
              : layout.withByteAlignment(Long.parseLong(structs.group(1))));
    }
    return types;
  }

  private static StructLayout struct(Map<String, MemoryLayout> types, String name, String body) {
    List<MemoryLayout> members = new ArrayList<>();
    long offset = 0;
    long alignment = 1;
    Matcher lines = MEMBERS.matcher(body);
    while (lines.find()) {
      MemoryLayout type = types.get(lines.group(1));
      if (type == null) {
        throw new IllegalStateException(
            "params.h has an unknown type: struct=" + name + ", type=" + lines.group(1));
      }
      for (String declared : lines.group(2).split(",")) {
        Matcher member = NAME.matcher(declared.strip());
        if (!member.matches()) {
          throw new IllegalStateException(
              "params.h has an unknown member: struct=" + name + ", member=" + declared);
        }
        long padding = -offset & (type.byteAlignment() - 1);
        if (padding > 0) {
          members.add(MemoryLayout.paddingLayout(padding));
        }
        MemoryLayout layout =
            member.group(2) == null
                ? type
                : MemoryLayout.sequenceLayout(Integer.parseInt(member.group(2)), type);
        members.add(layout.withName(member.group(1)));
        offset += padding + layout.byteSize();
        alignment = Math.max(alignment, type.byteAlignment());
      }
    }
    long padding = -offset & (alignment - 1);
    if (padding > 0) {
      members.add(MemoryLayout.paddingLayout(padding));
    }
    return MemoryLayout.structLayout(members.toArray(MemoryLayout[]::new)).withName(name);
  }

  /** A struct in native memory, written member by member. */
  static final class Struct {
    private final StructLayout layout;
    private final MemorySegment segment;

    Struct(Arena arena, String name) {
      this(layout(name), arena.allocate(layout(name)));
    }

    Struct(StructLayout layout, MemorySegment segment) {
      this.layout = layout;
      this.segment = segment;
    }

    MemorySegment segment() {
      return segment;
    }

    /** A member of a struct type: {@code in}, or an element of an array: {@code in[2]}. */
    Struct member(String path) {
      StructLayout member = (StructLayout) layout.select(path(path, false));
      return new Struct(member, segment.asSlice(layout.byteOffset(path(path, true)), member));
    }

    /** Reads an integer or a pointer. */
    long get(String path) {
      long offset = layout.byteOffset(path(path, true));
      return switch (layout.select(path(path, false))) {
        case ValueLayout.OfLong member -> segment.get(ValueLayout.JAVA_LONG, offset);
        case ValueLayout.OfInt member -> segment.get(ValueLayout.JAVA_INT, offset);
        default -> throw new IllegalArgumentException("member is no integer: path=" + path);
      };
    }

    /** Sets an integer or a pointer. */
    Struct set(String path, long value) {
      long offset = layout.byteOffset(path(path, true));
      MemoryLayout member = layout.select(path(path, false));
      if (member instanceof ValueLayout.OfLong) {
        segment.set(ValueLayout.JAVA_LONG, offset, value);
      } else if (member instanceof ValueLayout.OfInt) {
        segment.set(ValueLayout.JAVA_INT, offset, Math.toIntExact(value));
      } else {
        throw new IllegalArgumentException("member is no integer: path=" + path);
      }
      return this;
    }

    /** Sets the address of a buffer; null is absent. */
    Struct set(String path, DeviceBuffer buffer) {
      return set(path, buffer == null ? 0 : buffer.address());
    }

    /** Sets a float. */
    Struct setFloat(String path, float value) {
      if (!(layout.select(path(path, false)) instanceof ValueLayout.OfFloat)) {
        throw new IllegalArgumentException("member is no float: path=" + path);
      }
      segment.set(ValueLayout.JAVA_FLOAT, layout.byteOffset(path(path, true)), value);
      return this;
    }

    /**
     * @param indexed whether elements of arrays are told apart, as offsets need and selections
     *     forbid
     */
    private static PathElement[] path(String path, boolean indexed) {
      List<PathElement> elements = new ArrayList<>();
      for (String part : path.split("\\.")) {
        Matcher member = NAME.matcher(part);
        if (!member.matches()) {
          throw new IllegalArgumentException("path is none: path=" + path);
        }
        elements.add(PathElement.groupElement(member.group(1)));
        if (member.group(2) != null) {
          elements.add(
              indexed
                  ? PathElement.sequenceElement(Long.parseLong(member.group(2)))
                  : PathElement.sequenceElement());
        }
      }
      return elements.toArray(PathElement[]::new);
    }
  }
}
