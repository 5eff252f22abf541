#include "gemm.h"

#include <algorithm>
#include <vector>

#include "../bfloat16.h"

namespace mote::simt {
namespace {

float load(const Matrix& matrix, int64_t at) {
  switch (matrix.type) {
    case kHalf:
      return half_to_float(reinterpret_cast<const uint16_t*>(matrix.data)[at]);
    case kBfloat16:
      return bfloat16_to_float(reinterpret_cast<const uint16_t*>(matrix.data)[at]);
    default:
      return reinterpret_cast<const float*>(matrix.data)[at];
  }
}

void store(const Matrix& matrix, int64_t at, float value) {
  switch (matrix.type) {
    case kHalf:
      reinterpret_cast<uint16_t*>(matrix.data)[at] = float_to_half(value);
      return;
    case kBfloat16:
      reinterpret_cast<uint16_t*>(matrix.data)[at] = float_to_bfloat16(value);
      return;
    default:
      reinterpret_cast<float*>(matrix.data)[at] = value;
  }
}

bool known(int type) { return type == kFloat || type == kHalf || type == kBfloat16; }

// `rows` x `columns` of op(matrix), in columns.
std::vector<float> read(const Matrix& matrix, int64_t begin, int transpose, int rows, int columns) {
  std::vector<float> values(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns));
  std::size_t i = 0;
  for (int64_t column = 0; column < columns; column++) {
    for (int64_t row = 0; row < rows; row++) {
      const int64_t at =
          transpose == kPlain ? row + column * matrix.pitch : column + row * matrix.pitch;
      values[i++] = load(matrix, begin + at);
    }
  }
  return values;
}

}  // namespace

const char* Gemm::fault() const {
  if (transpose_a < kPlain || transpose_a > kTransposed || transpose_b < kPlain ||
      transpose_b > kTransposed) {
    return "operation is unknown; give CUBLAS_OP_N or CUBLAS_OP_T";
  }
  if (m < 0 || n < 0 || k < 0 || batch < 0) {
    return "size is negative; give 0 or more";
  }
  if (a.pitch < std::max(1, transpose_a == kPlain ? m : k) ||
      b.pitch < std::max(1, transpose_b == kPlain ? k : n) || c.pitch < std::max(1, m)) {
    return "leading dimension is less than the matrix has rows; give that at least";
  }
  if (!known(a.type) || a.type != b.type || !known(c.type) ||
      (a.type == kFloat && c.type != kFloat)) {
    return "types do not go together; give float, half or bfloat16, A's and B's the same";
  }
  return nullptr;
}

void Gemm::run() const {
  const float by = alpha_at == 0 ? alpha : *reinterpret_cast<const float*>(alpha_at);
  const float keep = beta_at == 0 ? beta : *reinterpret_cast<const float*>(beta_at);
  std::vector<float> sums(static_cast<std::size_t>(m));
  for (int64_t i = 0; i < batch; i++) {
    const std::vector<float> left = read(a, i * a.stride, transpose_a, m, k);
    const std::vector<float> right = read(b, i * b.stride, transpose_b, k, n);
    for (int64_t column = 0; column < n; column++) {
      std::fill(sums.begin(), sums.end(), 0.0f);
      for (int64_t inner = 0; inner < k; inner++) {
        const float factor = right[static_cast<std::size_t>(column * k + inner)];
        const float* rows = left.data() + inner * m;
        for (std::size_t row = 0; row < sums.size(); row++) {
          sums[row] += rows[row] * factor;
        }
      }
      for (int64_t row = 0; row < m; row++) {
        const int64_t at = i * c.stride + column * c.pitch + row;
        const float old = keep == 0.0f ? 0.0f : keep * load(c, at);
        store(c, at, by * sums[static_cast<std::size_t>(row)] + old);
      }
    }
  }
}

}  // namespace mote::simt
