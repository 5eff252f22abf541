// Bilinear resizing of the encoder's four stages to one size, joined or summed.
//   concat (pips): out = (in[0]', in[1]', in[2]', in[3]') along channels, corners on corners:
//                  output i reads input i (in - 1) / (out - 1)
//   sum (mote):    out = in[0]' + in[1]' + in[2]' + in[3]', pixels are areas: output i reads
//                  input (i + 0.5) in / out - 0.5; sums for the norm that follows
// in[k]' has norm, ReLU and shortcut applied on load (source.cuh). Positions are exact: whole part
// and remainder in integers.
//
// Layout: NHWC, channels padded to 16. Grid (128 pixels, 16 output channels), 256 threads: 16 bytes
// of a pixel per thread. Shared memory: the warps' sums (1 KiB, sum only).
// Operations: 7 a value; bytes: in and out once (an enlarged input stays in L1).
#include "source.cuh"

constexpr int kPixels = 128;
constexpr int kChannels = 16;
constexpr int kThreads = 256;

struct Between {
  int first, second;
  float fraction;

  // Position numerator / denominator of n pixels.
  __device__ __forceinline__ Between(int64_t numerator, int64_t denominator, int n) {
    numerator = numerator > 0 ? numerator : 0;
    first = static_cast<int>(numerator / denominator);
    first = first < n - 1 ? first : n - 1;
    second = first + 1 < n ? first + 1 : first;
    fraction =
        static_cast<float>(numerator - first * denominator) / static_cast<float>(denominator);
  }
};

__device__ __forceinline__ Between between(bool corners, int i, int in, int out) {
  if (corners) {
    return Between(static_cast<int64_t>(i) * (in - 1), out > 1 ? out - 1 : 1, in);
  }
  return Between((2 * static_cast<int64_t>(i) + 1) * in - out, 2 * static_cast<int64_t>(out), in);
}

// Adds kVector channels of an output pixel to v.
template <typename T>
__device__ __forceinline__ void add_resized(const Source& in, const ResizeParams& p, bool corners,
                                            int pixel, int channel, float (&v)[kVector<T>]) {
  Norms<T> norms;
  norms.load(in, channel);
  const Between rows = between(corners, pixel / p.width, in.height, p.height);
  const Between columns = between(corners, pixel % p.width, in.width, p.width);
#pragma unroll 1
  for (int i = 0; i < 2; i++) {
    const int64_t y = i == 0 ? rows.first : rows.second;
    float left[kVector<T>];
    float right[kVector<T>];
    load_source(in, norms, y * in.width + columns.first, channel, left);
    load_source(in, norms, y * in.width + columns.second, channel, right);
    const float weight = i == 0 ? 1.0f - rows.fraction : rows.fraction;
#pragma unroll
    for (int c = 0; c < kVector<T>; c++) {
      const float row = (1.0f - columns.fraction) * left[c] + columns.fraction * right[c];
      v[c] = fmaf(weight, row, v[c]);
    }
  }
}

// Sums of a block's pixels per channel: over the lanes that hold the same channels, then over
// warps.
template <typename T>
__device__ __forceinline__ void store_sums(float (&total)[2][kVector<T>], float* partial) {
  constexpr int kParts = kChannels / kVector<T>;
  MOTE_SHARED(float, sums, kThreads / kLanes * 2 * kChannels);
  const int part = lane_index() % kParts;
#pragma unroll
  for (int i = 0; i < 2 * kVector<T>; i++) {
    float sum = total[i / kVector<T>][i % kVector<T>];
    for (int step = kParts; step < kLanes; step *= 2) {
      sum += __shfl_xor_sync(kAllLanes, sum, step);
    }
    if (lane_index() < kParts) {
      const int channel = part * kVector<T> + i % kVector<T>;
      sums[(warp_index() * 2 + i / kVector<T>)*kChannels + channel] = sum;
    }
  }
  __syncthreads();  // all warps' sums are there
  const int thread = static_cast<int>(threadIdx.x);
  if (thread < 2 * kChannels) {
    float sum = 0.0f;
    for (int warp = 0; warp < kThreads / kLanes; warp++) {
      sum += sums[warp * 2 * kChannels + thread];
    }
    partial[thread / kChannels * static_cast<int>(gridDim.y) * kChannels + thread % kChannels] =
        sum;
  }
}

template <typename T>
__device__ __forceinline__ void resize_sum(const ResizeParams& p) {
  constexpr int kParts = kChannels / kVector<T>;
  const int group = static_cast<int>(blockIdx.y) * kChannels;
  const int channel = group + static_cast<int>(threadIdx.x) % kParts * kVector<T>;
  float total[2][kVector<T>] = {};
  for (int i = static_cast<int>(threadIdx.x) / kParts; i < kPixels; i += kThreads / kParts) {
    const int pixel = static_cast<int>(blockIdx.x) * kPixels + i;
    if (pixel >= p.height * p.width) {
      break;
    }
    float v[kVector<T>] = {};
#pragma unroll 1
    for (int k = 0; k < 4; k++) {
      add_resized<T>(p.in[k], p, false, pixel, channel, v);
    }
    store_vector(at<T>(p.out) + static_cast<int64_t>(pixel) * p.channels + channel, v);
#pragma unroll
    for (int c = 0; c < kVector<T>; c++) {
      total[0][c] += v[c];
      total[1][c] = fmaf(v[c], v[c], total[1][c]);
    }
  }
  store_sums<T>(total,
                at<float>(p.partial) + static_cast<int64_t>(blockIdx.x) * 2 * p.channels + group);
}

template <typename T>
__device__ __forceinline__ void resize_concat(const ResizeParams& p) {
  constexpr int kParts = kChannels / kVector<T>;
  const int group = static_cast<int>(blockIdx.y) * kChannels;
  int k = 0;
  int first = 0;  // output channel at which input k begins
  while (group >= first + p.in[k].channels) {
    first += p.in[k++].channels;
  }
  const int part = static_cast<int>(threadIdx.x) % kParts * kVector<T>;
  for (int i = static_cast<int>(threadIdx.x) / kParts; i < kPixels; i += kThreads / kParts) {
    const int pixel = static_cast<int>(blockIdx.x) * kPixels + i;
    if (pixel >= p.height * p.width) {
      break;
    }
    float v[kVector<T>] = {};
    add_resized<T>(p.in[k], p, true, pixel, group - first + part, v);
    store_vector(at<T>(p.out) + static_cast<int64_t>(pixel) * p.channels + group + part, v);
  }
}

MOTE_INSTANCES(resize_sum, kThreads, ResizeParams, resize_sum)
MOTE_INSTANCES(resize_concat, kThreads, ResizeParams, resize_concat)
