// The matrix product that convolutions, linear layers and the mixer share: a warp multiplies 16 kM
// rows of a tile in shared memory with 8 kN columns of a packed weight, 16 inputs (one step) at a
// time, sums in float32.
//
// Sums: sums[m][n][i] of lane 4 g + t is row 16 m + g + 8 (i / 2), column 8 n + 2 t + i % 2, for
// all operand types (the accumulator of mma m16n8k16).
//
// Packed weights: 256 elements for each (group of 16 outputs, step of 16 inputs), steps of a group
// one after the other. float: (input, output). Half: (lane, 8), the b fragments of two
// n8 tiles, so that a warp reads 512 bytes in one piece straight into registers; the weights are
// read once by each warp that needs them, shared memory holds activations alone.
#pragma once

#include "operand.cuh"

constexpr int kStep = 16;         // inputs
constexpr int kGroup = 16;        // outputs
constexpr int kPackedTile = 256;  // elements

// Where this lane reads rows of the tile. `row` gives the address of a row's first element in
// shared memory, aligned to 16 bytes.
template <typename T, int kM>
struct Rows {
  uint32_t address[kM];

  template <typename Row>
  __device__ __forceinline__ explicit Rows(Row row) {
#pragma unroll
    for (int m = 0; m < kM; m++) {
      const T* first = row(16 * m + lane_index() % 16) + lane_index() / 16 * 8;
      address[m] = static_cast<uint32_t>(__cvta_generic_to_shared(first));
    }
  }
};

template <int kM>
struct Rows<float, kM> {
  const float* pointer[2 * kM];

  template <typename Row>
  __device__ __forceinline__ explicit Rows(Row row) {
#pragma unroll
    for (int m = 0; m < 2 * kM; m++) {
      pointer[m] = row(8 * m + lane_index() / 4);
    }
  }
};

__device__ __forceinline__ void multiply(float (&d)[4], const uint32_t (&a)[4], uint32_t b0,
                                         uint32_t b1) {
  const uint32_t b[2] = {b0, b1};
  mma_m16n8k16_f16(d, a, b, d);
}

// One step: the rows' elements from `offset` on times the packed tiles of kN / 2 groups, which lie
// `group_stride` elements apart.
template <typename T, int kM, int kN>
__device__ __forceinline__ void add_product(float (&sums)[kM][kN][4], const Rows<T, kM>& rows,
                                            int offset, const T* packed, int group_stride) {
  uint32_t a[kM][4];
#pragma unroll
  for (int m = 0; m < kM; m++) {
    ldmatrix_x4(a[m], rows.address[m] + offset * static_cast<int>(sizeof(T)));
  }
#pragma unroll
  for (int group = 0; group < kN / 2; group++) {
    const uint4 b =
        __ldg(reinterpret_cast<const uint4*>(packed + group * group_stride + lane_index() * 8));
#pragma unroll
    for (int m = 0; m < kM; m++) {
      multiply(sums[m][2 * group], a[m], b.x, b.y);
      multiply(sums[m][2 * group + 1], a[m], b.z, b.w);
    }
  }
}

template <int kM, int kN>
__device__ __forceinline__ void add_product(float (&sums)[kM][kN][4], const Rows<float, kM>& rows,
                                            int offset, const float* packed, int group_stride) {
  const int column = 2 * (lane_index() % 4);
#pragma unroll 1
  for (int k = 0; k < kStep; k += 4) {
    float4 a[2 * kM];
#pragma unroll
    for (int m = 0; m < 2 * kM; m++) {
      a[m] = *reinterpret_cast<const float4*>(rows.pointer[m] + offset + k);
    }
#pragma unroll
    for (int i = 0; i < 4; i++) {
#pragma unroll
      for (int n = 0; n < kN; n++) {
        const float2 b = __ldg(reinterpret_cast<const float2*>(
            packed + n / 2 * group_stride + (k + i) * kGroup + n % 2 * 8 + column));
#pragma unroll
        for (int m = 0; m < 2 * kM; m++) {
          const float x = i == 0 ? a[m].x : i == 1 ? a[m].y : i == 2 ? a[m].z : a[m].w;
          sums[m / 2][n][m % 2 * 2] = fmaf(x, b.x, sums[m / 2][n][m % 2 * 2]);
          sums[m / 2][n][m % 2 * 2 + 1] = fmaf(x, b.y, sums[m / 2][n][m % 2 * 2 + 1]);
        }
      }
    }
  }
}

template <int kM, int kN>
__device__ __forceinline__ void clear(float (&sums)[kM][kN][4]) {
#pragma unroll
  for (int m = 0; m < kM; m++) {
#pragma unroll
    for (int n = 0; n < kN; n++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        sums[m][n][i] = 0.0f;
      }
    }
  }
}
