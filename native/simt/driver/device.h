// The device that the stand-in pretends to be.
#pragma once

#include "cuda_types.h"

namespace mote::simt {

inline constexpr int kDefaultShared = 48 << 10;  // of a block that did not ask for more

// Shared memory in bytes that compute capability options().architecture has.
struct SharedLimits {
  int per_block;  // at most, where the kernel asks for it
  int per_multiprocessor;
  int threads_per_multiprocessor;
};
SharedLimits shared_limits();

// CUDA_ERROR_NOT_INITIALIZED before cuInit, CUDA_ERROR_INVALID_DEVICE for one that is not there.
void need_initialised_device(CUdevice device);

// CUDA_ERROR_INVALID_VALUE for an attribute that the stand-in does not know.
int device_attribute(CUdevice_attribute attribute);

}  // namespace mote::simt
