package mote.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import mote.cpu.ffi.mote_config;
import mote.cpu.ffi.mote_h;
import mote.cpu.ffi.mote_tensor;
import mote.engine.Architecture;
import mote.engine.MoteException;
import mote.engine.Plan;
import mote.engine.Precision;
import mote.engine.Untrusted;
import mote.engine.Weights;

/** What the native engine is opened with, as the structs of mote.h. */
final class Configuration {
  private static final int MOST_THREADS = 1024;

  private Configuration() {}

  static MemorySegment config(
      Arena arena, Architecture architecture, Plan plan, Precision precision) {
    MemorySegment config = arena.allocate(mote_config.layout());
    mote_config.set(config, "size_bytes", (int) mote_config.layout().byteSize());
    mote_config.set(config, "abi_version", mote_h.MOTE_ABI_VERSION);
    boolean pips = architecture.family() == Architecture.Family.PIPS;
    mote_config.set(config, "family", pips ? mote_h.MOTE_FAMILY_PIPS : mote_h.MOTE_FAMILY_MOTE);
    mote_config.set(config, "precision", code(precision));
    mote_config.set(config, "threads", threads(System.getProperty("mote.cpu.threads")));
    plan(config, plan);
    architecture(config, architecture);
    return config;
  }

  /** The property {@code mote.cpu.threads}; 0, as many as there are processors, without it. */
  static int threads(String given) {
    if (given == null) {
      return 0;
    }
    if (!given.matches("[1-9]\\d{0,3}") || Integer.parseInt(given) > MOST_THREADS) {
      throw new MoteException(
          "number of threads is none: mote.cpu.threads=%s; give 1 to %d or leave it out"
              .formatted(Untrusted.printable(given), MOST_THREADS));
    }
    return Integer.parseInt(given);
  }

  private static int code(Precision precision) {
    if (precision == null) {
      return mote_h.MOTE_PRECISION_DEFAULT;
    }
    return precision == Precision.BF16 ? mote_h.MOTE_PRECISION_BF16 : mote_h.MOTE_PRECISION_F32;
  }

  private static void plan(MemorySegment config, Plan plan) {
    mote_config.set(config, "source_height", plan.sourceHeight());
    mote_config.set(config, "source_width", plan.sourceWidth());
    mote_config.set(config, "height", plan.height());
    mote_config.set(config, "width", plan.width());
    mote_config.set(config, "stride", plan.stride());
    mote_config.set(config, "slots", plan.slots());
    mote_config.set(config, "points", plan.points());
  }

  private static void architecture(MemorySegment config, Architecture architecture) {
    mote_config.set(config, "window", architecture.window());
    mote_config.set(config, "features", architecture.features());
    for (int i = 0; i < 4; i++) {
      mote_config.channels(config, i, architecture.channels().get(i));
    }
    mote_config.set(config, "neck", architecture.neck());
    mote_config.set(config, "levels", architecture.levels());
    mote_config.set(config, "radius", architecture.radius());
    mote_config.set(config, "support", architecture.support());
    mote_config.set(config, "correlation_width", architecture.correlationWidth());
    mote_config.set(config, "frequencies", architecture.frequencies());
    mote_config.set(config, "mixer_width", architecture.width());
    mote_config.set(config, "mixer_depth", architecture.depth());
    mote_config.set(config, "token_expansion", architecture.tokenExpansion());
    mote_config.set(config, "channel_expansion", architecture.channelExpansion());
    mote_config.correlation_scale(config, architecture.correlationScale());
  }

  /** All parameters of the model where the weights hold them. */
  static MemorySegment tensors(Arena arena, Weights weights) {
    Map<String, long[]> shapes = weights.architecture().shapes();
    MemorySegment array = arena.allocate(mote_tensor.layout(), shapes.size());
    int index = 0;
    for (String name : shapes.keySet()) {
      MemorySegment data = weights.tensor(name);
      MemorySegment tensor = mote_tensor.asSlice(array, index++);
      mote_tensor.name(tensor, arena.allocateFrom(name));
      mote_tensor.data(tensor, data);
      mote_tensor.count(tensor, data.byteSize() / Float.BYTES);
    }
    return array;
  }
}
