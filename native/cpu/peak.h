// How fast this machine multiplies and adds: the roof over every convolution and product.
#pragma once

#include <cstdint>

namespace mote {

// Floating point operations a second (2 for each multiply-add) of all processors together, in
// 1e9, with the widest instructions of that MOTE_PRECISION_* here. Takes about a quarter of a
// second.
double peak_gflops(int32_t precision);

}  // namespace mote
