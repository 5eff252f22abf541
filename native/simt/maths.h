// CUDA's arithmetic functions on the CPU. Fast forms (__expf, __fdividef...) are the exact ones
// here: a kernel's tolerance must not lean on their error.
#pragma once

#include <cmath>
#include <cstdint>

#include "half.h"

using std::isfinite;
using std::isinf;
using std::isnan;

inline float rsqrtf(float x) { return 1.0f / std::sqrt(x); }
inline float normcdff(float x) { return 0.5f * std::erfc(x * -0.70710678118654752f); }
inline float __saturatef(float x) { return x > 0.0f ? (x < 1.0f ? x : 1.0f) : 0.0f; }  // NaN: 0
inline float fdividef(float x, float y) { return x / y; }
inline float __fdividef(float x, float y) { return x / y; }
inline float __expf(float x) { return std::exp(x); }
inline float __exp10f(float x) { return std::pow(10.0f, x); }
inline float __logf(float x) { return std::log(x); }
inline float __log2f(float x) { return std::log2(x); }
inline float __powf(float x, float y) { return std::pow(x, y); }
inline float __sinf(float x) { return std::sin(x); }
inline float __cosf(float x) { return std::cos(x); }
inline float __tanf(float x) { return std::tan(x); }
inline void __sincosf(float x, float* sine, float* cosine) {
  *sine = std::sin(x);
  *cosine = std::cos(x);
}
inline float sinpif(float x) { return static_cast<float>(std::sin(3.14159265358979323846 * x)); }
inline float cospif(float x) { return static_cast<float>(std::cos(3.14159265358979323846 * x)); }
inline void sincospif(float x, float* sine, float* cosine) {
  *sine = sinpif(x);
  *cosine = cospif(x);
}

// Rounded once each, never contracted: the volatile keeps the compiler from joining them.
inline float __fadd_rn(float x, float y) {
  volatile float sum = x + y;
  return sum;
}
inline float __fsub_rn(float x, float y) {
  volatile float difference = x - y;
  return difference;
}
inline float __fmul_rn(float x, float y) {
  volatile float product = x * y;
  return product;
}
inline float __fdiv_rn(float x, float y) { return x / y; }
inline float __frcp_rn(float x) { return 1.0f / x; }
inline float __fsqrt_rn(float x) { return std::sqrt(x); }
inline float __frsqrt_rn(float x) {
  return static_cast<float>(1.0 / std::sqrt(static_cast<double>(x)));
}
inline float __fmaf_rn(float x, float y, float z) { return std::fma(x, y, z); }

// Conversions saturate; NaN becomes 0.
inline int mote_simt_to_int(float x) {
  return std::isnan(x)   ? 0
         : x >= 0x1p31f  ? INT32_MAX
         : x <= -0x1p31f ? INT32_MIN
                         : static_cast<int>(x);
}
inline int __float2int_rn(float x) { return mote_simt_to_int(std::nearbyint(x)); }
inline int __float2int_rd(float x) { return mote_simt_to_int(std::floor(x)); }
inline int __float2int_ru(float x) { return mote_simt_to_int(std::ceil(x)); }
inline int __float2int_rz(float x) { return mote_simt_to_int(x); }
inline float __int2float_rn(int x) { return static_cast<float>(x); }
inline float __uint2float_rn(unsigned x) { return static_cast<float>(x); }

inline int __float_as_int(float x) { return static_cast<int>(mote::simt::float_to_bits(x)); }
inline unsigned __float_as_uint(float x) { return mote::simt::float_to_bits(x); }
inline float __int_as_float(int x) { return mote::simt::bits_to_float(static_cast<uint32_t>(x)); }
inline float __uint_as_float(unsigned x) { return mote::simt::bits_to_float(x); }

inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz(static_cast<unsigned>(x)); }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline unsigned __umulhi(unsigned x, unsigned y) {
  return static_cast<unsigned>(static_cast<uint64_t>(x) * y >> 32);
}
inline int __mulhi(int x, int y) { return static_cast<int>(static_cast<int64_t>(x) * y >> 32); }

// As in CUDA, of two equal types each; of a NaN and a number fminf and fmaxf give the number.
#define MOTE_SIMT_MIN_MAX(type)                             \
  inline type min(type x, type y) { return y < x ? y : x; } \
  inline type max(type x, type y) { return x < y ? y : x; }
MOTE_SIMT_MIN_MAX(int)
MOTE_SIMT_MIN_MAX(unsigned)
MOTE_SIMT_MIN_MAX(long)
MOTE_SIMT_MIN_MAX(unsigned long)
MOTE_SIMT_MIN_MAX(long long)
MOTE_SIMT_MIN_MAX(unsigned long long)
#undef MOTE_SIMT_MIN_MAX
inline float min(float x, float y) { return std::fmin(x, y); }
inline float max(float x, float y) { return std::fmax(x, y); }
inline double min(double x, double y) { return std::fmin(x, y); }
inline double max(double x, double y) { return std::fmax(x, y); }
