#include "peak.h"

#include <omp.h>

#include <algorithm>
#include <string>

#include "../include/mote.h"
#include "failure.h"
#include "isa.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace mote {
namespace {

// Sums that do not wait for each other: more than latency (4) times units (2).
constexpr int kChains = 12;
constexpr int64_t kSteps = 1 << 20;
constexpr int kTrials = 48;

// Nothing may be known about the operands, or the compiler would multiply in advance.
volatile float operand = 1e-3F;
volatile float sink;

typedef float Four __attribute__((vector_size(16)));

float portable() {
  const Four a = operand - Four{};
  Four sums[kChains] = {};
  for (int64_t i = 0; i < kSteps; i++) {
#pragma GCC unroll 12
    for (int chain = 0; chain < kChains; chain++) {
      sums[chain] = sums[chain] * a + a;
    }
  }
  float total = 0;
  for (const Four& sum : sums) {
    total += sum[0];
  }
  return total;
}

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) float avx2() {
  const __m256 a = _mm256_set1_ps(operand);
  __m256 sums[kChains];
  for (__m256& sum : sums) {
    sum = _mm256_setzero_ps();
  }
  for (int64_t i = 0; i < kSteps; i++) {
#pragma GCC unroll 12
    for (int chain = 0; chain < kChains; chain++) {
      sums[chain] = _mm256_fmadd_ps(sums[chain], a, a);
    }
  }
  float total = 0;
  for (const __m256& sum : sums) {
    total += sum[0];
  }
  return total;
}

__attribute__((target("avx512f"))) float avx512() {
  const __m512 a = _mm512_set1_ps(operand);
  __m512 sums[kChains];
  for (__m512& sum : sums) {
    sum = _mm512_setzero_ps();
  }
  for (int64_t i = 0; i < kSteps; i++) {
#pragma GCC unroll 12
    for (int chain = 0; chain < kChains; chain++) {
      sums[chain] = _mm512_fmadd_ps(sums[chain], a, a);
    }
  }
  float total = 0;
  for (const __m512& sum : sums) {
    total += sum[0];
  }
  return total;
}

__attribute__((target("avx512f,avx512bf16"))) float bf16() {
  const __m512bh a = _mm512_cvtne2ps_pbh(_mm512_set1_ps(operand), _mm512_set1_ps(operand));
  __m512 sums[kChains];
  for (__m512& sum : sums) {
    sum = _mm512_setzero_ps();
  }
  for (int64_t i = 0; i < kSteps; i++) {
#pragma GCC unroll 12
    for (int chain = 0; chain < kChains; chain++) {
      sums[chain] = _mm512_dpbf16_ps(sums[chain], a, a);
    }
  }
  float total = 0;
  for (const __m512& sum : sums) {
    total += sum[0];
  }
  return total;
}
#endif

// A loop of multiply-adds, and how many of them one step of one chain is.
struct Loop {
  float (*run)();
  int multiply_adds;
};

Loop loop_for(int32_t precision) {
#if defined(__x86_64__)
  if (precision == MOTE_PRECISION_BF16) {
    if (has_bf16()) {
      return {bf16, 32};
    }
    throw Failure(MOTE_UNSUPPORTED,
                  "processor has no bf16 products: precision=bf16; ask for float32");
  }
  if (__builtin_cpu_supports("avx512f")) {
    return {avx512, 16};
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    return {avx2, 8};
  }
#endif
  return {portable, 4};
}

}  // namespace

double peak_gflops(int32_t precision) {
  if (precision != MOTE_PRECISION_F32 && precision != MOTE_PRECISION_BF16) {
    throw Failure(MOTE_INVALID_ARGUMENT, "precision has no peak: precision=" +
                                             std::to_string(precision) + "; give f32 or bf16");
  }
  const Loop loop = loop_for(precision);
  // Each thread keeps its best trial: what else runs on the machine takes time, not speed, away.
  double total = 0;
#pragma omp parallel num_threads(omp_get_num_procs()) reduction(+ : total)
  {
    double seconds = 1e9;
    for (int trial = 0; trial < kTrials; trial++) {
      const double began = omp_get_wtime();
      sink = loop.run();
      seconds = std::min(seconds, omp_get_wtime() - began);
    }
    total += 2.0 * loop.multiply_adds * kChains * kSteps / seconds / 1e9;
  }
  return total;
}

}  // namespace mote
