#include "isa.h"

#include <cstdlib>
#include <cstring>

#include "../include/mote.h"
#include "failure.h"

namespace mote {
namespace {

// GCC's builtins look at CPUID and at XCR0: what the system does not save counts as missing.
bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}

}  // namespace

bool has_bf16() { return has_avx512() && __builtin_cpu_supports("avx512bf16"); }

std::vector<const Kernels*> runnable_kernels() {
  std::vector<const Kernels*> kernels;
  if (has_avx512()) {
    kernels.push_back(&kAvx512Kernels);
  }
  if (has_avx2()) {
    kernels.push_back(&kAvx2Kernels);
  }
  kernels.push_back(&kPortableKernels);
  return kernels;
}

const Kernels& choose_kernels() {
  const char* asked = std::getenv("MOTE_CPU_ISA");
  for (const Kernels* kernels : runnable_kernels()) {
    if (asked == nullptr || std::strcmp(asked, kernels->name) == 0) {
      return *kernels;
    }
  }
  const bool known = std::strcmp(asked, "avx2") == 0 || std::strcmp(asked, "avx512") == 0;
  if (known) {
    throw Failure(MOTE_UNSUPPORTED, std::string("processor lacks the instructions: MOTE_CPU_ISA=") +
                                        asked + "; unset it");
  }
  throw Failure(MOTE_INVALID_ARGUMENT, std::string("instruction set is unknown: MOTE_CPU_ISA=") +
                                           asked + "; use portable, avx2 or avx512");
}

}  // namespace mote
