package mote.cpu.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The functions and constants of mote.h, in the form in which jextract writes bindings: one class
 * for the header, one handle for each function, linked once. A test compares every constant, size,
 * offset and signature with what the C compiler says.
 */
public final class mote_h {
  public static final int MOTE_ABI_VERSION = 4;
  public static final int MOTE_OK = 0;
  public static final int MOTE_INVALID_ARGUMENT = 1;
  public static final int MOTE_OUT_OF_MEMORY = 2;
  public static final int MOTE_UNSUPPORTED = 3;
  public static final int MOTE_INTERNAL = 4;
  public static final int MOTE_FAMILY_PIPS = 0;
  public static final int MOTE_FAMILY_MOTE = 1;
  public static final int MOTE_PRECISION_DEFAULT = -1;
  public static final int MOTE_PRECISION_F32 = 0;
  public static final int MOTE_PRECISION_BF16 = 1;
  public static final int MOTE_STAGE_RESIZE = 0;
  public static final int MOTE_STAGE_ENCODER = 1;
  public static final int MOTE_STAGE_PYRAMID = 2;
  public static final int MOTE_STAGE_SAMPLE = 3;
  public static final int MOTE_STAGE_CORRELATE = 4;
  public static final int MOTE_STAGE_EMBED = 5;
  public static final int MOTE_STAGE_MIXER = 6;
  public static final int MOTE_STAGE_UPDATE = 7;
  public static final int MOTE_STAGE_MATCH = 8;
  public static final int MOTE_STAGE_SIMILARITY = 9;
  public static final int MOTE_STAGES = 10;

  private static final Map<String, FunctionDescriptor> DESCRIPTORS = new LinkedHashMap<>();

  private static final FunctionDescriptor ABI_VERSION_DESCRIPTOR =
      describe("mote_abi_version", JAVA_INT);
  private static final FunctionDescriptor LAST_ERROR_DESCRIPTOR =
      describe("mote_last_error", ADDRESS);
  private static final FunctionDescriptor OPEN_ENGINES_DESCRIPTOR =
      describe("mote_open_engines", JAVA_LONG);
  private static final FunctionDescriptor OPEN_DESCRIPTOR =
      describe("mote_open", JAVA_INT, ADDRESS, ADDRESS, JAVA_INT, ADDRESS);
  private static final FunctionDescriptor CLOSE_DESCRIPTOR =
      describe("mote_close", JAVA_INT, ADDRESS);
  private static final FunctionDescriptor BYTES_DESCRIPTOR =
      describe("mote_bytes", JAVA_LONG, ADDRESS);
  private static final FunctionDescriptor PRECISION_DESCRIPTOR =
      describe("mote_precision", JAVA_INT, ADDRESS);
  private static final FunctionDescriptor DESCRIPTION_DESCRIPTOR =
      describe("mote_description", ADDRESS, ADDRESS);
  private static final FunctionDescriptor ENCODE_DESCRIPTOR =
      describe("mote_encode", JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG);
  private static final FunctionDescriptor SAMPLE_DESCRIPTOR =
      describe("mote_sample", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  private static final FunctionDescriptor RESTORE_DESCRIPTOR =
      describe("mote_restore", JAVA_INT, ADDRESS, JAVA_INT, ADDRESS);
  private static final FunctionDescriptor MATCH_DESCRIPTOR =
      describe("mote_match", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS);
  private static final FunctionDescriptor SIMILARITY_DESCRIPTOR =
      describe("mote_similarity", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS);
  private static final FunctionDescriptor REFINE_DESCRIPTOR =
      describe(
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
  private static final FunctionDescriptor FEATURES_DESCRIPTOR =
      describe("mote_features", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
  private static final FunctionDescriptor TEMPLATE_DESCRIPTOR =
      describe("mote_template", JAVA_INT, ADDRESS, JAVA_INT, ADDRESS);
  private static final FunctionDescriptor CORRELATE_DESCRIPTOR =
      describe(
          "mote_correlate",
          JAVA_INT,
          ADDRESS,
          ADDRESS,
          JAVA_INT,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS);
  private static final FunctionDescriptor MIXER_INPUT_DESCRIPTOR =
      describe(
          "mote_mixer_input",
          JAVA_INT,
          ADDRESS,
          ADDRESS,
          JAVA_INT,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          ADDRESS);
  private static final FunctionDescriptor MIXER_DESCRIPTOR =
      describe("mote_mixer", JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, ADDRESS);
  private static final FunctionDescriptor STAGE_NANOS_DESCRIPTOR =
      describe("mote_stage_nanos", JAVA_INT, ADDRESS, ADDRESS);
  private static final FunctionDescriptor RECORD_SPANS_DESCRIPTOR =
      describe("mote_record_spans", JAVA_INT, ADDRESS, JAVA_INT);
  private static final FunctionDescriptor TAKE_SPANS_DESCRIPTOR =
      describe("mote_take_spans", JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, ADDRESS, ADDRESS);
  private static final FunctionDescriptor PEAK_GFLOPS_DESCRIPTOR =
      describe("mote_peak_gflops", JAVA_INT, JAVA_INT, ADDRESS);
  private static final FunctionDescriptor MULTIPLY_ADDS_DESCRIPTOR =
      describe("mote_multiply_adds", JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS);

  private final Linker linker = Linker.nativeLinker();
  private final SymbolLookup library;
  private final MethodHandle mote_abi_version;
  private final MethodHandle mote_last_error;
  private final MethodHandle mote_open_engines;
  private final MethodHandle mote_open;
  private final MethodHandle mote_close;
  private final MethodHandle mote_bytes;
  private final MethodHandle mote_precision;
  private final MethodHandle mote_description;
  private final MethodHandle mote_encode;
  private final MethodHandle mote_sample;
  private final MethodHandle mote_restore;
  private final MethodHandle mote_match;
  private final MethodHandle mote_similarity;
  private final MethodHandle mote_refine;
  private final MethodHandle mote_features;
  private final MethodHandle mote_template;
  private final MethodHandle mote_correlate;
  private final MethodHandle mote_mixer_input;
  private final MethodHandle mote_mixer;
  private final MethodHandle mote_stage_nanos;
  private final MethodHandle mote_record_spans;
  private final MethodHandle mote_take_spans;
  private final MethodHandle mote_peak_gflops;
  private final MethodHandle mote_multiply_adds;

  /**
   * Links all functions.
   *
   * @param library where they are; stays loaded as long as the bindings are used
   * @throws java.util.NoSuchElementException naming the function that the library lacks
   */
  public mote_h(SymbolLookup library) {
    this.library = library;
    mote_abi_version = link("mote_abi_version", ABI_VERSION_DESCRIPTOR);
    mote_last_error = link("mote_last_error", LAST_ERROR_DESCRIPTOR);
    mote_open_engines = link("mote_open_engines", OPEN_ENGINES_DESCRIPTOR);
    mote_open = link("mote_open", OPEN_DESCRIPTOR);
    mote_close = link("mote_close", CLOSE_DESCRIPTOR);
    mote_bytes = link("mote_bytes", BYTES_DESCRIPTOR);
    mote_precision = link("mote_precision", PRECISION_DESCRIPTOR);
    mote_description = link("mote_description", DESCRIPTION_DESCRIPTOR);
    mote_encode = link("mote_encode", ENCODE_DESCRIPTOR);
    mote_sample = link("mote_sample", SAMPLE_DESCRIPTOR);
    mote_restore = link("mote_restore", RESTORE_DESCRIPTOR);
    mote_match = link("mote_match", MATCH_DESCRIPTOR);
    mote_similarity = link("mote_similarity", SIMILARITY_DESCRIPTOR);
    mote_refine = link("mote_refine", REFINE_DESCRIPTOR);
    mote_features = link("mote_features", FEATURES_DESCRIPTOR);
    mote_template = link("mote_template", TEMPLATE_DESCRIPTOR);
    mote_correlate = link("mote_correlate", CORRELATE_DESCRIPTOR);
    mote_mixer_input = link("mote_mixer_input", MIXER_INPUT_DESCRIPTOR);
    mote_mixer = link("mote_mixer", MIXER_DESCRIPTOR);
    mote_stage_nanos = link("mote_stage_nanos", STAGE_NANOS_DESCRIPTOR);
    mote_record_spans = link("mote_record_spans", RECORD_SPANS_DESCRIPTOR);
    mote_take_spans = link("mote_take_spans", TAKE_SPANS_DESCRIPTOR);
    mote_peak_gflops = link("mote_peak_gflops", PEAK_GFLOPS_DESCRIPTOR);
    mote_multiply_adds = link("mote_multiply_adds", MULTIPLY_ADDS_DESCRIPTOR);
  }

  /** All functions by name, in the header's order. */
  public static Map<String, FunctionDescriptor> descriptors() {
    return Map.copyOf(DESCRIPTORS);
  }

  private static FunctionDescriptor describe(
      String name, MemoryLayout result, MemoryLayout... arguments) {
    FunctionDescriptor descriptor = FunctionDescriptor.of(result, arguments);
    DESCRIPTORS.put(name, descriptor);
    return descriptor;
  }

  @SuppressWarnings("restricted") // linking is what this class is for
  private MethodHandle link(String name, FunctionDescriptor descriptor) {
    return linker.downcallHandle(library.findOrThrow(name), descriptor);
  }

  public int mote_abi_version() {
    try {
      return (int) mote_abi_version.invokeExact();
    } catch (Throwable cause) {
      throw unreachable("mote_abi_version", cause);
    }
  }

  public MemorySegment mote_last_error() {
    try {
      return (MemorySegment) mote_last_error.invokeExact();
    } catch (Throwable cause) {
      throw unreachable("mote_last_error", cause);
    }
  }

  public long mote_open_engines() {
    try {
      return (long) mote_open_engines.invokeExact();
    } catch (Throwable cause) {
      throw unreachable("mote_open_engines", cause);
    }
  }

  public int mote_open(
      MemorySegment config, MemorySegment tensors, int tensor_count, MemorySegment engine) {
    try {
      return (int) mote_open.invokeExact(config, tensors, tensor_count, engine);
    } catch (Throwable cause) {
      throw unreachable("mote_open", cause);
    }
  }

  public int mote_close(MemorySegment engine) {
    try {
      return (int) mote_close.invokeExact(engine);
    } catch (Throwable cause) {
      throw unreachable("mote_close", cause);
    }
  }

  public long mote_bytes(MemorySegment engine) {
    try {
      return (long) mote_bytes.invokeExact(engine);
    } catch (Throwable cause) {
      throw unreachable("mote_bytes", cause);
    }
  }

  public int mote_precision(MemorySegment engine) {
    try {
      return (int) mote_precision.invokeExact(engine);
    } catch (Throwable cause) {
      throw unreachable("mote_precision", cause);
    }
  }

  public MemorySegment mote_description(MemorySegment engine) {
    try {
      return (MemorySegment) mote_description.invokeExact(engine);
    } catch (Throwable cause) {
      throw unreachable("mote_description", cause);
    }
  }

  public int mote_encode(
      MemorySegment engine, int slot, MemorySegment picture, long row_stride_bytes) {
    try {
      return (int) mote_encode.invokeExact(engine, slot, picture, row_stride_bytes);
    } catch (Throwable cause) {
      throw unreachable("mote_encode", cause);
    }
  }

  public int mote_sample(
      MemorySegment engine, int slot, int count, MemorySegment templates, MemorySegment xy) {
    try {
      return (int) mote_sample.invokeExact(engine, slot, count, templates, xy);
    } catch (Throwable cause) {
      throw unreachable("mote_sample", cause);
    }
  }

  public int mote_restore(MemorySegment engine, int template_id, MemorySegment values) {
    try {
      return (int) mote_restore.invokeExact(engine, template_id, values);
    } catch (Throwable cause) {
      throw unreachable("mote_restore", cause);
    }
  }

  public int mote_match(
      MemorySegment engine,
      int slot,
      int count,
      MemorySegment templates,
      MemorySegment xy,
      MemorySegment similarity) {
    try {
      return (int) mote_match.invokeExact(engine, slot, count, templates, xy, similarity);
    } catch (Throwable cause) {
      throw unreachable("mote_match", cause);
    }
  }

  public int mote_similarity(
      MemorySegment engine,
      int slot,
      int count,
      MemorySegment templates,
      MemorySegment xy,
      MemorySegment similarity) {
    try {
      return (int) mote_similarity.invokeExact(engine, slot, count, templates, xy, similarity);
    } catch (Throwable cause) {
      throw unreachable("mote_similarity", cause);
    }
  }

  public int mote_refine(
      MemorySegment engine,
      MemorySegment slots,
      int count,
      MemorySegment templates,
      MemorySegment locked,
      int iterations,
      float settle,
      MemorySegment xy,
      MemorySegment visibility,
      MemorySegment confidence,
      MemorySegment done) {
    try {
      return (int)
          mote_refine.invokeExact(
              engine,
              slots,
              count,
              templates,
              locked,
              iterations,
              settle,
              xy,
              visibility,
              confidence,
              done);
    } catch (Throwable cause) {
      throw unreachable("mote_refine", cause);
    }
  }

  public int mote_features(MemorySegment engine, int slot, int level, MemorySegment out) {
    try {
      return (int) mote_features.invokeExact(engine, slot, level, out);
    } catch (Throwable cause) {
      throw unreachable("mote_features", cause);
    }
  }

  public int mote_template(MemorySegment engine, int template_id, MemorySegment out) {
    try {
      return (int) mote_template.invokeExact(engine, template_id, out);
    } catch (Throwable cause) {
      throw unreachable("mote_template", cause);
    }
  }

  public int mote_correlate(
      MemorySegment engine,
      MemorySegment slots,
      int count,
      MemorySegment templates,
      MemorySegment xy,
      MemorySegment state,
      MemorySegment out) {
    try {
      return (int) mote_correlate.invokeExact(engine, slots, count, templates, xy, state, out);
    } catch (Throwable cause) {
      throw unreachable("mote_correlate", cause);
    }
  }

  public int mote_mixer_input(
      MemorySegment engine,
      MemorySegment slots,
      int count,
      MemorySegment templates,
      MemorySegment xy,
      MemorySegment state,
      MemorySegment out) {
    try {
      return (int) mote_mixer_input.invokeExact(engine, slots, count, templates, xy, state, out);
    } catch (Throwable cause) {
      throw unreachable("mote_mixer_input", cause);
    }
  }

  public int mote_mixer(MemorySegment engine, int count, MemorySegment in, MemorySegment out) {
    try {
      return (int) mote_mixer.invokeExact(engine, count, in, out);
    } catch (Throwable cause) {
      throw unreachable("mote_mixer", cause);
    }
  }

  public int mote_stage_nanos(MemorySegment engine, MemorySegment out) {
    try {
      return (int) mote_stage_nanos.invokeExact(engine, out);
    } catch (Throwable cause) {
      throw unreachable("mote_stage_nanos", cause);
    }
  }

  public int mote_record_spans(MemorySegment engine, int capacity) {
    try {
      return (int) mote_record_spans.invokeExact(engine, capacity);
    } catch (Throwable cause) {
      throw unreachable("mote_record_spans", cause);
    }
  }

  public int mote_take_spans(
      MemorySegment engine,
      int capacity,
      MemorySegment out,
      MemorySegment count,
      MemorySegment lost) {
    try {
      return (int) mote_take_spans.invokeExact(engine, capacity, out, count, lost);
    } catch (Throwable cause) {
      throw unreachable("mote_take_spans", cause);
    }
  }

  public int mote_peak_gflops(int precision, MemorySegment out) {
    try {
      return (int) mote_peak_gflops.invokeExact(precision, out);
    } catch (Throwable cause) {
      throw unreachable("mote_peak_gflops", cause);
    }
  }

  public int mote_multiply_adds(int threads, long steps, MemorySegment done) {
    try {
      return (int) mote_multiply_adds.invokeExact(threads, steps, done);
    } catch (Throwable cause) {
      throw unreachable("mote_multiply_adds", cause);
    }
  }

  /** The functions throw nothing; what arrives here is the JVM's. */
  private static AssertionError unreachable(String name, Throwable cause) {
    return new AssertionError("native call failed: function=" + name + "; report this", cause);
  }
}
