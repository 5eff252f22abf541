// Faults of every kind that the checked build must find, and a kernel without any.
#include "ptx_twins.h"

struct PlantedParams {
  uint64_t memory;  // 64 floats, the first 32 written
  uint64_t freed;
  int32_t fault;
};

// 64 threads; the faults' numbers are those of tests/check_main.cpp.
extern "C" __global__ void planted(const PlantedParams p) {
  MOTE_SHARED(float, first, 64);
  MOTE_SHARED(float, second, 64);
  MOTE_DYNAMIC_SHARED(float, dynamic);
  auto* memory = reinterpret_cast<float*>(p.memory);
  const unsigned i = threadIdx.x;
  first[i] = 1.0f;
  second[i] = first[i];
  switch (p.fault) {
    case 0:
      memory[i + 1] = 1.0f;  // one beyond the end
      break;
    case 1:
      memory[-1 - static_cast<int>(i)] = 1.0f;
      break;
    case 2:
      memory[i] = reinterpret_cast<const float*>(p.freed)[i];
      break;
    case 3:
      memory[63 - i] = memory[i + 1];
      break;
    case 4:
      memory[i] = dynamic[i];
      break;
    case 5:
      if (i == 63) {
        first[blockDim.x] = 2.0f;
      }
      break;
    case 6:
      memory[i] = second[(i + 33) % 64];  // no barrier after second[i] = ...
      break;
    case 7:
      __syncthreads();
      memory[i] = first[i ^ 1];
      second[i] = 3.0f;
      memory[i] += second[i ^ 1];  // needs __syncwarp
      break;
    case 8:
      __syncthreads();
      dynamic[0] = 1.0f;  // by all
      break;
    case 9:
      __syncthreads();
      memory[i] = first[63 - i];
      first[i] = 2.0f;  // while others still read
      break;
    case 10:
      *reinterpret_cast<double*>(memory + 1) = 0.0;
      break;
    case 11:
      *reinterpret_cast<float*>(uintptr_t{0x1000} + p.fault) = 1.0f;
      break;
    case 12:
      cp_async_4(shared_address(dynamic + i), memory + i);  // half of it unwritten
      cp_async_wait_all();
      break;
    case 13:
      atomicAdd(&dynamic[0], 1.0f);  // never written
      break;
    default:
      cp_async_4(shared_address(dynamic + i), memory);
      cp_async_wait_all();
      memory[i] = dynamic[(i + 1) % 64];  // waited for, but no barrier
  }
}

// Barriers, warps, copies and products as they should be: rows of 16-bit numbers through shared
// memory. 64 threads.
extern "C" __global__ void unharmed(const PlantedParams p) {
  MOTE_SHARED(uint4, rows, 64);
  MOTE_SHARED(float, sums, 64);
  MOTE_SHARED(int, count, 1);
  MOTE_DYNAMIC_SHARED(float, dynamic);
  auto* memory = reinterpret_cast<float*>(p.memory);
  const unsigned i = threadIdx.x;
  const unsigned warp = i / 32;
  cp_async_4(shared_address(dynamic + i), memory + i % 32);
  cp_async_commit();
  auto* halves = reinterpret_cast<__half*>(&rows[i]);
  for (int j = 0; j < 8; j++) {
    halves[j] = __float2half(1.0f);
  }
  if (i == 0) {
    count[0] = 0;
  }
  __syncwarp();
  uint32_t a[4];
  ldmatrix_x4(a, shared_address(&rows[i]));
  const uint32_t b[2] = {a[0], a[1]};
  float c[4] = {};
  mma_m16n8k16_f16(c, a, b, c);
  cp_async_wait<0>();
  __syncthreads();
  atomicAdd(&count[0], 1);
  sums[i] = c[0] + dynamic[63 - i];
  for (int step = 16; step > 0; step /= 2) {
    __syncwarp();
    const float other = sums[32 * warp + (i + static_cast<unsigned>(step)) % 32];
    __syncwarp();
    sums[i] += other;
  }
  __syncthreads();
  const float value = sums[i ^ 32] + static_cast<float>(count[0]);
  atomicAdd(memory, value);
  if (i > 0) {
    memory[i] = value;
  }
}
