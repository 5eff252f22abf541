// The matrix product of the stand-in's cuBLAS.
#pragma once

#include <cstdint>

namespace mote::simt {

// cudaDataType
enum DataType { kFloat = 0, kHalf = 2, kBfloat16 = 14 };
// cublasOperation_t
enum Transpose { kPlain = 0, kTransposed = 1 };

struct Matrix {
  uint64_t data;
  int type;
  int pitch;  // elements from a column to the next
  int64_t stride;
};

// C = alpha op(A) op(B) + beta C for each of `batch`; op(A) is m x k, op(B) k x n, all in columns,
// sums in float32 in ascending k. Where beta is 0, C is not read.
struct Gemm {
  int transpose_a, transpose_b;
  int m, n, k, batch;
  Matrix a, b, c;
  uint64_t alpha_at, beta_at;  // device addresses, read at the run; 0: the values below
  float alpha, beta;

  // Why cuBLAS would refuse it, or null.
  const char* fault() const;
  void run() const;
};

}  // namespace mote::simt
