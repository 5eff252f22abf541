package mote.cpu.ffi;

import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** {@code struct mote_span} of mote.h: a stage that ran. */
public final class mote_span {
  private static final GroupLayout LAYOUT =
      MemoryLayout.structLayout(
              ValueLayout.JAVA_LONG.withName("begin_nanos"),
              ValueLayout.JAVA_LONG.withName("nanos"),
              ValueLayout.JAVA_INT.withName("stage"),
              ValueLayout.JAVA_INT.withName("thread"),
              ValueLayout.JAVA_INT.withName("apart"),
              ValueLayout.JAVA_INT.withName("points"))
          .withName("mote_span");
  private static final long BEGIN = LAYOUT.byteOffset(PathElement.groupElement("begin_nanos"));
  private static final long NANOS = LAYOUT.byteOffset(PathElement.groupElement("nanos"));
  private static final long STAGE = LAYOUT.byteOffset(PathElement.groupElement("stage"));
  private static final long THREAD = LAYOUT.byteOffset(PathElement.groupElement("thread"));
  private static final long APART = LAYOUT.byteOffset(PathElement.groupElement("apart"));
  private static final long POINTS = LAYOUT.byteOffset(PathElement.groupElement("points"));

  private mote_span() {}

  public static GroupLayout layout() {
    return LAYOUT;
  }

  /** Element {@code index} of an array of spans. */
  public static MemorySegment asSlice(MemorySegment array, long index) {
    return array.asSlice(LAYOUT.byteSize() * index, LAYOUT.byteSize());
  }

  public static long begin_nanos(MemorySegment struct) {
    return struct.get(ValueLayout.JAVA_LONG, BEGIN);
  }

  public static long nanos(MemorySegment struct) {
    return struct.get(ValueLayout.JAVA_LONG, NANOS);
  }

  public static int stage(MemorySegment struct) {
    return struct.get(ValueLayout.JAVA_INT, STAGE);
  }

  public static int thread(MemorySegment struct) {
    return struct.get(ValueLayout.JAVA_INT, THREAD);
  }

  public static int apart(MemorySegment struct) {
    return struct.get(ValueLayout.JAVA_INT, APART);
  }

  public static int points(MemorySegment struct) {
    return struct.get(ValueLayout.JAVA_INT, POINTS);
  }
}
