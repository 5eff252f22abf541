// What the device's multiply-adds can do at most, for profiles: nothing but them, in registers.
//   f32: kChains independent fused multiply-adds a thread and round
//   f16: kChains independent mma.sync m16n8k16 a warp and round (portable: Hopper's wgmma can do
//        more, which a product by cuBLAS shows)
//
// Grid: some blocks a multiprocessor, 256 threads. Operations: 2 kChains a thread and round (f32),
// 2 * 16 * 8 * 16 kChains a warp and round (f16); bytes: a float a thread at the end, so that the
// work cannot be left out.
#include "device.cuh"
#include "params.h"
#include "ptx.cuh"

constexpr int kChains = 8;
constexpr int kThreads = 256;

__device__ __forceinline__ float* result(const PeakParams& p) {
  return at<float>(p.out) + static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
}

extern "C" __global__ void __launch_bounds__(kThreads) mote_peak_f32(const PeakParams p) {
  float sums[kChains];
  for (int i = 0; i < kChains; i++) {
    sums[i] = static_cast<float>(kChains * threadIdx.x + i);  // nothing is alike or uniform
  }
  for (int round = 0; round < p.rounds; round++) {
#pragma unroll
    for (int i = 0; i < kChains; i++) {
      sums[i] = fmaf(sums[i], p.factor, p.factor);
    }
  }
  float sum = 0.0f;
  for (int i = 0; i < kChains; i++) {
    sum += sums[i];
  }
  *result(p) = sum;
}

extern "C" __global__ void __launch_bounds__(kThreads) mote_peak_f16(const PeakParams p) {
  const uint32_t pair = cvt_f16x2(p.factor, p.factor);
  const uint32_t a[4] = {pair, pair, pair, pair};
  const uint32_t b[2] = {pair, pair};
  float sums[kChains][4];
  for (int i = 0; i < kChains; i++) {
    for (int j = 0; j < 4; j++) {
      sums[i][j] = static_cast<float>(kChains * threadIdx.x + i);
    }
  }
  for (int round = 0; round < p.rounds; round++) {
#pragma unroll
    for (int i = 0; i < kChains; i++) {
      mma_m16n8k16_f16(sums[i], a, b, sums[i]);
    }
  }
  float sum = 0.0f;
  for (int i = 0; i < kChains; i++) {
    sum += sums[i][0] + sums[i][1] + sums[i][2] + sums[i][3];
  }
  *result(p) = sum;
}
