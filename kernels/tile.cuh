// Tiles of 8 x 16 output pixels, what conv and stem share: who computes what, and the epilogue.
// Four warps share the rows of a tile (warp m has rows 2 m and 2 m + 1), kWarpsN the columns of 32
// outputs each.
#pragma once

#include "params.h"
#include "product.cuh"

constexpr int kTileHeight = 8;
constexpr int kTileWidth = 16;
constexpr int kWarpsM = 4;
constexpr int kRowTiles = 2;  // of 16 pixels, per warp
constexpr int kGroups = 2;    // of 16 outputs, per warp
constexpr int kColumns = kGroups * kGroup;

struct TilePlace {
  int y, x;          // first output pixel
  int warp_m;        // rows
  int first_column;  // output of this warp

  __device__ __forceinline__ explicit TilePlace(int tiles_x, int warps_n) {
    const int tile = static_cast<int>(blockIdx.x);
    y = tile / tiles_x * kTileHeight;
    x = tile % tiles_x * kTileWidth;
    warp_m = warp_index() % kWarpsM;
    first_column = (static_cast<int>(blockIdx.y) * warps_n + warp_index() / kWarpsM) * kColumns;
  }
};

// Adds the bias, stores the pixels that exist and leaves sums and sums of squares of the tile, per
// channel, in partial (two floats' worth a channel; no atomic, so the same bits every time).
// All threads of the block call it.
template <typename T>
__device__ void store_tile(float (&sums)[kRowTiles][2 * kGroups][4], const TilePlace& place,
                           int height, int width, int channels, const float* bias, T* out,
                           float* partial) {
  MOTE_SHARED(float, columns, kWarpsM * 2 * 2 * kColumns);
  const int g = lane_index() / 4;
  const int warp_n = warp_index() / kWarpsM;
  const int warps_n = static_cast<int>(blockDim.x) / (kLanes * kWarpsM);
#pragma unroll
  for (int n = 0; n < 2 * kGroups; n++) {
    const int local = 8 * n + 2 * (lane_index() % 4);
    const int channel = place.first_column + local;
    const bool stored = channel < channels;
    const float2 add =
        stored ? *reinterpret_cast<const float2*>(bias + channel) : make_float2(0.0f, 0.0f);
    float total[2][2] = {};
#pragma unroll
    for (int i = 0; i < 2 * kRowTiles; i++) {
      const int y = place.y + kRowTiles * place.warp_m + i / 2;
      const int x = place.x + g + i % 2 * 8;
      if (stored && y < height && x < width) {
        const float low = sums[i / 2][n][i % 2 * 2] + add.x;
        const float high = sums[i / 2][n][i % 2 * 2 + 1] + add.y;
        store_pair(out + (static_cast<int64_t>(y) * width + x) * channels + channel, low, high);
        total[0][0] += low;
        total[0][1] += high;
        total[1][0] = fmaf(low, low, total[1][0]);
        total[1][1] = fmaf(high, high, total[1][1]);
      }
    }
    if (partial == nullptr) {
      continue;
    }
#pragma unroll
    for (int i = 0; i < 4; i++) {
      float sum = total[i / 2][i % 2];
      for (int step = 4; step < kLanes; step *= 2) {  // over the 8 rows g
        sum += __shfl_xor_sync(kAllLanes, sum, step);
      }
      if (g == 0) {
        columns[((place.warp_m * 2 + i / 2) * warps_n + warp_n) * kColumns + local + i % 2] = sum;
      }
    }
  }
  if (partial == nullptr) {
    return;
  }
  __syncthreads();  // columns are whole
  const int size = warps_n * kColumns;
  const int first = static_cast<int>(blockIdx.y) * size;
  for (int i = static_cast<int>(threadIdx.x); i < 2 * size; i += static_cast<int>(blockDim.x)) {
    const int kind = i / size;
    const int channel = first + i % size;
    if (channel < channels) {
      float sum = 0.0f;
      for (int m = 0; m < kWarpsM; m++) {
        sum += columns[(m * 2 + kind) * size + i % size];
      }
      partial[(static_cast<int64_t>(blockIdx.x) * 2 + kind) * channels + channel] = sum;
    }
  }
}
