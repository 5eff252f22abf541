// Steps of the mixer on one block's rows, all in shared memory: x float (the residual stream), y
// and h operands of the products.
#pragma once

#include "params.h"
#include "product.cuh"

constexpr int kMixerThreads = 256;
constexpr int kMixerWarps = kMixerThreads / kLanes;

// Shared memory of 16 kM rows; sizes as MixerKernel in java/cuda counts them.
template <typename T, int kM>
struct MixerTile {
  static constexpr int kRows = 16 * kM;
  static constexpr int kPoints = kRows / kWindow;
  int x_pitch, y_pitch, h_pitch;
  float* moments;  // (rows, 2): mean, 1 / deviation
  float* x;        // (rows, x_pitch)
  T* y;            // (rows, y_pitch)
  T* h;            // (rows, h_pitch)

  __device__ __forceinline__ MixerTile(const MixerParams& p, float* shared) {
    x_pitch = p.pitch + 4;
    y_pitch = p.pitch + kPad<T>;
    h_pitch = p.hidden_chunk + kPad<T>;
    moments = shared;
    x = moments + 2 * kRows;
    y = reinterpret_cast<T*>(x + kRows * x_pitch);
    h = y + kRows * y_pitch;
  }

  // x and moments alone.
  __device__ __forceinline__ MixerTile(float* shared, int x_pitch_)
      : x_pitch(x_pitch_),
        y_pitch(0),
        h_pitch(0),
        moments(shared),
        x(shared + 2 * kRows),
        y(nullptr),
        h(nullptr) {}
};

// x = x + tile weight^T (+ bias), or x = bias + tile weight^T: `steps` steps of a packed weight
// that has `all_steps`, from `packed` on; warps share the groups of 16 columns.
template <typename T, int kM>
__device__ void accumulate(const MixerTile<T, kM>& tile, const Rows<T, kM>& rows, const T* packed,
                           int all_steps, int steps, int groups, bool from_zero,
                           const float* bias) {
  const int g = lane_index() / 4;
  for (int group = warp_index(); group < groups; group += kMixerWarps) {
    const T* weight = packed + static_cast<int64_t>(group) * all_steps * kPackedTile;
    float sums[kM][2][4];
    clear(sums);
#pragma unroll 4
    for (int step = 0; step < steps; step++) {
      add_product(sums, rows, step * kStep, weight + step * kPackedTile, 0);
    }
#pragma unroll
    for (int i = 0; i < 4 * kM; i++) {
      const int n = i / (2 * kM);
      const int eight = i % (2 * kM);
      const int row = g + 8 * eight;
      const int column = group * kGroup + 8 * n + 2 * (lane_index() % 4);
      float2* to = reinterpret_cast<float2*>(tile.x + row * tile.x_pitch + column);
      float2 value = from_zero ? make_float2(0.0f, 0.0f) : *to;
      if (bias != nullptr) {
        value.x += bias[column];
        value.y += bias[column + 1];
      }
      value.x += sums[eight / 2][n][eight % 2 * 2];
      value.y += sums[eight / 2][n][eight % 2 * 2 + 1];
      *to = value;
    }
  }
}

// Mean and 1 / deviation of each row of x, a warp per row.
template <typename T, int kM>
__device__ void find_moments(const MixerTile<T, kM>& tile, int width) {
  for (int row = warp_index(); row < MixerTile<T, kM>::kRows; row += kMixerWarps) {
    const float* x = tile.x + row * tile.x_pitch;
    float sum = 0.0f;
    for (int c = lane_index(); c < width; c += kLanes) {
      sum += x[c];
    }
    const float mean = warp_sum(sum) / static_cast<float>(width);
    float squares = 0.0f;
    for (int c = lane_index(); c < width; c += kLanes) {
      squares = fmaf(x[c] - mean, x[c] - mean, squares);
    }
    const float variance = warp_sum(squares) / static_cast<float>(width);
    if (lane_index() == 0) {
      tile.moments[2 * row] = mean;
      tile.moments[2 * row + 1] = 1.0f / sqrtf(variance + 1e-5f);
    }
  }
}

// A normalised value of x.
template <typename T, int kM>
__device__ __forceinline__ float normalised(const MixerTile<T, kM>& tile, int row, int column,
                                            const float* weight, const float* bias) {
  const float centred = tile.x[row * tile.x_pitch + column] - tile.moments[2 * row];
  return fmaf(centred * tile.moments[2 * row + 1], weight[column], bias[column]);
}

// y = norm(x), zeros in the columns behind width.
template <typename T, int kM>
__device__ void normalise_rows(const MixerTile<T, kM>& tile, const MixerParams& p,
                               const float* weight, const float* bias) {
  const int pairs = p.pitch / 2;
  for (int i = static_cast<int>(threadIdx.x); i < MixerTile<T, kM>::kRows * pairs;
       i += kMixerThreads) {
    const int row = i / pairs;
    const int column = i % pairs * 2;
    float v[2] = {};
#pragma unroll
    for (int k = 0; k < 2; k++) {
      if (column + k < p.width) {
        v[k] = normalised(tile, row, column + k, weight, bias);
      }
    }
    store_pair(tile.y + row * tile.y_pitch + column, v[0], v[1]);
  }
}

// Token mixing, x = x + token2 gelu(token1 norm1(x)) over the frames: a thread per point and
// channel has the eight frames in registers, the hidden layer is never stored.
template <typename T, int kM>
__device__ void mix_tokens(const MixerTile<T, kM>& tile, const MixerParams& p,
                           const MixerBlock& block) {
  const float4* weight1 = at<const float4>(block.token1_weight);  // (tokens, 8)
  const float4* weight2 = at<const float4>(block.token2_weight);  // (tokens, 8): transposed
  const float* bias1 = at<const float>(block.token1_bias);
  const float* bias2 = at<const float>(block.token2_bias);
  for (int i = static_cast<int>(threadIdx.x); i < MixerTile<T, kM>::kPoints * p.width;
       i += kMixerThreads) {
    const int row = i / p.width * kWindow;
    const int column = i % p.width;
    float in[kWindow];
    float out[kWindow];
#pragma unroll
    for (int s = 0; s < kWindow; s++) {
      in[s] = normalised(tile, row + s, column, at<const float>(block.norm1_weight),
                         at<const float>(block.norm1_bias));
      out[s] = __ldg(bias2 + s);
    }
#pragma unroll 1
    for (int token = 0; token < p.tokens; token++) {
      const float4 a = __ldg(weight1 + 2 * token);
      const float4 b = __ldg(weight1 + 2 * token + 1);
      float sum = __ldg(bias1 + token);
      sum = fmaf(a.x, in[0], fmaf(a.y, in[1], fmaf(a.z, in[2], fmaf(a.w, in[3], sum))));
      sum = fmaf(b.x, in[4], fmaf(b.y, in[5], fmaf(b.z, in[6], fmaf(b.w, in[7], sum))));
      sum = gelu(sum);
      const float4 c = __ldg(weight2 + 2 * token);
      const float4 d = __ldg(weight2 + 2 * token + 1);
      out[0] = fmaf(c.x, sum, out[0]);
      out[1] = fmaf(c.y, sum, out[1]);
      out[2] = fmaf(c.z, sum, out[2]);
      out[3] = fmaf(c.w, sum, out[3]);
      out[4] = fmaf(d.x, sum, out[4]);
      out[5] = fmaf(d.y, sum, out[5]);
      out[6] = fmaf(d.z, sum, out[6]);
      out[7] = fmaf(d.w, sum, out[7]);
    }
#pragma unroll
    for (int s = 0; s < kWindow; s++) {
      tile.x[(row + s) * tile.x_pitch + column] += out[s];
    }
  }
}

// h = gelu(y weight^T + bias) for `columns` hidden columns from `first` on.
template <typename T, int kM>
__device__ void hidden_layer(const MixerTile<T, kM>& tile, const Rows<T, kM>& rows,
                             const MixerParams& p, const MixerBlock& block, int first,
                             int columns) {
  const int steps = p.pitch / kStep;
  const int g = lane_index() / 4;
  for (int group = warp_index(); group < columns / kGroup; group += kMixerWarps) {
    const T* weight = at<const T>(block.channel1_weight) +
                      static_cast<int64_t>(first / kGroup + group) * steps * kPackedTile;
    float sums[kM][2][4];
    clear(sums);
#pragma unroll 4
    for (int step = 0; step < steps; step++) {
      add_product(sums, rows, step * kStep, weight + step * kPackedTile, 0);
    }
    const float* bias = at<const float>(block.channel1_bias) + first;
#pragma unroll
    for (int n = 0; n < 2; n++) {
      const int column = group * kGroup + 8 * n + 2 * (lane_index() % 4);
      const float2 add = __ldg(reinterpret_cast<const float2*>(bias + column));
#pragma unroll
      for (int i = 0; i < 2 * kM; i++) {
        store_pair(tile.h + (g + 8 * i) * tile.h_pitch + column,
                   gelu(sums[i / 2][n][i % 2 * 2] + add.x),
                   gelu(sums[i / 2][n][i % 2 * 2 + 1] + add.y));
      }
    }
  }
}
