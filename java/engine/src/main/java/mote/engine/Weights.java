package mote.engine;

import java.lang.foreign.MemorySegment;
import java.util.Map;

/**
 * A model's parameters: float32 tensors by name, row-major, little-endian, in native or mapped
 * memory that this object owns. {@link WeightsFile} maps them from a safetensors file, {@link
 * FormulaWeights} computes them.
 */
public interface Weights extends AutoCloseable {
  Architecture architecture();

  /** The file's metadata, {@code mote.arch} included. */
  Map<String, String> metadata();

  /**
   * A parameter, its shape checked against the architecture when the weights were opened.
   *
   * @return {@code 4 * product(shape)} bytes, 4-byte aligned, valid until {@link #close}
   * @throws IllegalArgumentException if the architecture has no such tensor
   */
  MemorySegment tensor(String name);

  @Override
  void close();
}
