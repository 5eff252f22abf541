// Matrix instructions over a warp; layouts of fragments from the PTX manual, "Matrix multiply-
// accumulate operation using mma instruction" and "ldmatrix". With g = lane / 4 and t = lane % 4:
//   A of m16n8k16: register r holds rows g + 8 (r % 2), columns 2 t + 8 (r / 2) and the next
//   B of m16n8k16: register r holds rows 2 t + 8 r and the next, column g
//   A of m16n8k8 (tf32): register r is row g + 8 (r % 2), column t + 4 (r / 2)
//   B of m16n8k8 (tf32): register r is row t + 4 r, column g
//   C, D: register r is row g + 8 (r / 2), column 2 t + r % 2
#include <cstring>

#include "bfloat16.h"
#include "block.h"
#include "half.h"

using mote::simt::Block;
using mote::simt::FaultKind;
using mote::simt::kWarp;

namespace {

constexpr uint32_t kFullWarp = 0xFFFFFFFF;
constexpr int kRows = 16;
constexpr int kColumns = 8;

struct Mma {
  float* d;
  const uint32_t* a;
  const uint32_t* b;
  const float* c;
};

struct Ldmatrix {
  uint32_t* registers;
  int matrices;
  bool transposed;
  const unsigned char* row;
};

void need_full_warp(uint32_t mask, const char* instruction) {
  if (mask != kFullWarp) {
    mote_simt_self->block->fail(
        FaultKind::kMisuse, std::string(instruction) + " needs all 32 lanes",
        "mask=" + mote::simt::hexadecimal(mask), "let whole warps execute it");
  }
}

// A row of 8 floats.
typedef float Row __attribute__((vector_size(kColumns * sizeof(float))));

// D = A B + C, sums in ascending k.
template <int kDepth>
void multiply(const float (&a)[kRows][kDepth], const float (&b)[kDepth][kColumns],
              void* const* operands) {
  // A copy: nothing is written before every lane's C has been read, since D may be C.
  float d[kRows][kColumns];
  for (int lane = 0; lane < kWarp; lane++) {
    const auto& mma = *static_cast<const Mma*>(operands[lane]);
    for (int r = 0; r < 4; r++) {
      d[lane / 4 + 8 * (r / 2)][2 * (lane % 4) + r % 2] = mma.c[r];
    }
  }
  Row rows[kDepth];
  std::memcpy(rows, b, sizeof rows);
  for (int row = 0; row < kRows; row++) {
    Row sum;
    std::memcpy(&sum, d[row], sizeof sum);
    for (int k = 0; k < kDepth; k++) {
      sum += a[row][k] * rows[k];
    }
    std::memcpy(d[row], &sum, sizeof sum);
  }
  for (int lane = 0; lane < kWarp; lane++) {
    const auto& mma = *static_cast<const Mma*>(operands[lane]);
    for (int r = 0; r < 4; r++) {
      mma.d[r] = d[lane / 4 + 8 * (r / 2)][2 * (lane % 4) + r % 2];
    }
  }
}

template <float (*kConvert)(uint16_t)>
void multiply_16(uint32_t mask, void* const* operands) {
  need_full_warp(mask, "mma.sync.m16n8k16");
  float a[kRows][16];
  float b[16][kColumns];
  for (int lane = 0; lane < kWarp; lane++) {
    const auto& mma = *static_cast<const Mma*>(operands[lane]);
    const int g = lane / 4;
    const int t = lane % 4;
    for (int r = 0; r < 4; r++) {
      float* to = &a[g + 8 * (r % 2)][2 * t + 8 * (r / 2)];
      to[0] = kConvert(static_cast<uint16_t>(mma.a[r]));
      to[1] = kConvert(static_cast<uint16_t>(mma.a[r] >> 16));
    }
    for (int r = 0; r < 2; r++) {
      b[2 * t + 8 * r][g] = kConvert(static_cast<uint16_t>(mma.b[r]));
      b[2 * t + 8 * r + 1][g] = kConvert(static_cast<uint16_t>(mma.b[r] >> 16));
    }
  }
  multiply(a, b, operands);
}

// The hardware reads 19 bits of each operand.
float tf32(uint32_t bits) {
  bits &= 0xFFFFE000;
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

void multiply_tf32(uint32_t mask, void* const* operands) {
  need_full_warp(mask, "mma.sync.m16n8k8");
  float a[kRows][8];
  float b[8][kColumns];
  for (int lane = 0; lane < kWarp; lane++) {
    const auto& mma = *static_cast<const Mma*>(operands[lane]);
    const int g = lane / 4;
    const int t = lane % 4;
    for (int r = 0; r < 4; r++) {
      a[g + 8 * (r % 2)][t + 4 * (r / 2)] = tf32(mma.a[r]);
    }
    for (int r = 0; r < 2; r++) {
      b[t + 4 * r][g] = tf32(mma.b[r]);
    }
  }
  multiply(a, b, operands);
}

// Lane 8 m + i gives row i of matrix m; lane gets elements 2 t and 2 t + 1 of row g of each.
void finish_ldmatrix(uint32_t mask, void* const* operands) {
  need_full_warp(mask, "ldmatrix");
  for (int lane = 0; lane < kWarp; lane++) {
    const auto& self = *static_cast<const Ldmatrix*>(operands[lane]);
    for (int m = 0; m < self.matrices; m++) {
      uint16_t pair[2];
      for (int i = 0; i < 2; i++) {
        const int row = self.transposed ? 2 * (lane % 4) + i : lane / 4;
        const int column = self.transposed ? lane / 4 : 2 * (lane % 4) + i;
        const auto& source = *static_cast<const Ldmatrix*>(operands[8 * m + row]);
        std::memcpy(&pair[i], source.row + 2 * column, 2);
      }
      self.registers[m] = pair[0] | static_cast<uint32_t>(pair[1]) << 16;
    }
  }
}

void run_mma(mote_simt_finish finish, float* d, const uint32_t* a, const uint32_t* b,
             const float* c) {
  Mma mma{d, a, b, c};
  mote_simt_self->block->converge(kFullWarp, finish, &mma);
}

}  // namespace

extern "C" {

void mote_simt_mma_f16(float* d, const uint32_t* a, const uint32_t* b, const float* c) {
  run_mma(multiply_16<mote::simt::half_to_float>, d, a, b, c);
}

void mote_simt_mma_bf16(float* d, const uint32_t* a, const uint32_t* b, const float* c) {
  run_mma(multiply_16<mote::simt::bfloat16_to_float>, d, a, b, c);
}

void mote_simt_mma_tf32(float* d, const uint32_t* a, const uint32_t* b, const float* c) {
  run_mma(multiply_tf32, d, a, b, c);
}

void mote_simt_ldmatrix(uint32_t* registers, int matrices, bool transposed, const void* row) {
  Ldmatrix operands{registers, matrices, transposed, static_cast<const unsigned char*>(row)};
  mote_simt_self->block->converge(kFullWarp, finish_ldmatrix, &operands);
}
}
