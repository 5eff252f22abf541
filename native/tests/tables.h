// The tests, one function each, run for every instruction set of this processor.
#pragma once

#include "../cpu/kernels.h"

namespace mote::test {

// Threads that OpenMP starts.
int threads();

void test_convolutions(const Kernels& kernels);
void test_points(const Kernels& kernels);
void test_api();

}  // namespace mote::test
