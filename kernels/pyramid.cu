// From the encoder's output to a slot of the ring of feature maps.
//   normalise: level 0 = in / max(|in|, 1e-12) over the channels of a pixel (mote), or in (pips)
//   pyramid:   level l + 1 = mean over 2x2 pixels of level l; an odd last row or column is averaged
//              alone (mote) or dropped (pips)
//
// Layout: (height, width, channels) operands, channels padded to 16. normalise: a warp per pixel, 8
// a block of 256. pyramid: a thread per output pixel and 16 bytes, 256 a block. The slot is read
// from the call, so that one captured graph serves all slots. Bytes: in and out once.
#include "operand.cuh"
#include "params.h"

template <typename T>
__device__ __forceinline__ T* slot_of(const PyramidParams& p) {
  return at<T>(p.ring) + at<const CallHeader>(p.call)->slot[0] * p.slot_size;
}

template <typename T>
__device__ __forceinline__ void normalise(const PyramidParams& p) {
  const int64_t pixel = static_cast<int64_t>(blockIdx.x) * (blockDim.x / kLanes) + warp_index();
  if (pixel >= static_cast<int64_t>(p.height) * p.width) {
    return;
  }
  const T* in = at<const T>(p.in) + pixel * p.channels;
  T* out = slot_of<T>(p) + p.to + pixel * p.channels;
  float factor = 1.0f;
  if (p.unit != 0) {
    float squares = 0.0f;
    for (int c = lane_index(); c < p.channels; c += kLanes) {
      const float v = to_float(in[c]);
      squares = fmaf(v, v, squares);
    }
    factor = 1.0f / fmaxf(sqrtf(warp_sum(squares)), 1e-12f);
  }
  for (int c = lane_index(); c < p.channels; c += kLanes) {
    store_one(out + c, to_float(in[c]) * factor);
  }
}

template <typename T>
__device__ __forceinline__ void pyramid(const PyramidParams& p) {
  const int rows = (p.height + p.partial) / 2;
  const int columns = (p.width + p.partial) / 2;
  const int vectors = p.channels / kVector<T>;
  const int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= static_cast<int64_t>(rows) * columns * vectors) {
    return;
  }
  const int64_t pixel = i / vectors;
  const int channel = static_cast<int>(i % vectors) * kVector<T>;
  const int y = static_cast<int>(pixel / columns) * 2;
  const int x = static_cast<int>(pixel % columns) * 2;
  T* slot = slot_of<T>(p);
  float sum[kVector<T>] = {};
  float count = 0.0f;
  for (int v = y; v < y + 2 && v < p.height; v++) {
    for (int u = x; u < x + 2 && u < p.width; u++) {
      float value[kVector<T>];
      load_vector(slot + p.from + (static_cast<int64_t>(v) * p.width + u) * p.channels + channel,
                  value);
#pragma unroll
      for (int c = 0; c < kVector<T>; c++) {
        sum[c] += value[c];
      }
      count += 1.0f;
    }
  }
#pragma unroll
  for (int c = 0; c < kVector<T>; c++) {
    sum[c] /= count;
  }
  store_vector(slot + p.to + pixel * p.channels + channel, sum);
}

MOTE_INSTANCES(normalise, 256, PyramidParams, normalise)
MOTE_INSTANCES(pyramid, 256, PyramidParams, pyramid)
