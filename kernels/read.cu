// Reads memory and does nothing with it: the ceiling of what kernels get from the L2 (a buffer of
// some MB, read again and again) or from the device's memory. Not part of any model.
//
// Grid (some blocks a multiprocessor), 256 threads, no shared memory: block b reads the 4 KB pieces
// b + 37 r, b + 37 r + blocks, ... in round r, so that no round finds what it reads in the L1 of
// its multiprocessor. Bytes: 16 x vectors x repeats. `out` is written only where all bits come to
// one number, which the compiler cannot know to be rare.
#include "device.cuh"
#include "params.h"

constexpr int kThreads = 256;
constexpr int kShift = 37;
constexpr uint32_t kRare = 0x9E3779B9u;

extern "C" __global__ void __launch_bounds__(kThreads) mote_read(const ReadParams p) {
  const uint4* in = at<const uint4>(p.in);
  const int64_t step = static_cast<int64_t>(gridDim.x) * kThreads;
  uint32_t bits = 0;
  for (int round = 0; round < p.repeats; round++) {
    const int64_t piece = (blockIdx.x + static_cast<int64_t>(round) * kShift) % gridDim.x;
    int64_t i = piece * kThreads + threadIdx.x;
    for (; i + 3 * step < p.vectors; i += 4 * step) {
      const uint4 a = in[i];
      const uint4 b = in[i + step];
      const uint4 c = in[i + 2 * step];
      const uint4 d = in[i + 3 * step];
      bits ^= a.x ^ a.y ^ a.z ^ a.w ^ b.x ^ b.y ^ b.z ^ b.w;
      bits ^= c.x ^ c.y ^ c.z ^ c.w ^ d.x ^ d.y ^ d.z ^ d.w;
    }
    for (; i < p.vectors; i += step) {
      const uint4 a = in[i];
      bits ^= a.x ^ a.y ^ a.z ^ a.w;
    }
    bits = bits * 5u + 1u;  // else two rounds would cancel, and the compiler might see it
  }
  if (bits == kRare) {
    *at<uint32_t>(p.out) = bits;
  }
}
