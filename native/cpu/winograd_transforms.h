// The transforms of winograd.cpp: B' d B while a map is read, A' M A while one is written.
#pragma once

#include "gemm.h"
#include "kernels_isa.h"
#include "sums.h"

namespace mote {
namespace {

constexpr int kTile = 4;          // outputs along one axis
constexpr int kSide = kTile + 2;  // inputs along one axis
constexpr int kPlaces = kSide * kSide;
constexpr int kMostTiles = kTileRows == 14 ? 56 : 48;
// Panels whose products are held together between the transforms.
constexpr int kGroupPanels = kTileRows == 14 ? 2 : 4;

constexpr float kA = 0.75F;
constexpr float kB = 1.5F;
constexpr float kA2 = kA * kA;
constexpr float kB2 = kB * kB;

// Floats from a place of V or M to the next: an odd number of cache lines, so that the 36 places of
// a tile do not fall into the same few sets of the cache.
inline int64_t place_floats(int tiles, int pitch) {
  return (static_cast<int64_t>(tiles) * pitch / 16 | 1) * 16;
}

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
  grid.columns = (width + kTile - 1) / kTile;
  grid.tiles = grid.columns * ((height + kTile - 1) / kTile);
  const int least_blocks = (grid.tiles + kMostTiles - 1) / kMostTiles;
  grid.blocks = (least_blocks + threads - 1) / threads * threads;
  grid.per_block = (grid.tiles + grid.blocks - 1) / grid.blocks;
  grid.blocks = (grid.tiles + grid.per_block - 1) / grid.per_block;
  return grid;
}

// B' applied to six values.
struct Six {
  Vec v[kSide];
};

inline Six transform_six(Vec d0, Vec d1, Vec d2, Vec d3, Vec d4, Vec d5) {
  const Vec even_a = d4 - kB2 * d2;
  const Vec odd_a = kA * (d3 - kB2 * d1);
  const Vec even_b = d4 - kA2 * d2;
  const Vec odd_b = kB * (d3 - kA2 * d1);
  return {{d4 - (kA2 + kB2) * d2 + (kA2 * kB2) * d0, even_a + odd_a, even_a - odd_a, even_b + odd_b,
           even_b - odd_b, d5 - (kA2 + kB2) * d3 + (kA2 * kB2) * d1}};
}

// Six inputs above one another, transformed along y.
template <bool AFFINE, bool RELU, bool INSIDE>
inline Six read_column(const float* const* rows, int x, const WinogradConv& conv, int channel,
                       Vec scale, Vec shift) {
  Vec d[kSide];
#pragma GCC unroll 6
  for (int i = 0; i < kSide; i++) {
    if (!INSIDE && (rows[i] == nullptr || x < 0 || x >= conv.width)) {
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
  return transform_six(d[0], d[1], d[2], d[3], d[4], d[5]);
}

// All channels of one tile whose first input is at column x; v is its place 0.
template <bool AFFINE, bool RELU, bool INSIDE>
inline void transform_tile_input(const WinogradConv& conv, const float* const* rows, int x,
                                 float* v, int64_t place) {
  for (int channel = 0; channel < conv.in_pitch; channel += kLanes) {
    const Vec scale = AFFINE ? load(conv.before.scale + channel) : Vec{};
    const Vec shift = AFFINE ? load(conv.before.shift + channel) : Vec{};
    Six columns[kSide];
#pragma GCC unroll 6
    for (int j = 0; j < kSide; j++) {
      columns[j] = read_column<AFFINE, RELU, INSIDE>(rows, x + j, conv, channel, scale, shift);
    }
#pragma GCC unroll 6
    for (int i = 0; i < kSide; i++) {
      const Six row = transform_six(columns[0].v[i], columns[1].v[i], columns[2].v[i],
                                    columns[3].v[i], columns[4].v[i], columns[5].v[i]);
#pragma GCC unroll 6
      for (int j = 0; j < kSide; j++) {
        store(v + (kSide * i + j) * place + channel, row.v[j]);
      }
    }
  }
}

// Fills v (places, tiles of the block, in_pitch).
template <bool AFFINE, bool RELU>
inline void transform_input(const WinogradConv& conv, const Grid& grid, Block block, float* v) {
  const int64_t place = place_floats(grid.per_block, conv.in_pitch);
  for (int tile = 0; tile < block.count; tile++) {
    const int y = kTile * ((block.first + tile) / grid.columns) - 1;
    const int x = kTile * ((block.first + tile) % grid.columns) - 1;
    const float* rows[kSide];
    for (int i = 0; i < kSide; i++) {
      rows[i] = y + i < 0 || y + i >= conv.height
                    ? nullptr
                    : conv.in + static_cast<int64_t>(y + i) * conv.width * conv.in_pitch;
    }
    float* out = v + static_cast<int64_t>(tile) * conv.in_pitch;
    if (y >= 0 && y + kSide <= conv.height && x >= 0 && x + kSide <= conv.width) {
      transform_tile_input<AFFINE, RELU, true>(conv, rows, x, out, place);
    } else {
      transform_tile_input<AFFINE, RELU, false>(conv, rows, x, out, place);
    }
  }
}

// A' applied to six values.
struct Four {
  Vec v[kTile];
};

inline Four transform_four(Vec m0, Vec m1, Vec m2, Vec m3, Vec m4, Vec m5) {
  const Vec sum_a = m1 + m2;
  const Vec difference_a = m1 - m2;
  const Vec sum_b = m3 + m4;
  const Vec difference_b = m3 - m4;
  return {{m0 + sum_a + sum_b, kA * difference_a + kB * difference_b, kA2 * sum_a + kB2 * sum_b,
           m5 + (kA * kA2) * difference_a + (kB * kB2) * difference_b}};
}

struct Outputs {
  Four row[kTile];
};

inline Outputs transform_tile(const float* m, int64_t place) {
  Four columns[kSide];
#pragma GCC unroll 6
  for (int j = 0; j < kSide; j++) {
    const float* at = m + j * place;
    columns[j] = transform_four(load(at), load(at + kSide * place), load(at + 2 * kSide * place),
                                load(at + 3 * kSide * place), load(at + 4 * kSide * place),
                                load(at + 5 * kSide * place));
  }
  Outputs out;
#pragma GCC unroll 4
  for (int i = 0; i < kTile; i++) {
    out.row[i] = transform_four(columns[0].v[i], columns[1].v[i], columns[2].v[i], columns[3].v[i],
                                columns[4].v[i], columns[5].v[i]);
  }
  return out;
}

// Sums of the channels of one group.
struct GroupSums {
  BlockSums channels[kGroupPanels * 2];
};

// Writes `channels` channels from `first` of a block; m is (places, tiles, m_pitch).
template <bool ACCUMULATE>
inline void transform_output(const WinogradConv& conv, const Grid& grid, Block block,
                             const float* m, int m_pitch, int first, int channels, double* sums) {
  const int64_t place = place_floats(grid.per_block, m_pitch);
  GroupSums totals;
  int values = 0;
  for (int tile = 0; tile < block.count; tile++) {
    const int y0 = kTile * ((block.first + tile) / grid.columns);
    const int x0 = kTile * ((block.first + tile) % grid.columns);
    const int rows = least(kTile, conv.height - y0);
    const int columns = least(kTile, conv.width - x0);
    float* to = conv.out + (static_cast<int64_t>(y0) * conv.width + x0) * conv.out_pitch + first;
    for (int c = 0; c < channels; c += kLanes) {
      const Outputs tile_out = transform_tile(m + static_cast<int64_t>(tile) * m_pitch + c, place);
      BlockSums& kept = totals.channels[c / kLanes];
      BlockSums total = tile == 0 ? start_sums(tile_out.row[0].v[0]) : kept;
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++) {
          float* out = to + (static_cast<int64_t>(i) * conv.width + j) * conv.out_pitch + c;
          Vec value = tile_out.row[i].v[j];
          if constexpr (ACCUMULATE) {
            value += load(out);
          }
          store(out, value);
          add(total, value);
        }
      }
      kept = total;
    }
    values += rows * columns;
  }
  if (sums != nullptr) {
    for (int c = 0; c < channels; c += kLanes) {
      finish_sums(totals.channels[c / kLanes], values, sums + first + c,
                  sums + conv.out_pitch + first + c);
    }
  }
}

}  // namespace
}  // namespace mote
