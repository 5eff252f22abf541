package mote.engine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * Weights whose every value follows from a formula, so that tests and golden packs need no
 * checkpoint (tests/golden/formula_weights.py is the same in Python):
 *
 * <pre>
 * value(name, i), i = the row-major index inside the tensor {@code name}:
 *   h = FNV-1a 64 over the UTF-8 bytes of name
 *   z = splitmix64(seed * 0xD1342543DE82EF95 + h + i)        all arithmetic modulo 2^64
 *   r = 2 (z >>> 40) / 2^24 - 1                              in [-1, 1)
 *   two or more dimensions: r * gain * sqrt(3 / fan_in), fan_in = product of all dimensions but the first
 *   scales of norms: 1 + 0.1 r;  all else: 0.05 r
 * </pre>
 *
 * The gain is sqrt(2) in the encoder, 0.5 ({@code pips}) or 0.05 ({@code mote}) in the head, else
 * 1. Of {@code pips}, the mixer's input columns for the sines and cosines of the flow are divided
 * by 64: at full size, float32 rounding of those arguments grows to whole pixels within six
 * iterations.
 */
public final class FormulaWeights implements Weights {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Architecture architecture;
  private final long seed;
  private final Arena arena = Arena.ofShared();
  private final Map<String, MemorySegment> tensors = new LinkedHashMap<>();
  private boolean closed;

  private FormulaWeights(Architecture architecture, long seed) {
    this.architecture = architecture;
    this.seed = seed;
    architecture.shapes().forEach((name, shape) -> tensors.put(name, compute(name, shape)));
  }

  /** Computes all weights of an architecture. */
  public static FormulaWeights of(Architecture architecture, long seed) {
    FormulaWeights weights = new FormulaWeights(architecture, seed);
    OpenResources.opened("FormulaWeights");
    return weights;
  }

  private MemorySegment compute(String name, long[] shape) {
    long size = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    MemorySegment tensor = arena.allocate(size * Float.BYTES, Long.BYTES * 8);
    long start = seed * 0xD1342543DE82EF95L + fnv1a(name);
    String bare =
        name.startsWith(Architecture.FINE) ? name.substring(Architecture.FINE.length()) : name;
    boolean input = name.equals("delta_block.to_delta.0.weight");
    long flow = architecture.features() + architecture.correlations();
    long flowEnd = flow + 3L * 2 * architecture.frequencies();
    long rowSize = size / shape[0];
    LongStream.range(0, shape[0])
        .parallel()
        .forEach(
            row -> {
              for (long column = 0; column < rowSize; column++) {
                long i = row * rowSize + column;
                double value = value(bare, shape, rowSize, uniform(start + i));
                if (input && column >= flow && column < flowEnd) {
                  value /= 64;
                }
                tensor.setAtIndex(FLOAT, i, (float) value);
              }
            });
    return tensor.asReadOnly();
  }

  private double value(String name, long[] shape, long fanIn, double r) {
    if (shape.length >= 2) {
      return r * gain(name) * Math.sqrt(3.0 / fanIn);
    }
    return isNormScale(name) ? 1 + 0.1 * r : 0.05 * r;
  }

  private double gain(String name) {
    if (name.startsWith("fnet.") || name.startsWith("enc.")) {
      return Math.sqrt(2);
    }
    if (name.equals("head.weight")) {
      return 0.05;
    }
    return name.equals("delta_block.to_delta." + (architecture.depth() + 3) + ".weight") ? 0.5 : 1;
  }

  private boolean isNormScale(String name) {
    return name.endsWith("norm.weight")
        || name.endsWith(".n1.weight")
        || name.endsWith(".n2.weight")
        || name.equals("nrm.weight")
        || name.equals("delta_block.to_delta." + (architecture.depth() + 1) + ".weight");
  }

  /** FNV-1a, 64 bits. */
  private static long fnv1a(String name) {
    long hash = 0xCBF29CE484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xFF)) * 0x100000001B3L;
    }
    return hash;
  }

  /** splitmix64 of x, its upper 24 bits as a number in [-1, 1). */
  private static double uniform(long x) {
    long z = x + 0x9E3779B97F4A7C15L;
    z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    z ^= z >>> 31;
    return 2.0 * ((z >>> 40) / 0x1p24) - 1;
  }

  @Override
  public Architecture architecture() {
    return architecture;
  }

  @Override
  public Map<String, String> metadata() {
    return Map.of(
        WeightsFile.ARCHITECTURE, architecture.toJson(), "weights_seed", Long.toString(seed));
  }

  @Override
  public MemorySegment tensor(String name) {
    if (closed) {
      throw new IllegalStateException(
          "FormulaWeights is closed: seed=" + seed + "; compute them again");
    }
    MemorySegment tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "architecture has no such tensor: tensor=" + name + "; see Architecture.shapes");
    }
    return tensor;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      arena.close();
      OpenResources.closed("FormulaWeights");
    }
  }
}
