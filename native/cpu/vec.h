// Vectors of the instruction set that a translation unit is compiled for.
//
// Every file that includes this one is compiled once per instruction set, with MOTE_ISA naming its
// namespace. Such files use no inline function of the standard library: the linker keeps one copy
// of an inline function, and that copy could hold instructions which an older processor lacks.
#pragma once

#include <cstdint>

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
#define MOTE_LANES 16
#elif defined(__AVX2__)
#define MOTE_LANES 8
#else
#define MOTE_LANES 4
#endif

namespace mote {
namespace {

constexpr int kLanes = MOTE_LANES;
typedef float Vec __attribute__((vector_size(4 * MOTE_LANES)));
typedef int32_t IntVec __attribute__((vector_size(4 * MOTE_LANES)));

[[maybe_unused]] inline Vec load(const float* p) {
  Vec v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

[[maybe_unused]] inline void store(float* p, Vec v) { __builtin_memcpy(p, &v, sizeof v); }

[[maybe_unused]] inline Vec splat(float x) { return x - Vec{}; }

[[maybe_unused]] inline Vec larger(Vec a, Vec b) { return a > b ? a : b; }

[[maybe_unused]] inline Vec smaller(Vec a, Vec b) { return a < b ? a : b; }

// 1 / x to a unit or two in the last place, for normal x: a division of 16 floats takes as long as
// 32 multiplications.
[[maybe_unused]] inline Vec reciprocal(Vec x) {
#if MOTE_LANES == 16
  const Vec guess = (Vec)_mm512_maskz_rcp14_ps(0xFFFF, (__m512)x);
  return guess * (2.0F - x * guess);
#else
  return 1.0F / x;
#endif
}

[[maybe_unused]] inline float total(Vec v) {
  float sum = 0;
  for (int i = 0; i < kLanes; i++) {
    sum += v[i];
  }
  return sum;
}

[[maybe_unused]] inline int least(int a, int b) { return a < b ? a : b; }

[[maybe_unused]] inline int most(int a, int b) { return a > b ? a : b; }

}  // namespace
}  // namespace mote
