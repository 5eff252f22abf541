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
constexpr int32_t kMostThreads = 1024;
constexpr int64_t kMostSteps = int64_t{1} << 40;

// Nothing may be known about the operand, or the compiler would multiply in advance. With 1 each
// chain counts its steps, exactly up to 2^24.
volatile float operand = 1;
volatile float sink;

typedef float Four __attribute__((vector_size(16)));

float portable(int64_t steps) {
  const Four a = operand - Four{};
  Four sums[kChains] = {};
  for (int64_t i = 0; i < steps; i++) {
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
__attribute__((target("avx2,fma"))) float avx2(int64_t steps) {
  const __m256 a = _mm256_set1_ps(operand);
  __m256 sums[kChains];
  for (__m256& sum : sums) {
    sum = _mm256_setzero_ps();
  }
  for (int64_t i = 0; i < steps; i++) {
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

__attribute__((target("avx512f"))) float avx512(int64_t steps) {
  const __m512 a = _mm512_set1_ps(operand);
  __m512 sums[kChains];
  for (__m512& sum : sums) {
    sum = _mm512_setzero_ps();
  }
  for (int64_t i = 0; i < steps; i++) {
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

__attribute__((target("avx512f,avx512bf16"))) float bf16(int64_t steps) {
  const __m512bh a = _mm512_cvtne2ps_pbh(_mm512_set1_ps(operand), _mm512_set1_ps(operand));
  __m512 sums[kChains];
  for (__m512& sum : sums) {
    sum = _mm512_setzero_ps();
  }
  for (int64_t i = 0; i < steps; i++) {
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

// A loop of multiply-adds, and how many of them one step of one chain is. It returns the sum over
// its chains.
struct Loop {
  float (*run)(int64_t steps);
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
      sink = loop.run(kSteps);
      seconds = std::min(seconds, omp_get_wtime() - began);
    }
    total += 2.0 * loop.multiply_adds * kChains * kSteps / seconds / 1e9;
  }
  return total;
}

int64_t multiply_adds(int32_t threads, int64_t steps) {
  if (threads < 0 || threads > kMostThreads || steps < 1 || steps > kMostSteps) {
    throw Failure(MOTE_INVALID_ARGUMENT,
                  "arithmetic is out of range: threads=" + std::to_string(threads) + ", steps=" +
                      std::to_string(steps) + "; give 0 to 1024 threads and 1 to 2^40 steps");
  }
  const Loop loop = loop_for(MOTE_PRECISION_F32);
  int64_t done = 0;
#pragma omp parallel num_threads(threads > 0 ? threads : omp_get_num_procs()) reduction(+ : done)
  {
    for (int64_t left = steps; left > 0; left -= kSteps) {
      done += static_cast<int64_t>(loop.run(std::min(left, kSteps))) / kChains;
    }
  }
  return done;
}

}  // namespace mote
