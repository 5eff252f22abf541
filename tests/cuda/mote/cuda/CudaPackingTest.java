package mote.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import mote.engine.Precision;
import org.junit.jupiter.api.Test;

/** Weights in the order of kernels/product.cuh, and places of kept dot products. */
final class CudaPackingTest {
  @Test
  void halfTilesAreTheFragmentsOfTheProduct() {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment packed =
          Packing.pack(arena, Precision.FP16, 2, 32, (output, input) -> output * 32 + input);
      // b fragments of mma m16n8k16: register r, half h of lane 4 g + t is input 2 t + 8 r + h of
      // output g.
      for (int group = 0; group < 2; group++) {
        for (int step = 0; step < 2; step++) {
          for (int lane = 0; lane < 32; lane++) {
            for (int i = 0; i < 8; i++) {
              int output = 16 * group + 8 * (i / 4) + lane / 4;
              int input = 16 * step + 2 * (lane % 4) + 8 * (i / 2 % 2) + i % 2;
              long index = ((group * 2L + step) * 32 + lane) * 8 + i;
              assertEquals(output * 32 + input, Packing.get(packed, Precision.FP16, index));
            }
          }
        }
      }
    }
  }

  @Test
  void floatTilesStandInputByInput() {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment packed =
          Packing.pack(arena, Precision.F32, 2, 32, (output, input) -> output * 100 + input);
      assertEquals(0, Packing.get(packed, Precision.F32, 0));
      assertEquals(300, Packing.get(packed, Precision.F32, 3));
      assertEquals(301, Packing.get(packed, Precision.F32, 16 + 3));
      assertEquals(316, Packing.get(packed, Precision.F32, 256 + 3));
      assertEquals(1916, Packing.get(packed, Precision.F32, 3 * 256 + 3));
    }
  }

  @Test
  void framesOfAWindowHaveAPlaceEachAndKeepIt() {
    Places places = new Places(8);
    int[] first = places.of(new int[] {10, 11, 12, 13, 14, 15, 16, 17}).clone();
    int[] slid = places.of(new int[] {14, 15, 16, 17, 0, 1, 2, 3}).clone();
    assertArrayEquals(
        Arrays.copyOfRange(first, 4, 8), Arrays.copyOfRange(slid, 0, 4), "kept frames");
    for (int[] slots :
        new int[][] {
          {4, 4, 4, 4, 4, 4, 4, 4}, {17, 4, 17, 4, 3, 3, 2, 2}, {0, 1, 2, 3, 3, 3, 3, 3}
        }) {
      int[] sorted = places.of(slots).clone();
      Arrays.sort(sorted);
      assertArrayEquals(new int[] {0, 1, 2, 3, 4, 5, 6, 7}, sorted);
    }
  }
}
