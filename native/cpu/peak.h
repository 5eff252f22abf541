// How fast this machine multiplies and adds: the roof over every convolution and product.
#pragma once

#include <cstdint>

namespace mote {

// Floating point operations a second (2 for each multiply-add) of all processors together, in
// 1e9, with the widest instructions of that MOTE_PRECISION_* here. Takes about a quarter of a
// second.
double peak_gflops(int32_t precision);

// Work that needs nothing but processors: so many steps of multiply-adds of float32 in registers on
// each of so many threads (0: as many as this process may run on), in one parallel region. Returns
// the steps that all of them did, read off their sums.
int64_t multiply_adds(int32_t threads, int64_t steps);

}  // namespace mote
