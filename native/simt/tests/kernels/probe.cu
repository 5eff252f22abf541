// Kernels that the driver's tests launch; tests/probe.h has their PTX.
#include "simt.h"

struct ScaleParams {
  uint64_t in;
  uint64_t out;
  int32_t count;
  float factor;
};

// out[i] = factor in[i]
extern "C" __global__ void __launch_bounds__(128) probe_scale(const ScaleParams p) {
  const auto i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i < p.count) {
    reinterpret_cast<float*>(p.out)[i] = p.factor * reinterpret_cast<const float*>(p.in)[i];
  }
}

struct SumParams {
  uint64_t a;
  uint64_t b;
  uint64_t out;
};

// out = a + b + the dynamic shared memory's first number
extern "C" __global__ void probe_sum(const SumParams p) {
  MOTE_DYNAMIC_SHARED(float, shared);
  shared[threadIdx.x] = 0.0f;
  __syncthreads();
  if (threadIdx.x == 0) {
    *reinterpret_cast<float*>(p.out) =
        *reinterpret_cast<const float*>(p.a) + *reinterpret_cast<const float*>(p.b) + shared[0];
  }
}

struct StoreParams {
  uint64_t address;
};

// Writes one byte, wherever it is told to.
extern "C" __global__ void probe_store(const StoreParams p) {
  *reinterpret_cast<volatile unsigned char*>(p.address) = 1;
}

extern "C" __global__ void probe_trap(const StoreParams p) {
  if (p.address == 0) {
    __trap();
  }
}
