package mote.cpu.ffi;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Map;

/**
 * The functions and constants of mote.h, in the form in which jextract writes bindings: one class
 * for the header, one handle for each function, linked once; signatures are those of {@link
 * mote_descriptors}. A test compares every constant, size, offset and signature with what the C
 * compiler says.
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
    mote_abi_version = link("mote_abi_version");
    mote_last_error = link("mote_last_error");
    mote_open_engines = link("mote_open_engines");
    mote_open = link("mote_open");
    mote_close = link("mote_close");
    mote_bytes = link("mote_bytes");
    mote_precision = link("mote_precision");
    mote_description = link("mote_description");
    mote_encode = link("mote_encode");
    mote_sample = link("mote_sample");
    mote_restore = link("mote_restore");
    mote_match = link("mote_match");
    mote_similarity = link("mote_similarity");
    mote_refine = link("mote_refine");
    mote_features = link("mote_features");
    mote_template = link("mote_template");
    mote_correlate = link("mote_correlate");
    mote_mixer_input = link("mote_mixer_input");
    mote_mixer = link("mote_mixer");
    mote_stage_nanos = link("mote_stage_nanos");
    mote_record_spans = link("mote_record_spans");
    mote_take_spans = link("mote_take_spans");
    mote_peak_gflops = link("mote_peak_gflops");
    mote_multiply_adds = link("mote_multiply_adds");
  }

  /** All functions by name. */
  public static Map<String, FunctionDescriptor> descriptors() {
    return mote_descriptors.ALL;
  }

  @SuppressWarnings("restricted") // linking is what this class is for
  private MethodHandle link(String name) {
    return linker.downcallHandle(library.findOrThrow(name), mote_descriptors.ALL.get(name));
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
