// The encoder's first convolution, 7x7 with stride 2 on RGB: a row of the kernel is 21 neighbouring
// floats of the picture, so that the product reads its operand in place, without an im2col copy.
#include <omp.h>

#include "gemm.h"
#include "kernels_isa.h"
#include "sums.h"

namespace mote {
namespace {

constexpr int kKernel = 7;
constexpr int kDepth = 3 * kKernel;
constexpr int kMostColumns = kTileRows == 14 ? 112 : 96;

inline int chunks_of(int out_width) { return (out_width + kMostColumns - 1) / kMostColumns; }

void copy_with_sums(const float* from, int from_pitch, int columns, int out_pitch, float* to,
                    double* sums) {
  for (int c = 0; c < out_pitch; c += kLanes) {
    BlockSums total = start_sums(load(from + c));
    for (int x = 0; x < columns; x++) {
      const Vec value = load(from + static_cast<int64_t>(x) * from_pitch + c);
      store(to + static_cast<int64_t>(x) * out_pitch + c, value);
      add(total, value);
    }
    finish_sums(total, columns, sums + c, sums + out_pitch + c);
  }
}

}  // namespace

namespace MOTE_ISA {

int64_t stem_weights(int out_pitch) {
  return static_cast<int64_t>(panels_of(out_pitch)) * kTileColumns * kKernel * kDepth;
}

int64_t stem_workspace(int out_pitch) {
  return static_cast<int64_t>(kMostColumns) * panels_of(out_pitch) * kTileColumns;
}

int stem_parts(int height, int width) { return (height + 1) / 2 * chunks_of((width + 1) / 2); }

void pack_stem(const float* weights, int out, float* packed) {
  for (int o = 0; o < out; o++) {
    float* panel =
        packed + static_cast<int64_t>(o / kTileColumns) * kTileColumns * kKernel * kDepth;
    for (int channel = 0; channel < 3; channel++) {
      for (int y = 0; y < kKernel; y++) {
        for (int x = 0; x < kKernel; x++) {
          const int k = y * kDepth + 3 * x + channel;
          panel[k * kTileColumns + o % kTileColumns] =
              weights[((o * 3 + channel) * kKernel + y) * kKernel + x];
        }
      }
    }
  }
}

void stem(const StemConv& conv) {
  const int out_height = (conv.height + 1) / 2;
  const int out_width = (conv.width + 1) / 2;
  const int panels = panels_of(conv.out_pitch);
  const int chunks = chunks_of(out_width);
  const int64_t row = 3 * (conv.width + 6);
  const TileShape shape{kKernel, kDepth, 6, row, panels * kTileColumns};
  conv.sums->count = out_height * chunks;
#pragma omp parallel for schedule(dynamic, 4)
  for (int part = 0; part < out_height * chunks; part++) {
    float* product = conv.workspace + omp_get_thread_num() * conv.workspace_stride;
    const int y = part / chunks;
    const int x = part % chunks * kMostColumns;
    const int columns = least(kMostColumns, out_width - x);
    for (int panel = 0; panel < panels; panel++) {
      multiply(columns, shape, conv.in + 2 * y * row + 6 * x,
               conv.weights + static_cast<int64_t>(panel) * kTileColumns * kKernel * kDepth,
               product + panel * kTileColumns);
    }
    copy_with_sums(product, panels * kTileColumns, columns, conv.out_pitch,
                   conv.out + (static_cast<int64_t>(y) * out_width + x) * conv.out_pitch,
                   conv.sums->parts + static_cast<int64_t>(part) * 2 * conv.out_pitch);
  }
}

}  // namespace MOTE_ISA
}  // namespace mote
