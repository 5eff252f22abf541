package mote.cpu.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.util.HashMap;
import java.util.Map;

/** The signatures of mote.h's functions, in the header's order. */
final class mote_descriptors {
  /** By the function's name. */
  static final Map<String, FunctionDescriptor> ALL;

  static {
    Map<String, FunctionDescriptor> all = new HashMap<>();
    describe(all, "mote_abi_version", JAVA_INT);
    describe(all, "mote_last_error", ADDRESS);
    describe(all, "mote_open_engines", JAVA_LONG);
    describe(all, "mote_open", JAVA_INT, ADDRESS, ADDRESS, JAVA_INT, ADDRESS);
    describe(all, "mote_close", JAVA_INT, ADDRESS);
    describe(all, "mote_bytes", JAVA_LONG, ADDRESS);
    describe(all, "mote_precision", JAVA_INT, ADDRESS);
    describe(all, "mote_description", ADDRESS, ADDRESS);
    describe(all, "mote_encode", JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG);
    describe(all, "mote_sample", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
    describe(all, "mote_restore", JAVA_INT, ADDRESS, JAVA_INT, ADDRESS);
    describe(all, "mote_match", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS);
    describe(
        all, "mote_similarity", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS);
    describe(
        all,
        "mote_refine",
        JAVA_INT,
        ADDRESS,
        ADDRESS,
        JAVA_INT,
        ADDRESS,
        ADDRESS,
        JAVA_INT,
        JAVA_FLOAT,
        ADDRESS,
        ADDRESS,
        ADDRESS,
        ADDRESS);
    describe(all, "mote_features", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
    describe(all, "mote_template", JAVA_INT, ADDRESS, JAVA_INT, ADDRESS);
    describe(
        all,
        "mote_correlate",
        JAVA_INT,
        ADDRESS,
        ADDRESS,
        JAVA_INT,
        ADDRESS,
        ADDRESS,
        ADDRESS,
        ADDRESS);
    describe(
        all,
        "mote_mixer_input",
        JAVA_INT,
        ADDRESS,
        ADDRESS,
        JAVA_INT,
        ADDRESS,
        ADDRESS,
        ADDRESS,
        ADDRESS);
    describe(all, "mote_mixer", JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, ADDRESS);
    describe(all, "mote_stage_nanos", JAVA_INT, ADDRESS, ADDRESS);
    describe(all, "mote_record_spans", JAVA_INT, ADDRESS, JAVA_INT);
    describe(all, "mote_take_spans", JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, ADDRESS, ADDRESS);
    describe(all, "mote_peak_gflops", JAVA_INT, JAVA_INT, ADDRESS);
    describe(all, "mote_multiply_adds", JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS);
    ALL = Map.copyOf(all);
  }

  private mote_descriptors() {}

  private static void describe(
      Map<String, FunctionDescriptor> all,
      String name,
      MemoryLayout result,
      MemoryLayout... arguments) {
    all.put(name, FunctionDescriptor.of(result, arguments));
  }
}
