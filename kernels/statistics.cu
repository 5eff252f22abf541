// Instance norm without affine: from a plane's partial sums to scale and shift of each channel,
//   scale = 1 / sqrt(E[x^2] - E[x]^2 + 1e-5), shift = -E[x] scale,
// applied by whatever reads the plane next (source.cuh).
//
// Grid (channels / 16), 256 threads: thread (j, c) adds the tiles j, j + 16, ... of channel c in
// double precision (the difference of the two means cancels), then 16 partial sums are added in
// order: the same bits every time. Bytes: tiles x channels x 8. Reads of the next kernels are
// ordered by the stream.
#include "device.cuh"
#include "params.h"

constexpr int kChannels = 16;
constexpr int kShares = 16;

extern "C" __global__ void __launch_bounds__(kChannels* kShares)
    mote_statistics(const StatisticsParams p) {
  MOTE_SHARED(double, sums, 2 * kChannels * kShares);
  const int thread = static_cast<int>(threadIdx.x);
  const int channel = static_cast<int>(blockIdx.x) * kChannels + thread % kChannels;
  const float* partial = at<const float>(p.partial) + channel;
  double sum = 0.0;
  double squares = 0.0;
  for (int tile = thread / kChannels; tile < p.tiles; tile += kShares) {
    sum += partial[static_cast<int64_t>(tile) * 2 * p.channels];
    squares += partial[(static_cast<int64_t>(tile) * 2 + 1) * p.channels];
  }
  sums[thread] = sum;
  sums[kChannels * kShares + thread] = squares;
  __syncthreads();  // all shares are there
  if (thread >= kChannels) {
    return;
  }
  sum = 0.0;
  squares = 0.0;
  for (int share = 0; share < kShares; share++) {
    sum += sums[share * kChannels + thread];
    squares += sums[(kShares + share) * kChannels + thread];
  }
  const double mean = sum / p.pixels;
  const double variance = squares / p.pixels - mean * mean;
  const double scale = 1.0 / sqrt((variance > 0.0 ? variance : 0.0) + 1e-5);
  at<float2>(p.norm)[channel] =
      make_float2(static_cast<float>(scale), static_cast<float>(-mean * scale));
}
