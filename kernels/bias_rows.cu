// Rows that a product is added to: out[r, c] = bias[c] (+ frame_bias[r mod 8, c]), zeros behind
// `columns`.
//
// A thread per value, 256 a block. Bytes: out. For the unfused mixer (mixer.cu is the fused one).
#include "device.cuh"
#include "params.h"

extern "C" __global__ void __launch_bounds__(256) mote_bias_rows(const BiasRowsParams p) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  const int64_t row = i / p.pitch;
  const int column = static_cast<int>(i % p.pitch);
  if (row >= p.rows) {
    return;
  }
  float value = 0.0f;
  if (column < p.columns) {
    value = at<const float>(p.bias)[column];
    if (p.frame_bias != 0) {
      value += at<const float>(p.frame_bias)[row % kWindow * p.columns + column];
    }
  }
  at<float>(p.out)[i] = value;
}
