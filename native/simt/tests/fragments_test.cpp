// Matrix instructions against plain products. Here fragments are put together element by element,
// by the PTX manual's formulas for row and column (not by registers, as the twins do).
#include <vector>

#include "../ptx_twins.h"
#include "launch.h"

namespace mote::test {
namespace {

struct MmaParams {
  const float* a;  // 16 x depth
  const float* b;  // depth x 8
  const float* c;  // 16 x 8
  float* d;
};

template <typename T>
uint32_t bits_of(float value);
template <>
uint32_t bits_of<__half>(float value) {
  return __half_as_ushort(__float2half(value));
}
template <>
uint32_t bits_of<__nv_bfloat16>(float value) {
  return __bfloat16_as_ushort(__float2bfloat16(value));
}

// "Matrix fragments for mma.m16n8k16 with floating point type": row and column of c_i.
int c_row(int lane, int i) { return i < 2 ? lane >> 2 : (lane >> 2) + 8; }
int c_column(int lane, int i) { return lane % 4 * 2 + (i & 1); }

template <typename T>
__global__ void mma_k16_kernel(const MmaParams p) {
  const int lane = static_cast<int>(threadIdx.x);
  const int group = lane >> 2;
  const int in_group = lane % 4;
  uint32_t a[4] = {};
  uint32_t b[2] = {};
  float c[4];
  for (int i = 0; i < 8; i++) {
    const bool low_row = (0 <= i && i < 2) || (4 <= i && i < 6);
    const int row = low_row ? group : group + 8;
    const int column = in_group * 2 + (i & 1) + (i < 4 ? 0 : 8);
    a[i / 2] |= bits_of<T>(p.a[row * 16 + column]) << (16 * (i % 2));
  }
  for (int i = 0; i < 4; i++) {
    const int row = in_group * 2 + (i & 1) + (i < 2 ? 0 : 8);
    b[i / 2] |= bits_of<T>(p.b[row * 8 + group]) << (16 * (i % 2));
    c[i] = p.c[c_row(lane, i) * 8 + c_column(lane, i)];
  }
  if constexpr (std::is_same_v<T, __half>) {
    mma_m16n8k16_f16(c, a, b, c);
  } else {
    mma_m16n8k16_bf16(c, a, b, c);
  }
  for (int i = 0; i < 4; i++) {
    p.d[c_row(lane, i) * 8 + c_column(lane, i)] = c[i];
  }
}

// "Matrix fragments for mma.m16n8k8" for .tf32.
__global__ void mma_k8_kernel(const MmaParams p) {
  const int lane = static_cast<int>(threadIdx.x);
  const int group = lane >> 2;
  const int in_group = lane % 4;
  uint32_t a[4];
  uint32_t b[2];
  float c[4];
  for (int i = 0; i < 4; i++) {
    const int row = i == 0 || i == 2 ? group : group + 8;
    const int column = i == 0 || i == 1 ? in_group : in_group + 4;
    a[i] = cvt_tf32(p.a[row * 8 + column]);
    c[i] = p.c[c_row(lane, i) * 8 + c_column(lane, i)];
  }
  b[0] = cvt_tf32(p.b[in_group * 8 + group]);
  b[1] = cvt_tf32(p.b[(in_group + 4) * 8 + group]);
  float d[4];
  mma_m16n8k8_tf32(d, a, b, c);
  for (int i = 0; i < 4; i++) {
    p.d[c_row(lane, i) * 8 + c_column(lane, i)] = d[i];
  }
}

void check_mma(const char* name, void (*kernel)(MmaParams), int depth) {
  // Eighths from -1 to 1: exact in every format, and so are the sums.
  const auto eighth = [](int64_t i) { return static_cast<float>(std::floor(8 * value(i)) / 8); };
  std::vector<float> a(static_cast<std::size_t>(16 * depth));
  std::vector<float> b(static_cast<std::size_t>(depth * 8));
  std::vector<float> c(128);
  std::vector<float> d(128, NAN);
  for (std::size_t i = 0; i < a.size(); i++) a[i] = eighth(static_cast<int64_t>(i));
  for (std::size_t i = 0; i < b.size(); i++) b[i] = eighth(static_cast<int64_t>(1000 + i));
  for (std::size_t i = 0; i < c.size(); i++) c[i] = eighth(static_cast<int64_t>(2000 + i));
  check_text(launch(kernel, {a.data(), b.data(), c.data(), d.data()}, 1, 32), "", name);
  for (int row = 0; row < 16; row++) {
    for (int column = 0; column < 8; column++) {
      double expected = c[static_cast<std::size_t>(row * 8 + column)];
      for (int k = 0; k < depth; k++) {
        expected += static_cast<double>(a[static_cast<std::size_t>(row * depth + k)]) *
                    b[static_cast<std::size_t>(k * 8 + column)];
      }
      check_close(d[static_cast<std::size_t>(row * 8 + column)], expected, 0,
                  std::string(name) + " " + std::to_string(row) + "," + std::to_string(column));
    }
  }
}

struct LdmatrixParams {
  uint32_t* out;  // 32 lanes x 4 registers
};

// Matrix m, row i, column j holds 100 m + 10 i + j; rows lie 24 elements apart.
template <int kMatrices, bool kTransposed>
__global__ void ldmatrix_kernel(const LdmatrixParams p) {
  MOTE_SHARED(uint4, memory, 32 * 3);
  auto* elements = reinterpret_cast<uint16_t*>(&memory[0]);
  const int lane = static_cast<int>(threadIdx.x);
  for (int j = 0; j < 8; j++) {
    elements[lane * 24 + j] = static_cast<uint16_t>(100 * (lane / 8) + 10 * (lane % 8) + j);
  }
  __syncthreads();
  const uint32_t address = shared_address(elements + lane * 24);
  uint32_t registers[kMatrices];
  if constexpr (kMatrices == 4) {
    kTransposed ? ldmatrix_x4_trans(registers, address) : ldmatrix_x4(registers, address);
  } else if constexpr (kMatrices == 2) {
    kTransposed ? ldmatrix_x2_trans(registers, address) : ldmatrix_x2(registers, address);
  } else {
    kTransposed ? ldmatrix_x1_trans(registers, address) : ldmatrix_x1(registers, address);
  }
  for (int m = 0; m < kMatrices; m++) {
    p.out[lane * 4 + m] = registers[m];
  }
}

template <int kMatrices, bool kTransposed>
void check_ldmatrix() {
  std::vector<uint32_t> out(128);
  check_text(launch(ldmatrix_kernel<kMatrices, kTransposed>, {out.data()}, 1, 32), "", "ldmatrix");
  for (unsigned lane = 0; lane < 32; lane++) {
    for (unsigned m = 0; m < kMatrices; m++) {
      const unsigned row = lane / 4;
      const unsigned column = lane % 4 * 2;
      const unsigned first = kTransposed ? 10 * column + row : 10 * row + column;
      const unsigned step = kTransposed ? 10 : 1;
      const unsigned expected = 100 * m + first + ((100 * m + first + step) << 16);
      check(out[lane * 4 + m] == expected, "ldmatrix x" + std::to_string(kMatrices) + " lane " +
                                               std::to_string(lane) + " matrix " +
                                               std::to_string(m));
    }
  }
}

struct CopyParams {
  const float* in;
  float* out;
};

// Three groups in flight; what was not waited for has not arrived.
__global__ void copy_kernel(const CopyParams p) {
  MOTE_SHARED(float4, memory, 3 * 32);
  auto* values = reinterpret_cast<float*>(&memory[0]);
  const unsigned i = threadIdx.x;
  for (unsigned group = 0; group < 3; group++) {
    const unsigned begin = 4 * (32 * group + i);
    cp_async_16_zfill(shared_address(values + begin), p.in + begin, group == 2 ? 8 : 16);
    cp_async_commit();
  }
  for (unsigned j = 0; j < 4; j++) {
    atomicAdd(&p.out[400], isnan(values[4 * i + j]) ? 1.0f : 0.0f);
  }
  cp_async_wait<1>();
  __syncthreads();
  const unsigned other = 4 * (31 - i);
  for (unsigned j = 0; j < 4; j++) {
    p.out[4 * i + j] = values[other + j] + values[128 + other + j];
    atomicAdd(&p.out[401], isnan(values[256 + other + j]) ? 1.0f : 0.0f);
  }
  __syncthreads();
  cp_async_wait<0>();
  __syncthreads();
  for (unsigned j = 0; j < 4; j++) {
    p.out[128 + 4 * i + j] = values[256 + other + j];
  }
}

void check_copies() {
  std::vector<float> memory(384 + 4);
  std::vector<float> out(402, 0.0f);
  auto* in = memory.data();
  while (reinterpret_cast<uintptr_t>(in) % 16 != 0) in++;
  for (int i = 0; i < 384; i++) in[i] = static_cast<float>(i);
  check_text(launch(copy_kernel, {in, out.data()}, 1, 32), "", "cp.async");
  check(out[400] == 128 && out[401] == 128, "cp.async arrives only when waited for");
  for (unsigned i = 0; i < 128; i++) {
    const unsigned other = 4 * (31 - i / 4) + i % 4;
    check(out[i] == static_cast<float>(other + 128 + other), "cp.async, two groups");
    check(out[128 + i] == (i % 4 < 2 ? static_cast<float>(256 + other) : 0.0f),
          "cp.async, filled with zeros");
  }
}

}  // namespace

void test_fragments() {
  check_mma("mma f16", mma_k16_kernel<__half>, 16);
  check_mma("mma bf16", mma_k16_kernel<__nv_bfloat16>, 16);
  check_mma("mma tf32", mma_k8_kernel, 8);
  check_ldmatrix<1, false>();
  check_ldmatrix<2, false>();
  check_ldmatrix<4, false>();
  check_ldmatrix<1, true>();
  check_ldmatrix<2, true>();
  check_ldmatrix<4, true>();
  check_copies();
  check(cvt_tf32(1.0f + 0x1p-11f) == 0x3F802000 && cvt_tf32(-1.0f - 0x1p-12f) == 0xBF800000,
        "cvt.rna.tf32");
  check(cvt_f16x2(1.0f, -2.0f) == 0xC0003C00 && cvt_bf16x2(1.0f, -2.0f) == 0xC0003F80 &&
            cvt_f32_f16(0xC000) == -2.0f,
        "cvt of 16 bits");
}

}  // namespace mote::test
