package mote.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import mote.engine.MoteException;

/** The driver's tensor maps, which JCuda does not bind: what TMA reads boxes of a matrix by. */
final class TensorMaps {
  private static final String CALL = "cuTensorMapEncodeTiled";

  // As cuda.h has them.
  private static final int FLOAT16 = 6;
  private static final int INTERLEAVE_NONE = 0;
  private static final int SWIZZLE_128B = 3;
  private static final int L2_PROMOTION_256B = 3;
  private static final int OUTSIDE_ZERO = 0;

  private TensorMaps() {}

  /**
   * Encodes the map of a row-major matrix of binary16 numbers whose boxes lie in shared memory with
   * the 128-byte swizzle.
   *
   * @param map 128 bytes, aligned to 64
   * @param rows of the matrix, each of 64 numbers
   * @param boxRows rows of a box, at most 256
   */
  static void encode(
      SymbolLookup driver, MemorySegment map, DeviceBuffer matrix, long rows, int boxRows) {
    int status;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment sizes = arena.allocateFrom(ValueLayout.JAVA_LONG, HopperPacking.TILE, rows);
      MemorySegment strides = arena.allocateFrom(ValueLayout.JAVA_LONG, 2L * HopperPacking.TILE);
      MemorySegment box = arena.allocateFrom(ValueLayout.JAVA_INT, HopperPacking.TILE, boxRows);
      MemorySegment steps = arena.allocateFrom(ValueLayout.JAVA_INT, 1, 1);
      status =
          (int)
              handle(driver)
                  .invokeExact(
                      map,
                      FLOAT16,
                      2,
                      matrix.address(),
                      sizes,
                      strides,
                      box,
                      steps,
                      INTERLEAVE_NONE,
                      SWIZZLE_128B,
                      L2_PROMOTION_256B,
                      OUTSIDE_ZERO);
    } catch (RuntimeException failure) {
      throw failure;
    } catch (Throwable failure) {
      throw new IllegalStateException(CALL + " cannot be called", failure);
    }
    Status.check(CALL, status);
  }

  @SuppressWarnings("restricted")
  private static MethodHandle handle(SymbolLookup driver) {
    MemorySegment symbol =
        driver
            .find(CALL)
            .orElseThrow(
                () ->
                    new MoteException(
                        "CUDA driver lacks a call: name=%s; install NVIDIA driver 525 (CUDA 12.0) or newer"
                            .formatted(CALL)));
    return Linker.nativeLinker()
        .downcallHandle(
            symbol,
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT));
  }
}
