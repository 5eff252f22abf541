// Which instructions this processor has, and the operations that use them best.
#pragma once

#include <vector>

#include "kernels.h"

namespace mote {

// The tables that this processor runs, the best first.
std::vector<const Kernels*> runnable_kernels();

// The best table that this processor runs. The environment variable MOTE_CPU_ISA (portable, avx2 or
// avx512) asks for a named one; it must be one that runs here.
const Kernels& choose_kernels();

bool has_bf16();

}  // namespace mote
