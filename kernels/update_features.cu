// pips: the feature update, state[n, s] += gelu(weight norm(delta[n, s]) + bias), norm over the C
// channels of the head's output (the published group norm with one group).
//
// Layout: delta (N, S, 2 + C) float, the first two are positions. 16 rows (two points) a block of
// 128. Dynamic shared memory: 16 (pitch + pad) operands. Operations: 2 C^2 a row; bytes: delta and
// state.
#include "params.h"
#include "product.cuh"

constexpr int kRows = 16;
constexpr int kThreads = 128;

// A row of the tile = norm(delta), zeros behind its end.
template <typename T>
__device__ __forceinline__ void normalise_row(const UpdateFeaturesParams& p, const float* delta,
                                              T* out) {
  const int lane = lane_index();
  const float size = static_cast<float>(p.features);
  float sum = 0.0f;
  for (int c = lane; c < p.features; c += kLanes) {
    sum += delta[c];
  }
  const float mean = warp_sum(sum) / size;
  float squares = 0.0f;
  for (int c = lane; c < p.features; c += kLanes) {
    squares = fmaf(delta[c] - mean, delta[c] - mean, squares);
  }
  const float factor = 1.0f / sqrtf(warp_sum(squares) / size + 1e-5f);
  for (int c = lane; c < p.pitch; c += kLanes) {
    float v = 0.0f;
    if (c < p.features) {
      v = fmaf((delta[c] - mean) * factor, at<const float>(p.norm_weight)[c],
               at<const float>(p.norm_bias)[c]);
    }
    store_one(out + c, v);
  }
}

template <typename T>
__device__ __forceinline__ void update_features(const UpdateFeaturesParams& p) {
  MOTE_DYNAMIC_SHARED(T, tile);
  const int rows = at<const CallHeader>(p.call)->count * kWindow;
  const int first = static_cast<int>(blockIdx.x) * kRows;
  const int pitch = p.pitch + kPad<T>;
  const int32_t* active = at<const int32_t>(p.active);
  if (first >= rows) {
    return;
  }
  for (int i = warp_index(); i < kRows; i += kThreads / kLanes) {
    const int row = first + i < rows ? first + i : first;  // rows behind the end: any value
    normalise_row(p, at<const float>(p.delta) + static_cast<int64_t>(row) * (2 + p.features) + 2,
                  tile + i * pitch);
  }
  __syncthreads();  // the rows are whole
  const Rows<T, 1> a([&](int row) { return tile + row * pitch; });
  const int steps = p.pitch / kStep;
  for (int group = warp_index(); group < p.pitch / kGroup; group += kThreads / kLanes) {
    const T* packed = at<const T>(p.weight) + static_cast<int64_t>(group) * steps * kPackedTile;
    float sums[1][2][4];
    clear(sums);
#pragma unroll 2
    for (int step = 0; step < steps; step++) {
      add_product(sums, a, step * kStep, packed + step * kPackedTile, 0);
    }
#pragma unroll
    for (int i = 0; i < 8; i++) {
      const int row = first + lane_index() / 4 + i % 4 / 2 * 8;
      const int c = group * kGroup + i / 4 * 8 + 2 * (lane_index() % 4) + i % 2;
      if (row < rows && c < p.features && active[row / kWindow] != 0) {
        float* state = at<float>(p.state) + static_cast<int64_t>(row) * p.pitch + c;
        *state += gelu(sums[0][i / 4][i % 4] + at<const float>(p.bias)[c]);
      }
    }
  }
}

MOTE_INSTANCES(update_features, kThreads, UpdateFeaturesParams, update_features)
