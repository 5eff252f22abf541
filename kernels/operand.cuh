// Operand types: float (parity) and Half (speed; binary16, whose 11 bits of mantissa lose an eighth
// of what bfloat16's lose at the same rate). Values are moved 16 bytes at a time.
#pragma once

#include "ptx.cuh"

struct Half {
  uint16_t bits;
};

// Elements of 16 bytes.
template <typename T>
constexpr int kVector = 16 / static_cast<int>(sizeof(T));

// Elements that a row of a shared tile is padded by: 8 rows then lie in different banks.
template <typename T>
constexpr int kPad = kVector<T>;

__device__ __forceinline__ float to_float(float x) { return x; }

__device__ __forceinline__ float to_float(Half x) { return cvt_f32_f16(x.bits); }

__device__ __forceinline__ uint32_t pack(float low, float high, Half) {
  return cvt_f16x2(low, high);
}

// Stores two neighbours; `to` is aligned to both.
template <typename T>
__device__ __forceinline__ void store_pair(T* to, float low, float high) {
  *reinterpret_cast<uint32_t*>(to) = pack(low, high, T{});
}

template <>
__device__ __forceinline__ void store_pair<float>(float* to, float low, float high) {
  *reinterpret_cast<float2*>(to) = make_float2(low, high);
}

template <typename T>
__device__ __forceinline__ void store_one(T* to, float value) {
  to->bits = static_cast<uint16_t>(pack(value, 0.0f, T{}));
}

template <>
__device__ __forceinline__ void store_one<float>(float* to, float value) {
  *to = value;
}

// 16 bytes as floats; `from` is aligned to 16.
template <typename T>
__device__ __forceinline__ void load_vector(const T* from, float (&values)[kVector<T>]) {
  const uint4 raw = *reinterpret_cast<const uint4*>(from);
  const uint32_t words[4] = {raw.x, raw.y, raw.z, raw.w};
#pragma unroll
  for (int i = 0; i < 4; i++) {
    values[2 * i] = to_float(T{static_cast<uint16_t>(words[i] & 0xFFFF)});
    values[2 * i + 1] = to_float(T{static_cast<uint16_t>(words[i] >> 16)});
  }
}

template <>
__device__ __forceinline__ void load_vector<float>(const float* from, float (&values)[4]) {
  const float4 raw = *reinterpret_cast<const float4*>(from);
  values[0] = raw.x;
  values[1] = raw.y;
  values[2] = raw.z;
  values[3] = raw.w;
}

template <typename T>
__device__ __forceinline__ void store_vector(T* to, const float (&values)[kVector<T>]) {
  *reinterpret_cast<uint4*>(to) =
      make_uint4(pack(values[0], values[1], T{}), pack(values[2], values[3], T{}),
                 pack(values[4], values[5], T{}), pack(values[6], values[7], T{}));
}

template <>
__device__ __forceinline__ void store_vector<float>(float* to, const float (&values)[4]) {
  *reinterpret_cast<float4*>(to) = make_float4(values[0], values[1], values[2], values[3]);
}

// The instances of an operation: mote_<name>_f32 and _f16.
#define MOTE_INSTANCES(name, threads, Params, body)                                            \
  extern "C" __global__ void __launch_bounds__(threads, 1) mote_##name##_f32(const Params p) { \
    body<float>(p);                                                                            \
  }                                                                                            \
  MOTE_HALF_INSTANCE(name, threads, Params, body)

// That with binary16 operands alone.
#define MOTE_HALF_INSTANCE(name, threads, Params, body)                                        \
  extern "C" __global__ void __launch_bounds__(threads, 1) mote_##name##_f16(const Params p) { \
    body<Half>(p);                                                                             \
  }
