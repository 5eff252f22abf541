// wgmma against plain products, in every swizzle. Operands are put into shared memory by the
// pictures of the PTX manual ("Shared memory matrix layout"): which 16-byte piece of a row lies
// where, not by bits of addresses as the twin has it.
#include <cstring>
#include <vector>

#include "../ptx_hopper_twins.h"
#include "launch.h"

namespace mote::test {
namespace {

constexpr int kDepth = 16;

struct WgmmaParams {
  const float* a;     // 64 x 16
  const float* b;     // columns x 16
  const float* c;     // 64 x columns
  float* d;           // 64 x columns
  int width;          // bytes of a row of the swizzle; 0: none
  int offset;         // bytes in a row before the 16 inputs
  int32_t* too_soon;  // sums that changed before the wait
};

// Where element (row, k) of an operand lies, in bytes from its begin. 8 rows of `width` bytes make
// an atom; piece c of row r lies at c ^ r (128), c ^ r / 2 (64), c ^ r / 4 (32 bytes a row).
int place(int width, int offset, int row, int k) {
  if (width == 0) {
    // Core matrices of 8 rows times 16 bytes; those of inputs 8 to 15 lie 4096 bytes further.
    return row / 8 * 128 + row % 8 * 16 + k / 8 * 4096 + k % 8 * 2;
  }
  const int column = offset + 2 * k;
  const int pieces = width / 16;
  const int turn = row % 8 / (8 / pieces);
  return row / 8 * 8 * width + row % 8 * width + ((column / 16) ^ turn) * 16 + column % 16;
}

uint64_t descriptor(uint32_t address, int width) {
  const uint64_t swizzle = width == 128 ? 1 : width == 64 ? 2 : width == 32 ? 3 : 0;
  const uint64_t stride = width == 0 ? 128 : 8 * static_cast<uint64_t>(width);
  const uint64_t leading = width == 0 ? 4096 : 16;
  return (address >> 4) | leading >> 4 << 16 | stride >> 4 << 32 | swizzle << 62;
}

template <int kColumns>
__global__ void wgmma_kernel(const WgmmaParams p) {
  MOTE_DYNAMIC_SHARED(unsigned char, memory);
  unsigned char* const b = memory + 16384;
  for (int i = static_cast<int>(threadIdx.x); i < kColumns * kDepth; i += 128) {
    const __half value = __float2half(p.b[i]);
    std::memcpy(b + place(p.width, p.offset, i / kDepth, i % kDepth), &value, 2);
  }
  for (int i = static_cast<int>(threadIdx.x); i < 64 * kDepth; i += 128) {
    const __half value = __float2half(p.a[i]);
    std::memcpy(memory + place(p.width, p.offset, i / kDepth, i % kDepth), &value, 2);
  }
  __syncthreads();
  const int lane = static_cast<int>(threadIdx.x % 32);
  const int warp = static_cast<int>(threadIdx.x / 32);
  // "Matrix fragments for wgmma.mma_async.m64nNk16": row and column of d_i.
  const auto row = [=](int i) { return 16 * warp + (lane >> 2) + (i % 4 < 2 ? 0 : 8); };
  const auto column = [=](int i) { return 8 * (i / 4) + lane % 4 * 2 + (i & 1); };
  float d[kColumns / 2];
  float before[kColumns / 2];
  for (int i = 0; i < kColumns / 2; i++) {
    before[i] = d[i] = p.c[row(i) * kColumns + column(i)];
  }
  const uint32_t skip = static_cast<uint32_t>(p.offset);
  const uint64_t a_at = descriptor(shared_address(memory) + skip, p.width);
  const uint64_t b_at = descriptor(shared_address(b) + skip, p.width);
  wgmma_fence();
  if constexpr (kColumns == 64) {
    wgmma_m64n64k16_f16(d, a_at, b_at);
  } else {
    wgmma_m64n128k16_f16(d, a_at, b_at);
  }
  wgmma_commit();
  for (int i = 0; i < kColumns / 2; i++) {
    atomicAdd(p.too_soon, d[i] != before[i]);
  }
  wgmma_wait<0>();
  for (int i = 0; i < kColumns / 2; i++) {
    p.d[row(i) * kColumns + column(i)] = d[i];
  }
}

template <int kColumns>
void check_wgmma(int width, int offset) {
  // Eighths from -1 to 1: exact in binary16, and so are the sums.
  const auto eighths = [](std::size_t count, int64_t seed) {
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; i++) {
      values[i] = static_cast<float>(std::floor(8 * value(seed + static_cast<int64_t>(i))) / 8);
    }
    return values;
  };
  const auto a = eighths(64 * kDepth, 0);
  const auto b = eighths(kColumns * kDepth, 2000);
  const auto c = eighths(64 * kColumns, 5000);
  std::vector<float> d(c.size(), NAN);
  int32_t too_soon = 0;
  const std::string what = "wgmma n" + std::to_string(kColumns) + " swizzle " +
                           std::to_string(width) + " offset " + std::to_string(offset);
  check_text(
      launch(wgmma_kernel<kColumns>,
             {a.data(), b.data(), c.data(), d.data(), width, offset, &too_soon}, 1, 128, 32768),
      "", what);
  check(too_soon == 0, what + " writes sums before they are waited for");
  for (std::size_t row = 0; row < 64; row++) {
    for (std::size_t column = 0; column < kColumns; column++) {
      double expected = c[row * kColumns + column];
      for (std::size_t k = 0; k < kDepth; k++) {
        expected += static_cast<double>(a[row * kDepth + k]) * b[column * kDepth + k];
      }
      check_close(d[row * kColumns + column], expected, 0,
                  what + " " + std::to_string(row) + "," + std::to_string(column));
    }
  }
}

enum Misuse { kNoFence, kNoWait, kHalfWarp, kUnlike };

struct MisuseParams {
  Misuse misuse;
};

__global__ void misuse_kernel(const MisuseParams p) {
  MOTE_DYNAMIC_SHARED(unsigned char, memory);
  const uint64_t at = descriptor(shared_address(memory), 128);
  float d[32] = {};
  if (p.misuse != kNoFence) {
    wgmma_fence();
  }
  if (p.misuse == kHalfWarp && threadIdx.x >= 16) {
    return;
  }
  wgmma_m64n64k16_f16(d, at, p.misuse == kUnlike && threadIdx.x == 5 ? at + 64 : at);
  wgmma_commit();
  if (p.misuse != kNoWait) {
    wgmma_wait<0>();
  }
}

void check_misuse(Misuse misuse, const std::string& text) {
  check_text(launch(misuse_kernel, {misuse}, 1, 32, 16384), text, "misuse of wgmma");
}

}  // namespace

void test_wgmma() {
  for (const int width : {0, 32, 64, 128}) {
    for (int offset = 0; offset == 0 || offset < width; offset += 32) {
      check_wgmma<64>(width, offset);
      check_wgmma<128>(width, offset);
    }
  }
  const std::string where = ": kernel=test, block=(0,0,0), thread=";
  check_misuse(kNoFence, "wgmma has no wgmma.fence before it" + where +
                             "(0,0,0); fence before the first, and after registers of its sums "
                             "were touched");
  check_misuse(kNoWait, "thread ends with wgmmas that it has not waited for" + where +
                            "(0,0,0), wgmmas=1; wait for them");
  check_misuse(kHalfWarp, "lanes of a warp give different wgmmas" + where +
                              "(31,0,0), lane=16; let whole warps execute the same ones");
  check_misuse(kUnlike, "lanes of a warp give different wgmmas" + where +
                            "(31,0,0), lane=5; let whole warps execute the same ones");
}

}  // namespace mote::test
