// 3x3 convolutions by Winograd's minimal filtering F(4x4, 3x3): 36 products per channel pair and
// 4x4 outputs where the direct method needs 144. Blocks of tiles stay in the cache from input
// transform to output transform; the norm before is applied while reading, the sums of the norm
// after are taken while writing.
//
//   V = B' d B    d: 6x6 inputs of a tile           (Lavin and Gray, 2016, equation 8)
//   M = sum over channels of V * U, U = G g G'      per each of the 36 places of the tile
//   Y = A' M A    4x4 outputs
//
// The interpolation points are 0, +-3/4, +-3/2 and infinity: their errors are 2.6 times those of
// direct float32 sums, against 5.4 times with the usual 0, +-1, +-2 (measured on normalised,
// rectified inputs of 64 channels).
#include <omp.h>

#include "winograd_transforms.h"

namespace mote {
namespace {

// Products and output of some panels of a block.
void convolve_group(const WinogradConv& conv, const Grid& grid, int index, Block block,
                    const float* v, int first_panel, float* m) {
  const int panels = panels_of(conv.out_pitch);
  const int group = least(kGroupPanels, panels - first_panel);
  const int m_pitch = group * kTileColumns;
  const TileShape shape{1, conv.depth, conv.in_pitch, 0, m_pitch};
  const int64_t panel_size = static_cast<int64_t>(conv.in_pitch) * kTileColumns;
  for (int place = 0; place < kPlaces; place++) {
    const float* a = v + place * place_floats(grid.per_block, conv.in_pitch);
    float* c = m + place * place_floats(grid.per_block, m_pitch);
    const float* b = conv.weights + (place * panels + first_panel) * panel_size;
    for (int panel = 0; panel < group; panel++) {
      multiply(block.count, shape, a, b + panel * panel_size, c + panel * kTileColumns);
    }
  }
  double* sums = conv.sums == nullptr
                     ? nullptr
                     : conv.sums->parts + static_cast<int64_t>(index) * 2 * conv.out_pitch;
  const int first = first_panel * kTileColumns;
  const int channels = least(m_pitch, conv.out_pitch - first);
  if (conv.accumulate) {
    transform_output<true>(conv, grid, block, m, m_pitch, first, channels, sums);
  } else {
    transform_output<false>(conv, grid, block, m, m_pitch, first, channels, sums);
  }
}

void convolve_block(const WinogradConv& conv, const Grid& grid, int index, float* workspace) {
  const Block block{index * grid.per_block,
                    least(grid.per_block, grid.tiles - index * grid.per_block)};
  float* v = workspace;
  float* m = workspace + kPlaces * place_floats(kMostTiles, conv.in_pitch);
  if (conv.before.scale == nullptr) {
    transform_input<false, false>(conv, grid, block, v);
  } else if (conv.before.relu) {
    transform_input<true, true>(conv, grid, block, v);
  } else {
    transform_input<true, false>(conv, grid, block, v);
  }
  const int panels = panels_of(conv.out_pitch);
  for (int panel = 0; panel < panels; panel += kGroupPanels) {
    convolve_group(conv, grid, index, block, v, panel, m);
  }
}

}  // namespace

namespace MOTE_ISA {

int64_t winograd_weights(int in_pitch, int out_pitch) {
  return static_cast<int64_t>(kPlaces) * panels_of(out_pitch) * kTileColumns * in_pitch;
}

int64_t winograd_workspace(int in_pitch, int out_pitch) {
  const int group = least(panels_of(out_pitch), kGroupPanels) * kTileColumns;
  return kPlaces * (place_floats(kMostTiles, in_pitch) + place_floats(kMostTiles, group));
}

int winograd_parts(int height, int width, int threads) {
  return grid_of(height, width, threads).blocks;
}

void pack_winograd(const float* weights, int in, int out, float* packed) {
  // Rows of G: 1, p, p^2 over the product of p's distances from the other finite points.
  const double a2 = kA2;
  const double b2 = kB2;
  const double at_a = 2 * a2 * (a2 - b2);
  const double at_b = 2 * b2 * (b2 - a2);
  const double g[kSide][3] = {{1 / (a2 * b2), 0, 0},
                              {1 / at_a, kA / at_a, a2 / at_a},
                              {1 / at_a, -kA / at_a, a2 / at_a},
                              {1 / at_b, kB / at_b, b2 / at_b},
                              {1 / at_b, -kB / at_b, b2 / at_b},
                              {0, 0, 1}};
  const int in_pitch = pitch_of(in);
  const int panels = panels_of(pitch_of(out));
#pragma omp parallel for
  for (int o = 0; o < out; o++) {
    for (int k = 0; k < in; k++) {
      const float* w = weights + (static_cast<int64_t>(o) * in + k) * 9;
      for (int place = 0; place < kPlaces; place++) {
        double u = 0;
        for (int y = 0; y < 3; y++) {
          for (int x = 0; x < 3; x++) {
            u += g[place / kSide][y] * g[place % kSide][x] * w[3 * y + x];
          }
        }
        const int64_t panel = static_cast<int64_t>(place) * panels + o / kTileColumns;
        packed[(panel * in_pitch + k) * kTileColumns + o % kTileColumns] = static_cast<float>(u);
      }
    }
  }
}

void winograd(const WinogradConv& conv) {
  const Grid grid = grid_of(conv.height, conv.width, omp_get_max_threads());
  if (conv.sums != nullptr) {
    conv.sums->count = grid.blocks;
  }
#pragma omp parallel for schedule(dynamic)
  for (int index = 0; index < grid.blocks; index++) {
    convolve_block(conv, grid, index,
                   conv.workspace + omp_get_thread_num() * conv.workspace_stride);
  }
}

}  // namespace MOTE_ISA
}  // namespace mote
