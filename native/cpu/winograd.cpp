// 3x3 convolutions by Winograd's minimal filtering F(2x2, 3x3): 16 products per channel pair and
// 2x2 outputs where the direct method needs 36. Blocks of tiles stay in the cache from input
// transform to output transform; the norm before is applied while reading, the sums of the norm
// after are taken while writing.
//
//   V = B' d B    d: 4x4 inputs of a tile           (Lavin and Gray, 2016, equation 8)
//   M = sum over channels of V * U, U = G g G'      per each of the 16 places of the tile
//   Y = A' M A    2x2 outputs
#include <omp.h>

#include "gemm.h"
#include "kernels_isa.h"
#include "sums.h"

namespace mote {
namespace {

constexpr int kPlaces = 16;
constexpr int kMostTiles = kTileRows == 14 ? 56 : 48;

inline int panels_of(int out_pitch) { return (out_pitch + kTileColumns - 1) / kTileColumns; }

struct Block {
  int first;  // tile index, row-major
  int count;
};

struct Grid {
  int columns;
  int tiles;
  int blocks;
  int per_block;
};

inline Grid grid_of(int height, int width, int threads) {
  Grid grid;
  grid.columns = (width + 1) / 2;
  grid.tiles = grid.columns * ((height + 1) / 2);
  const int least_blocks = (grid.tiles + kMostTiles - 1) / kMostTiles;
  grid.blocks = (least_blocks + threads - 1) / threads * threads;
  grid.per_block = (grid.tiles + grid.blocks - 1) / grid.blocks;
  grid.blocks = (grid.tiles + grid.per_block - 1) / grid.per_block;
  return grid;
}

// One column of four inputs, transformed along y.
struct Column {
  Vec row[4];
};

template <bool AFFINE, bool RELU>
inline Column read_column(const float* const* rows, int x, const WinogradConv& conv, int channel,
                          Vec scale, Vec shift) {
  Vec d[4];
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    if (rows[i] == nullptr || x < 0 || x >= conv.width) {
      d[i] = Vec{};
      continue;
    }
    d[i] = load(rows[i] + static_cast<int64_t>(x) * conv.in_pitch + channel);
    if constexpr (AFFINE) {
      d[i] = d[i] * scale + shift;
    }
    if constexpr (RELU) {
      d[i] = larger(d[i], Vec{});
    }
  }
  return {{d[0] - d[2], d[1] + d[2], d[2] - d[1], d[1] - d[3]}};
}

// Fills v (places, tiles of the block, in_pitch).
template <bool AFFINE, bool RELU>
inline void transform_input(const WinogradConv& conv, const Grid& grid, Block block, float* v) {
  const int64_t place = static_cast<int64_t>(grid.per_block) * conv.in_pitch;
  int tile = 0;
  while (tile < block.count) {
    const int ty = (block.first + tile) / grid.columns;
    const int tx = (block.first + tile) % grid.columns;
    const int run = least(block.count - tile, grid.columns - tx);
    const float* rows[4];
    for (int i = 0; i < 4; i++) {
      const int y = 2 * ty - 1 + i;
      rows[i] = y < 0 || y >= conv.height
                    ? nullptr
                    : conv.in + static_cast<int64_t>(y) * conv.width * conv.in_pitch;
    }
    for (int c = 0; c < conv.in_pitch; c += kLanes) {
      const Vec scale = AFFINE ? load(conv.before.scale + c) : Vec{};
      const Vec shift = AFFINE ? load(conv.before.shift + c) : Vec{};
      Column c0 = read_column<AFFINE, RELU>(rows, 2 * tx - 1, conv, c, scale, shift);
      Column c1 = read_column<AFFINE, RELU>(rows, 2 * tx, conv, c, scale, shift);
      for (int t = 0; t < run; t++) {
        const int x = 2 * (tx + t);
        const Column c2 = read_column<AFFINE, RELU>(rows, x + 1, conv, c, scale, shift);
        const Column c3 = read_column<AFFINE, RELU>(rows, x + 2, conv, c, scale, shift);
        float* out = v + static_cast<int64_t>(tile + t) * conv.in_pitch + c;
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) {
          store(out + (4 * i + 0) * place, c0.row[i] - c2.row[i]);
          store(out + (4 * i + 1) * place, c1.row[i] + c2.row[i]);
          store(out + (4 * i + 2) * place, c2.row[i] - c1.row[i]);
          store(out + (4 * i + 3) * place, c1.row[i] - c3.row[i]);
        }
        c0 = c2;
        c1 = c3;
      }
    }
    tile += run;
  }
}

struct Outputs {
  Vec y[2][2];
};

inline Outputs transform_tile(const float* m, int64_t place) {
  Vec r[2][4];
#pragma GCC unroll 4
  for (int j = 0; j < 4; j++) {
    const Vec m0 = load(m + j * place);
    const Vec m1 = load(m + (4 + j) * place);
    const Vec m2 = load(m + (8 + j) * place);
    const Vec m3 = load(m + (12 + j) * place);
    r[0][j] = m0 + m1 + m2;
    r[1][j] = m1 - m2 - m3;
  }
  Outputs out;
#pragma GCC unroll 2
  for (int i = 0; i < 2; i++) {
    out.y[i][0] = r[i][0] + r[i][1] + r[i][2];
    out.y[i][1] = r[i][1] - r[i][2] - r[i][3];
  }
  return out;
}

template <bool ACCUMULATE>
inline void transform_output(const WinogradConv& conv, const Grid& grid, Block block,
                             const float* m, double* sums) {
  const int m_pitch = panels_of(conv.out_pitch) * kTileColumns;
  const int64_t place = static_cast<int64_t>(grid.per_block) * m_pitch;
  for (int c = 0; c < conv.out_pitch; c += kLanes) {
    BlockSums total{};
    int values = 0;
    for (int tile = 0; tile < block.count; tile++) {
      const int y0 = 2 * ((block.first + tile) / grid.columns);
      const int x0 = 2 * ((block.first + tile) % grid.columns);
      Outputs tile_out = transform_tile(m + static_cast<int64_t>(tile) * m_pitch + c, place);
      for (int i = 0; i < 2 && y0 + i < conv.height; i++) {
        for (int j = 0; j < 2 && x0 + j < conv.width; j++) {
          float* out =
              conv.out + (static_cast<int64_t>(y0 + i) * conv.width + x0 + j) * conv.out_pitch + c;
          Vec value = tile_out.y[i][j];
          if constexpr (ACCUMULATE) {
            value += load(out);
          }
          store(out, value);
          if (values++ == 0) {
            total = start_sums(value);
          }
          add(total, value);
        }
      }
    }
    if (sums != nullptr) {
      finish_sums(total, values, sums + c, sums + conv.out_pitch + c);
    }
  }
}

void convolve_block(const WinogradConv& conv, const Grid& grid, int index, float* workspace) {
  const Block block{index * grid.per_block,
                    least(grid.per_block, grid.tiles - index * grid.per_block)};
  const int panels = panels_of(conv.out_pitch);
  const int m_pitch = panels * kTileColumns;
  float* v = workspace;
  float* m = workspace + static_cast<int64_t>(kPlaces) * kMostTiles * conv.in_pitch;
  if (conv.before.scale == nullptr) {
    transform_input<false, false>(conv, grid, block, v);
  } else if (conv.before.relu) {
    transform_input<true, true>(conv, grid, block, v);
  } else {
    transform_input<true, false>(conv, grid, block, v);
  }
  const TileShape shape{1, conv.depth, conv.in_pitch, 0, m_pitch};
  const int64_t panel_size = static_cast<int64_t>(conv.in_pitch) * kTileColumns;
  for (int place = 0; place < kPlaces; place++) {
    const float* a = v + static_cast<int64_t>(place) * grid.per_block * conv.in_pitch;
    float* c = m + static_cast<int64_t>(place) * grid.per_block * m_pitch;
    const float* b = conv.weights + place * panels * panel_size;
    for (int panel = 0; panel < panels; panel++) {
      multiply(block.count, shape, a, b + panel * panel_size, c + panel * kTileColumns);
    }
  }
  double* sums = conv.sums == nullptr
                     ? nullptr
                     : conv.sums->parts + static_cast<int64_t>(index) * 2 * conv.out_pitch;
  if (conv.accumulate) {
    transform_output<true>(conv, grid, block, m, sums);
  } else {
    transform_output<false>(conv, grid, block, m, sums);
  }
}

}  // namespace

namespace MOTE_ISA {

int64_t winograd_weights(int in_pitch, int out_pitch) {
  return static_cast<int64_t>(kPlaces) * panels_of(out_pitch) * kTileColumns * in_pitch;
}

int64_t winograd_workspace(int in_pitch, int out_pitch) {
  return static_cast<int64_t>(kPlaces) * kMostTiles *
         (in_pitch + panels_of(out_pitch) * kTileColumns);
}

int winograd_parts(int height, int width, int threads) {
  return grid_of(height, width, threads).blocks;
}

void pack_winograd(const float* weights, int in, int out, float* packed) {
  const double g[4][3] = {{1, 0, 0}, {.5, .5, .5}, {.5, -.5, .5}, {0, 0, 1}};
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
            u += g[place / 4][y] * g[place % 4][x] * w[3 * y + x];
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
