// CUDA's __half and __half2 for the CPU: binary16, round to nearest even.
#pragma once

#include <cstdint>
#include <cstring>

#ifdef __F16C__
#include <immintrin.h>
#endif

#include "vectors.h"

namespace mote::simt {

inline float bits_to_float(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

inline uint32_t float_to_bits(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

inline float half_to_float(uint16_t half) {
#ifdef __F16C__
  return _cvtsh_ss(half);
#else
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16;
  const uint32_t rest = half & 0x7FFF;
  if (rest >= 0x7C00) {  // infinity, NaN (made quiet)
    return bits_to_float(sign | 0x7F800000 | (rest & 0x3FF) << 13 | (rest > 0x7C00 ? 0x400000 : 0));
  }
  // The exponent is 112 too small for a float's; the product also normalises what is subnormal.
  const float magnitude = bits_to_float(rest << 13) * 0x1p112f;
  return bits_to_float(sign | float_to_bits(magnitude));
#endif
}

inline uint16_t float_to_half(float value) {
#ifdef __F16C__
  return static_cast<uint16_t>(_cvtss_sh(value, _MM_FROUND_TO_NEAREST_INT));
#else
  const uint32_t bits = float_to_bits(value);
  const auto sign = static_cast<uint16_t>(bits >> 16 & 0x8000);
  const uint32_t rest = bits & 0x7FFFFFFF;
  if (rest > 0x7F800000) {
    return static_cast<uint16_t>(sign | 0x7E00 | (rest >> 13 & 0x3FF));
  }
  if (rest >= 0x477FF000) {  // 65520 and more round to infinity
    return static_cast<uint16_t>(sign | 0x7C00);
  }
  if (rest < 0x38800000) {  // subnormal: the sum's last bit is 2^-24, and it rounds
    return static_cast<uint16_t>(sign | (float_to_bits(bits_to_float(rest) + 0.5f) - 0x3F000000));
  }
  const uint32_t odd = rest >> 13 & 1;
  return static_cast<uint16_t>(sign | (rest - 0x38000000 + 0xFFF + odd) >> 13);
#endif
}

}  // namespace mote::simt

struct __half {
  uint16_t bits;
  __half() = default;
  explicit __half(float value) : bits(mote::simt::float_to_half(value)) {}
  operator float() const { return mote::simt::half_to_float(bits); }
};

struct alignas(4) __half2 {
  __half x, y;
};

using half = __half;
using half2 = __half2;

inline __half __float2half(float value) { return __half(value); }
inline __half __float2half_rn(float value) { return __half(value); }
inline float __half2float(__half value) { return value; }
inline __half2 __halves2half2(__half x, __half y) { return __half2{x, y}; }
inline __half2 __floats2half2_rn(float x, float y) { return __half2{__half(x), __half(y)}; }
inline __half2 __float22half2_rn(float2 value) { return __floats2half2_rn(value.x, value.y); }
inline __half2 __float2half2_rn(float value) { return __floats2half2_rn(value, value); }
inline __half2 __half2half2(__half value) { return __half2{value, value}; }
inline float2 __half22float2(__half2 value) { return float2{value.x, value.y}; }
inline __half __low2half(__half2 value) { return value.x; }
inline __half __high2half(__half2 value) { return value.y; }
inline float __low2float(__half2 value) { return value.x; }
inline float __high2float(__half2 value) { return value.y; }
inline unsigned short __half_as_ushort(__half value) { return value.bits; }
inline __half __ushort_as_half(unsigned short bits) {
  __half value;
  value.bits = bits;
  return value;
}
