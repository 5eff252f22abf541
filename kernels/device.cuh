// What every kernel includes: CUDA's built-ins under nvcc and nvrtc (no system header is needed),
// their twins of native/simt under g++ -DMOTE_SIMT.
#pragma once

#include "types.h"

#ifdef MOTE_SIMT

#include "simt.h"

#else

// Shared arrays by name, so that the stand-in can place, fill and watch them.
#define MOTE_SHARED(type, name, size) __shared__ type name[size]
#define MOTE_DYNAMIC_SHARED(type, name)                                \
  extern __shared__ __align__(16) unsigned char mote_dynamic_shared[]; \
  type* const name = reinterpret_cast<type*>(mote_dynamic_shared)

#endif

// Frames of a window, S.
constexpr int kWindow = 8;
constexpr int kLanes = 32;
constexpr unsigned kAllLanes = 0xFFFFFFFFu;

// A device pointer of a parameter struct.
template <typename T>
__device__ __forceinline__ T* at(uint64_t address) {
  return reinterpret_cast<T*>(address);
}

__device__ __forceinline__ int lane_index() { return static_cast<int>(threadIdx.x) % kLanes; }

__device__ __forceinline__ int warp_index() { return static_cast<int>(threadIdx.x) / kLanes; }

__device__ __forceinline__ float relu(float x) { return x > 0.0f ? x : 0.0f; }

// The exact GELU, x Phi(x).
__device__ __forceinline__ float gelu(float x) {
  return 0.5f * x * (1.0f + erff(x * 0.70710678118654752f));
}

// Sum over the lanes of a warp, the same bits in every lane.
__device__ __forceinline__ float warp_sum(float x) {
  for (int step = kLanes / 2; step > 0; step /= 2) {
    x += __shfl_xor_sync(kAllLanes, x, step);
  }
  return x;
}
