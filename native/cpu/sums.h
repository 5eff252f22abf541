// Sums of an instance norm over blocks of values, exact enough for channels whose mean is large
// against their deviation: each block is summed around its first value and moved to zero in double.
#pragma once

#include "vec.h"

namespace mote {
namespace {

struct BlockSums {
  Vec pivot;
  Vec sum;
  Vec squares;
};

[[maybe_unused]] inline BlockSums start_sums(Vec first) { return {first, Vec{}, Vec{}}; }

[[maybe_unused]] inline void add(BlockSums& sums, Vec value) {
  const Vec d = value - sums.pivot;
  sums.sum += d;
  sums.squares += d * d;
}

// Writes kLanes sums and sums of squares of `count` values about zero.
[[maybe_unused]] inline void finish_sums(const BlockSums& sums, double count, double* sum,
                                         double* squares) {
  for (int i = 0; i < kLanes; i++) {
    const double p = sums.pivot[i];
    const double s = sums.sum[i];
    sum[i] = s + count * p;
    squares[i] = sums.squares[i] + 2 * p * s + count * p * p;
  }
}

}  // namespace
}  // namespace mote
