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

struct Choice {
  const Kernels* kernels;
  bool runs_here;
};

}  // namespace

bool has_bf16() { return has_avx512() && __builtin_cpu_supports("avx512bf16"); }

const Kernels& choose_kernels() {
  const Choice choices[] = {
      {&kAvx512Kernels, has_avx512()}, {&kAvx2Kernels, has_avx2()}, {&kPortableKernels, true}};
  const char* asked = std::getenv("MOTE_CPU_ISA");
  for (const Choice& choice : choices) {
    if (asked == nullptr ? choice.runs_here : std::strcmp(asked, choice.kernels->name) == 0) {
      if (choice.runs_here) {
        return *choice.kernels;
      }
      throw Failure(
          MOTE_UNSUPPORTED,
          std::string("processor lacks the instructions: MOTE_CPU_ISA=") + asked + "; unset it");
    }
  }
  throw Failure(MOTE_INVALID_ARGUMENT, std::string("instruction set is unknown: MOTE_CPU_ISA=") +
                                           asked + "; use portable, avx2 or avx512");
}

}  // namespace mote
