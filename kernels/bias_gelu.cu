// values[r, c] = gelu(values[r, c] + bias), in place, between the two products of the unfused
// mixer's MLPs (mixer.cu is the fused one). The bias is that of the column, bias[c], or that of the
// row, bias[r mod period].
//
// A thread per 16 bytes of operands, 256 a block; pitch a multiple of 16, bias has as many entries
// (zeros behind the last). Bytes: values in and out.
#include "operand.cuh"
#include "params.h"

template <typename T>
__device__ __forceinline__ void bias_gelu(const BiasGeluParams& p) {
  const int64_t i = (static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x) * kVector<T>;
  const int64_t row = i / p.pitch;
  if (row >= p.rows) {
    return;
  }
  const int column = static_cast<int>(i % p.pitch);
  const float* bias = at<const float>(p.bias);
  T* to = at<T>(p.values) + i;
  float values[kVector<T>];
  load_vector(to, values);
#pragma unroll
  for (int k = 0; k < kVector<T>; k++) {
    values[k] = gelu(values[k] + bias[p.period != 0 ? row % p.period : column + k]);
  }
  store_vector(to, values);
}

MOTE_INSTANCES(bias_gelu, 256, BiasGeluParams, bias_gelu)
