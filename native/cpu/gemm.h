// The register tile of our own matrix products: up to kTileRows rows by kTileColumns columns.
//
//   C[m][n] = sum over g < segments, k < depth of A[m * a_row + g * a_segment + k] * B[g * depth +
//   k][n]
//
// Segments let a convolution read its input in place: one per row of the kernel. B is a panel of
// kTileColumns columns, dense, rows in the order (g, k).
#pragma once

#include "vec.h"

namespace mote {
namespace {

// Accumulators fill the registers: 14 x 2 of 32 (AVX-512), 6 x 2 of 16 (otherwise).
constexpr int kTileRows = MOTE_LANES == 16 ? 14 : 6;
constexpr int kTileColumns = 2 * kLanes;

// Panels of B that some columns take.
[[maybe_unused]] inline int panels_of(int columns) {
  return (columns + kTileColumns - 1) / kTileColumns;
}

struct TileShape {
  int segments;
  int depth;
  int64_t a_row;
  int64_t a_segment;
  int64_t c_row;
};

template <int ROWS>
inline void multiply_rows(const TileShape& shape, const float* a, const float* b, float* c) {
  Vec sum[ROWS][2];
#pragma GCC unroll 16
  for (int m = 0; m < ROWS; m++) {
    sum[m][0] = Vec{};
    sum[m][1] = Vec{};
  }
  for (int g = 0; g < shape.segments; g++) {
    const float* row = a + g * shape.a_segment;
    for (int k = 0; k < shape.depth; k++) {
      const Vec b0 = load(b);
      const Vec b1 = load(b + kLanes);
      b += kTileColumns;
#pragma GCC unroll 16
      for (int m = 0; m < ROWS; m++) {
        const Vec value = splat(row[m * shape.a_row + k]);
        sum[m][0] += value * b0;
        sum[m][1] += value * b1;
      }
    }
  }
#pragma GCC unroll 16
  for (int m = 0; m < ROWS; m++) {
    store(c + m * shape.c_row, sum[m][0]);
    store(c + m * shape.c_row + kLanes, sum[m][1]);
  }
}

template <int ROWS>
inline void multiply_tail(int rows, const TileShape& shape, const float* a, const float* b,
                          float* c) {
  if constexpr (ROWS > 0) {
    if (rows == ROWS) {
      multiply_rows<ROWS>(shape, a, b, c);
    } else {
      multiply_tail<ROWS - 1>(rows, shape, a, b, c);
    }
  }
}

// As above for any number of rows.
inline void multiply(int rows, const TileShape& shape, const float* a, const float* b, float* c) {
  int m = 0;
  for (; m + kTileRows <= rows; m += kTileRows) {
    multiply_rows<kTileRows>(shape, a + m * shape.a_row, b, c + m * shape.c_row);
  }
  multiply_tail<kTileRows - 1>(rows - m, shape, a + m * shape.a_row, b, c + m * shape.c_row);
}

}  // namespace
}  // namespace mote
