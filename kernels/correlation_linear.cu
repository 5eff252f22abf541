// mote: each level's correlations through a linear layer:
//   out[n, s, l O + o] = gelu(bias[l, o] + sum over i of weight[l, o, i] in[n, s, l, i])
//
// Layout: in rows (n, s) of operands as correlate.cu leaves them, out rows of the mixer's input.
// Grid (pairs of points, levels), 128 threads: 16 rows a block, warps share the groups of 16
// outputs. Dynamic shared memory: 16 rows of (level_pitch + pad) operands: 14.3 KB for mote-s
// (16-bit). Operations: 2 level_pitch O a row and level (441 inputs of 448 for mote-s); bytes: in,
// out, the weights of a level once per 16 rows (43 KB of L2 each).
#include "params.h"
#include "product.cuh"

constexpr int kRows = 16;
constexpr int kThreads = 128;

template <typename T>
__device__ __forceinline__ void correlation_linear(const CorrelationLinearParams& p) {
  MOTE_DYNAMIC_SHARED(T, tile);
  const int rows = at<const CallHeader>(p.call)->count * kWindow;
  const int first = static_cast<int>(blockIdx.x) * kRows;
  const int level = static_cast<int>(blockIdx.y);
  const int32_t* active = at<const int32_t>(p.active) + first / kWindow;
  if (first >= rows || (active[0] == 0 && (first + kWindow >= rows || active[1] == 0))) {
    return;
  }
  const int pitch = p.level_pitch + kPad<T>;
  const int vectors = p.level_pitch / kVector<T>;
  for (int i = static_cast<int>(threadIdx.x); i < kRows * vectors; i += kThreads) {
    const int row = i / vectors;
    const int column = i % vectors * kVector<T>;
    uint4 v = make_uint4(0, 0, 0, 0);
    if (first + row < rows) {
      v = *reinterpret_cast<const uint4*>(at<const T>(p.in) +
                                          static_cast<int64_t>(first + row) * p.row_pitch +
                                          level * p.level_pitch + column);
    }
    *reinterpret_cast<uint4*>(tile + row * pitch + column) = v;
  }
  __syncthreads();  // the rows are whole
  const Rows<T, 1> a([&](int row) { return tile + row * pitch; });
  const int steps = p.level_pitch / kStep;
  for (int group = warp_index(); group < p.groups; group += kThreads / kLanes) {
    const T* packed = at<const T>(p.weights) +
                      static_cast<int64_t>(level * p.groups + group) * steps * kPackedTile;
    float sums[1][2][4];
    clear(sums);
#pragma unroll 2
    for (int step = 0; step < steps; step++) {
      add_product(sums, a, step * kStep, packed + step * kPackedTile, 0);
    }
#pragma unroll
    for (int i = 0; i < 8; i++) {
      const int row = first + lane_index() / 4 + i % 4 / 2 * 8;
      const int column = group * kGroup + i / 4 * 8 + 2 * (lane_index() % 4) + i % 2;
      if (row < rows && column < p.outputs) {
        const int output = level * p.outputs + column;
        store_one(at<T>(p.out) + static_cast<int64_t>(row) * p.out_pitch + output,
                  gelu(sums[0][i / 4][i % 4] + at<const float>(p.bias)[output]));
      }
    }
  }
}

MOTE_INSTANCES(correlation_linear, kThreads, CorrelationLinearParams, correlation_linear)
