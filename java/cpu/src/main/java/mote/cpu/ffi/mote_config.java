package mote.cpu.ffi;

import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SequenceLayout;
import java.lang.foreign.ValueLayout;

/** {@code struct mote_config} of mote.h: plan and architecture, field by field. */
public final class mote_config {
  private static final String[] LEADING = {
    "size_bytes",
    "abi_version",
    "family",
    "precision",
    "threads",
    "source_height",
    "source_width",
    "height",
    "width",
    "stride",
    "slots",
    "points",
    "window",
    "features"
  };
  private static final String[] TRAILING = {
    "neck",
    "levels",
    "radius",
    "support",
    "correlation_width",
    "frequencies",
    "mixer_width",
    "mixer_depth",
    "token_expansion",
    "channel_expansion"
  };
  private static final GroupLayout LAYOUT = build();

  private mote_config() {}

  public static GroupLayout layout() {
    return LAYOUT;
  }

  /** Writes an int32 field. */
  public static void set(MemorySegment struct, String field, int value) {
    struct.set(ValueLayout.JAVA_INT, LAYOUT.byteOffset(PathElement.groupElement(field)), value);
  }

  /** Writes {@code channels[index]}. */
  public static void channels(MemorySegment struct, int index, int value) {
    long offset =
        LAYOUT.byteOffset(PathElement.groupElement("channels"), PathElement.sequenceElement(index));
    struct.set(ValueLayout.JAVA_INT, offset, value);
  }

  /** Writes {@code correlation_scale}. */
  public static void correlation_scale(MemorySegment struct, double value) {
    long offset = LAYOUT.byteOffset(PathElement.groupElement("correlation_scale"));
    struct.set(ValueLayout.JAVA_DOUBLE, offset, value);
  }

  private static GroupLayout build() {
    MemoryLayout[] members = new MemoryLayout[LEADING.length + TRAILING.length + 2];
    int at = 0;
    for (String name : LEADING) {
      members[at++] = ValueLayout.JAVA_INT.withName(name);
    }
    SequenceLayout channels = MemoryLayout.sequenceLayout(4, ValueLayout.JAVA_INT);
    members[at++] = channels.withName("channels");
    for (String name : TRAILING) {
      members[at++] = ValueLayout.JAVA_INT.withName(name);
    }
    members[at] = ValueLayout.JAVA_DOUBLE.withName("correlation_scale");
    return MemoryLayout.structLayout(members).withName("mote_config");
  }
}
