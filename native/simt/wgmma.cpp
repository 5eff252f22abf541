// wgmma.mma_async over a warpgroup, as the PTX manual has it ("Asynchronous warpgroup level matrix
// multiply-accumulate"). Warp w of a warpgroup computes rows 16 w to 16 w + 15; it may read
// operands and write sums at any time until it has waited, here as late as possible: in the wait.
//
// A descriptor: bits 0-13 start address, 16-29 leading and 32-45 stride byte offset, all in units
// of 16 bytes; 49-51 base offset; 62-63 swizzle: 0 none, 1 128, 2 64, 3 32 bytes. K-major operands
// are made of 8 rows of one swizzle's width (none: 16 bytes); 8 rows are followed by the next 8 at
// the stride byte offset, and without a swizzle 8 elements by the next 8 at the leading one. The
// swizzle exchanges bits of the address: 128 bytes: bits 4-6 ^= bits 7-9; 64: 4-5 ^= 7-8; 32: 4
// ^= 7.
#include <cstring>

#include "block.h"
#include "half.h"

namespace mote::simt {
namespace {

constexpr int kRows = 16;   // of a warp
constexpr int kDepth = 16;  // inputs of an instruction

struct Descriptor {
  uint32_t start;
  uint32_t leading;
  uint32_t stride;
  uint32_t width;  // bytes of a row of the swizzle
};

Descriptor decode(Block& block, uint64_t bits) {
  const auto field = [bits](int from) { return static_cast<uint32_t>(bits >> from & 0x3FFF) << 4; };
  const uint32_t swizzle = static_cast<uint32_t>(bits >> 62);
  const uint32_t base = static_cast<uint32_t>(bits >> 49 & 7);
  const uint32_t width = swizzle == 0 ? 16 : 256u >> swizzle;
  const Descriptor descriptor{field(0), field(16), field(32), width};
  if (base != 0 || (swizzle != 0 && descriptor.start % width + 2 * kDepth > width)) {
    block.fail(
        FaultKind::kMisuse, "wgmma's descriptor is none that the stand-in knows",
        "descriptor=" + hexadecimal(bits),
        "begin tiles at multiples of 8 rows, and let 16 inputs lie in one row of the swizzle");
  }
  return descriptor;
}

uint32_t address_of(const Descriptor& d, int row, int k) {
  const auto r = static_cast<uint32_t>(row);
  const auto column = static_cast<uint32_t>(2 * k);
  if (d.width == 16) {
    return d.start + r / 8 * d.stride + r % 8 * 16 + column / 16 * d.leading + column % 16;
  }
  const uint32_t linear = d.start + r / 8 * d.stride + r % 8 * d.width + column;
  return linear ^ ((linear >> 7 & (d.width / 16 - 1)) << 4);
}

// Rows first to first + kCount of an operand.
template <int kCount>
void read(Block& block, const Descriptor& descriptor, int first, float (&out)[kCount][kDepth]) {
  for (int row = 0; row < kCount; row++) {
    for (int k = 0; k < kDepth; k += 8) {
      const uint32_t address = address_of(descriptor, first + row, k);
      const std::byte* from = block.shared_bytes(address, 16);
      if (access_hook != nullptr) {
        access_hook(from, 16, Access::kRead);
      }
      uint16_t bits[8];
      std::memcpy(bits, from, sizeof bits);
      for (int i = 0; i < 8; i++) {
        out[row][k + i] = half_to_float(bits[i]);
      }
    }
  }
}

// One instruction of a warp: sums of all its lanes.
void multiply(Block& block, const Wgmma& wgmma, int warp, float* const (&sums)[kWarp]) {
  float a[kRows][kDepth];
  read(block, decode(block, wgmma.a), kRows * warp, a);
  const Descriptor b_descriptor = decode(block, wgmma.b);
  for (int n = 0; n < wgmma.columns / 8; n++) {
    float b[8][kDepth];
    read(block, b_descriptor, 8 * n, b);
    for (int lane = 0; lane < kWarp; lane++) {
      for (int i = 0; i < 4; i++) {
        const float* row = a[lane / 4 + 8 * (i / 2)];
        const float* column = b[2 * (lane % 4) + i % 2];
        float sum = 0;
        for (int k = 0; k < kDepth; k++) {
          sum += row[k] * column[k];
        }
        sums[lane][4 * n + i] += sum;
      }
    }
  }
}

struct Waited {
  std::vector<Wgmma>* issued;
  std::size_t count;
};

void finish(uint32_t mask, void* const* operands) {
  Block& block = *mote_simt_self->block;
  const auto& first = *static_cast<const Waited*>(operands[0]);
  for (int lane = 0; lane < kWarp; lane++) {
    bool same =
        (mask >> lane & 1) != 0 && static_cast<const Waited*>(operands[lane])->count == first.count;
    for (std::size_t i = 0; same && i < first.count; i++) {
      const Wgmma& other = (*static_cast<const Waited*>(operands[lane])->issued)[i];
      const Wgmma& wgmma = (*first.issued)[i];
      same = other.a == wgmma.a && other.b == wgmma.b && other.columns == wgmma.columns;
    }
    if (!same) {
      block.fail(FaultKind::kMisuse, "lanes of a warp give different wgmmas",
                 "lane=" + std::to_string(lane), "let whole warps execute the same ones");
    }
  }
  const int warp = static_cast<int>(mote_simt_self->index) / kWarp % 4;
  for (std::size_t i = 0; i < first.count; i++) {
    float* sums[kWarp];
    for (int lane = 0; lane < kWarp; lane++) {
      sums[lane] = (*static_cast<const Waited*>(operands[lane])->issued)[i].sums;
    }
    multiply(block, (*first.issued)[i], warp, sums);
  }
}

}  // namespace

void Block::wait_wgmma(uint32_t pending) {
  Wgmmas& wgmmas = wgmmas_[mote_simt_self->index];
  const std::size_t groups = wgmmas.groups.size();
  const std::size_t done = groups <= pending ? 0 : wgmmas.groups[groups - pending - 1];
  Waited wait{&wgmmas.issued, done};
  converge(0xFFFFFFFF, finish, &wait);
  if (groups > pending) {
    wgmmas.issued.erase(wgmmas.issued.begin(),
                        wgmmas.issued.begin() + static_cast<std::ptrdiff_t>(done));
    wgmmas.groups.erase(wgmmas.groups.begin(), wgmmas.groups.end() - pending);
    for (std::size_t& end : wgmmas.groups) {
      end -= done;
    }
  }
  wgmmas.fenced = false;  // the sums are the threads' again
}

}  // namespace mote::simt
