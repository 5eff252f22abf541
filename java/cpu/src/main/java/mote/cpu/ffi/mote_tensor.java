package mote.cpu.ffi;

import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** {@code struct mote_tensor} of mote.h: a parameter by name. */
public final class mote_tensor {
  private static final GroupLayout LAYOUT =
      MemoryLayout.structLayout(
              ValueLayout.ADDRESS.withName("name"),
              ValueLayout.ADDRESS.withName("data"),
              ValueLayout.JAVA_LONG.withName("count"))
          .withName("mote_tensor");
  private static final long NAME = LAYOUT.byteOffset(PathElement.groupElement("name"));
  private static final long DATA = LAYOUT.byteOffset(PathElement.groupElement("data"));
  private static final long COUNT = LAYOUT.byteOffset(PathElement.groupElement("count"));

  private mote_tensor() {}

  public static GroupLayout layout() {
    return LAYOUT;
  }

  /** Element {@code index} of an array of tensors. */
  public static MemorySegment asSlice(MemorySegment array, long index) {
    return array.asSlice(LAYOUT.byteSize() * index, LAYOUT.byteSize());
  }

  public static void name(MemorySegment struct, MemorySegment value) {
    struct.set(ValueLayout.ADDRESS, NAME, value);
  }

  public static void data(MemorySegment struct, MemorySegment value) {
    struct.set(ValueLayout.ADDRESS, DATA, value);
  }

  public static void count(MemorySegment struct, long value) {
    struct.set(ValueLayout.JAVA_LONG, COUNT, value);
  }
}
