// CUDA C++ for g++ -DMOTE_SIMT: kernels/device.cuh includes this where nvcc has built-ins. The
// language's keywords, variables and functions, as far as our kernels may use them.
#pragma once

#include <type_traits>

#include "bfloat16.h"
#include "execution.h"
#include "half.h"
#include "maths.h"
#include "vectors.h"

#define __global__
#define __device__
#define __host__
#define __constant__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __cluster_dims__(...)
#define __grid_constant__
#define __align__(bytes) alignas(bytes)
#ifndef __restrict__
#define __restrict__ __restrict
#endif

// The block's arrays. Static ones belong to the line that declares them, as in CUDA; the dynamic
// one is as long as the launch says. Both begin with bytes 0xFF, NaNs, in every block.
#define MOTE_SHARED(type, name, size)       \
  static const char mote_key_of_##name = 0; \
  auto& name = *static_cast<type(*)[size]>( \
      mote_simt_static_shared(&mote_key_of_##name, sizeof(type[size]), alignof(type)))
#define MOTE_DYNAMIC_SHARED(type, name) \
  type* const name = static_cast<type*>(mote_simt_dynamic_shared())

#define threadIdx (mote_simt_self->thread_idx)
#define blockIdx (mote_simt_self->place->block_idx)
#define blockDim (mote_simt_self->place->block_dim)
#define gridDim (mote_simt_self->place->grid_dim)
inline constexpr int warpSize = 32;

inline void __syncthreads() { mote_simt_barrier(0); }
inline int __syncthreads_count(int predicate) { return mote_simt_barrier(predicate); }
inline int __syncthreads_or(int predicate) { return mote_simt_barrier(predicate) != 0; }
inline int __syncthreads_and(int predicate) { return mote_simt_barrier(predicate == 0) == 0; }
inline void __syncwarp(unsigned mask = 0xFFFFFFFF) { mote_simt_syncwarp(mask); }

inline unsigned __ballot_sync(unsigned mask, int predicate) {
  return mote_simt_ballot(mask, predicate);
}
inline int __any_sync(unsigned mask, int predicate) {
  return mote_simt_ballot(mask, predicate) != 0;
}
inline int __all_sync(unsigned mask, int predicate) {
  return mote_simt_ballot(mask, predicate == 0) == 0;
}

namespace mote::simt {

// Values of 4 and 8 bytes (float, int, __half2, double...) in registers of 32 bits.
template <typename T>
T shuffle(unsigned mask, mote_simt_shuffle_kind kind, T value, unsigned operand, int width) {
  static_assert(std::is_trivially_copyable_v<T> && (sizeof(T) == 4 || sizeof(T) == 8));
  uint32_t words[sizeof(T) / 4];
  std::memcpy(words, &value, sizeof value);
  for (uint32_t& word : words) {
    word = mote_simt_shuffle(mask, kind, word, operand, width);
  }
  std::memcpy(&value, words, sizeof value);
  return value;
}

}  // namespace mote::simt

template <typename T>
T __shfl_sync(unsigned mask, T value, int lane, int width = 32) {
  return mote::simt::shuffle(mask, kShuffleIndex, value, static_cast<unsigned>(lane), width);
}
template <typename T>
T __shfl_xor_sync(unsigned mask, T value, int lanes, int width = 32) {
  return mote::simt::shuffle(mask, kShuffleXor, value, static_cast<unsigned>(lanes), width);
}
template <typename T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32) {
  return mote::simt::shuffle(mask, kShuffleUp, value, delta, width);
}
template <typename T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32) {
  return mote::simt::shuffle(mask, kShuffleDown, value, delta, width);
}

// Atomic among all threads of the grid; blocks run on several CPU threads.
template <typename T>
T atomicAdd(T* address, std::common_type_t<T> value) {
  if constexpr (std::is_integral_v<T>) {
    return __atomic_fetch_add(address, value, __ATOMIC_RELAXED);
  } else {
    T old;
    __atomic_load(address, &old, __ATOMIC_RELAXED);
    T sum = old + value;
    while (!__atomic_compare_exchange(address, &old, &sum, false, __ATOMIC_RELAXED,
                                      __ATOMIC_RELAXED)) {
      sum = old + value;
    }
    return old;
  }
}
template <typename T>
T atomicMax(T* address, std::common_type_t<T> value) {
  T old = __atomic_load_n(address, __ATOMIC_RELAXED);
  while (old < value && !__atomic_compare_exchange_n(address, &old, value, false, __ATOMIC_RELAXED,
                                                     __ATOMIC_RELAXED)) {
  }
  return old;
}
template <typename T>
T atomicMin(T* address, std::common_type_t<T> value) {
  T old = __atomic_load_n(address, __ATOMIC_RELAXED);
  while (value < old && !__atomic_compare_exchange_n(address, &old, value, false, __ATOMIC_RELAXED,
                                                     __ATOMIC_RELAXED)) {
  }
  return old;
}
template <typename T>
T atomicOr(T* address, std::common_type_t<T> value) {
  return __atomic_fetch_or(address, value, __ATOMIC_RELAXED);
}
template <typename T>
T atomicAnd(T* address, std::common_type_t<T> value) {
  return __atomic_fetch_and(address, value, __ATOMIC_RELAXED);
}
template <typename T>
T atomicExch(T* address, std::common_type_t<T> value) {
  T old;
  __atomic_exchange(address, &value, &old, __ATOMIC_RELAXED);
  return old;
}
// Returns what was there; equal to `expected` where the exchange was made.
template <typename T>
T atomicCAS(T* address, std::common_type_t<T> expected, std::common_type_t<T> desired) {
  __atomic_compare_exchange_n(address, &expected, desired, false, __ATOMIC_RELAXED,
                              __ATOMIC_RELAXED);
  return expected;
}

inline void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
inline void __threadfence_block() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

template <typename T>
T __ldg(const T* address) {
  return *address;
}
template <typename T>
T __ldcg(const T* address) {
  return *address;
}
template <typename T>
T __ldcs(const T* address) {
  return *address;
}
template <typename T>
void __stcs(T* address, T value) {
  *address = value;
}
template <typename T>
void __stcg(T* address, T value) {
  *address = value;
}

inline std::size_t __cvta_generic_to_shared(const void* pointer) {
  return mote_simt_shared_address(pointer);
}
[[noreturn]] inline void __trap() { mote_simt_trap(); }
