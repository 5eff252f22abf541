// A feature plane as the next operation reads it: what the convolution before left (bias added),
// normalised per channel, rectified and joined with the shortcut of a residual block on load, so
// that no pass over memory does only that.
//
//   plain:          v
//   norm:           relu(v * scale + shift)
//   norm, shortcut: relu(s' + relu(v * scale + shift)), s' = s, or s * scale + shift
#pragma once

#include "operand.cuh"
#include "params.h"

// Scale and shift of kVector channels; loaded once for all pixels that a thread reads.
template <typename T>
struct Norms {
  float2 values[kVector<T>];
  float2 shortcut[kVector<T>];

  __device__ __forceinline__ void load(const Source& source, int channel) {
#pragma unroll
    for (int i = 0; i < kVector<T>; i++) {
      if (source.norm != 0) {
        values[i] = at<const float2>(source.norm)[channel + i];
      }
      if (source.shortcut_norm != 0) {
        shortcut[i] = at<const float2>(source.shortcut_norm)[channel + i];
      }
    }
  }
};

// kVector channels from `channel` on of a pixel (y * width + x).
template <typename T>
__device__ __forceinline__ void load_source(const Source& source, const Norms<T>& norms,
                                            int64_t pixel, int channel, float (&v)[kVector<T>]) {
  const int64_t index = pixel * source.channels + channel;
  load_vector(at<const T>(source.values) + index, v);
  if (source.norm == 0) {
    return;
  }
#pragma unroll
  for (int i = 0; i < kVector<T>; i++) {
    v[i] = relu(fmaf(v[i], norms.values[i].x, norms.values[i].y));
  }
  if (source.shortcut == 0) {
    return;
  }
  float s[kVector<T>];
  load_vector(at<const T>(source.shortcut) + index, s);
#pragma unroll
  for (int i = 0; i < kVector<T>; i++) {
    if (source.shortcut_norm != 0) {
      s[i] = fmaf(s[i], norms.shortcut[i].x, norms.shortcut[i].y);
    }
    v[i] = relu(v[i] + s[i]);
  }
}
