// The kernels compiled for the CPU, by name. A kernel library registers its own when it is loaded.
#pragma once

#include <cstddef>
#include <string>

#include "../block.h"

namespace mote::simt {

struct RegisteredKernel {
  Kernel call;
  std::size_t parameter_bytes;
};

// The kernel of that name, or null. Loads the library of kernels on first use: MOTE_SIMT_KERNELS,
// or libmote_kernels_simt.so (with MOTE_SIMT_CHECK=1 libmote_kernels_simt_checked.so) beside this
// library. CUDA_ERROR_SHARED_OBJECT_INIT_FAILED where it cannot be loaded.
const RegisteredKernel* find_kernel(const std::string& name);

}  // namespace mote::simt

extern "C" {
// Called by a kernel library as it is loaded. Parameters are one plain struct of that size.
void mote_simt_register(const char* name, mote::simt::Kernel call, std::size_t parameter_bytes);
}
