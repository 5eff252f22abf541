// The norms of the unfused mixer (mixer.cu is the fused one), and what stands before them:
//   x[r] = x[r] + bias          where the product before left its bias to this kernel
//   layer_norm:      out[r] = weight (x[r] - mean) / deviation + shift
//   layer_norm_mean: out[n] = mean of that over the 8 rows of point n
// Zeros in out behind `width`. Sums in float32: the mean first, then the squares of what is left.
//
// x (rows, pitch) float; out (rows, pitch) operands, of layer_norm_mean (rows / 8, pitch). A warp a
// row (mean: a point), 8 a block of 256. Bytes: x in (and out), out.
#include "operand.cuh"
#include "params.h"

// A row of x with its moments; bias added and stored on the way.
struct NormRow {
  const float* x;
  float mean;
  float scale;

  __device__ __forceinline__ NormRow(const LayerNormParams& p, int64_t row) {
    float* values = at<float>(p.x) + row * p.pitch;
    const float* bias = at<const float>(p.bias) + (p.by_frame != 0 ? row % kWindow : 0);
    float sum = 0.0f;
    for (int c = lane_index(); c < p.width; c += kLanes) {
      float value = values[c];
      if (p.bias != 0) {
        value += bias[p.by_frame != 0 ? 0 : c];
        values[c] = value;
      }
      sum += value;
    }
    x = values;
    mean = warp_sum(sum) / static_cast<float>(p.width);
    float squares = 0.0f;
    for (int c = lane_index(); c < p.width; c += kLanes) {
      squares = fmaf(x[c] - mean, x[c] - mean, squares);
    }
    scale = 1.0f / sqrtf(warp_sum(squares) / static_cast<float>(p.width) + 1e-5f);
  }

  __device__ __forceinline__ float value(const LayerNormParams& p, int column) const {
    return fmaf((x[column] - mean) * scale, at<const float>(p.weight)[column],
                at<const float>(p.shift)[column]);
  }
};

template <typename T>
__device__ __forceinline__ void layer_norm(const LayerNormParams& p) {
  const int64_t row = static_cast<int64_t>(blockIdx.x) * (blockDim.x / kLanes) + warp_index();
  if (row >= p.rows) {
    return;
  }
  const NormRow in(p, row);
  T* out = at<T>(p.out) + row * p.pitch;
  for (int c = lane_index(); c < p.pitch; c += kLanes) {
    store_one(out + c, c < p.width ? in.value(p, c) : 0.0f);
  }
}

template <typename T>
__device__ __forceinline__ void layer_norm_mean(const LayerNormParams& p) {
  const int64_t n = static_cast<int64_t>(blockIdx.x) * (blockDim.x / kLanes) + warp_index();
  if (n >= p.rows / kWindow) {
    return;
  }
  const NormRow in[kWindow] = {{p, n * kWindow},     {p, n * kWindow + 1}, {p, n * kWindow + 2},
                               {p, n * kWindow + 3}, {p, n * kWindow + 4}, {p, n * kWindow + 5},
                               {p, n * kWindow + 6}, {p, n * kWindow + 7}};
  T* out = at<T>(p.out) + n * p.pitch;
  for (int c = lane_index(); c < p.pitch; c += kLanes) {
    float sum = 0.0f;
    if (c < p.width) {
#pragma unroll
      for (int s = 0; s < kWindow; s++) {
        sum += in[s].value(p, c);
      }
    }
    store_one(out + c, sum / kWindow);
  }
}

MOTE_INSTANCES(layer_norm, 256, LayerNormParams, layer_norm)
MOTE_INSTANCES(layer_norm_mean, 256, LayerNormParams, layer_norm_mean)
