// The encoder's first convolution, 7x7, stride 2, on the picture as it came: uint8 RGB, resized to
// the working size and scaled to [-1, 1] on load (no working picture is ever stored):
//   in[c, y, x] = 2 / 255 * (sum over k, l of row_weight[y, k] column_weight[x, l]
//   source[first_row[y] + k, first_column[x] + l, c]) - 1 out[y, x, o] = bias[o] + sum over i, j, c
//   of weight[o, c, i, j] in[c, 2 y + i - 3, 2 x + j - 3]
// Weights of rows and columns: the triangle filter that grows with the reduction (antialiased);
// without taps the picture is read as it is.
//
// Layout: out NHWC, channels padded to 16. Grid (tiles of 8x16 outputs, ceil(outputs / (32
// kWarpsN))), 128 kWarpsN threads. Shared memory: 21 rows of 38 pixels of 4 operands (the fourth,
// and the eighth pixel of a kernel row, meet weights of zero): 6.4 KB, 12.8 KB for float.
// Operations: 2 * 147 * O a pixel (224 inputs are multiplied); bytes: picture, out.
#include "tile.cuh"

constexpr int kKernel = 7;
constexpr int kInHeight = 2 * (kTileHeight - 1) + kKernel;
constexpr int kInWidth = 2 * (kTileWidth - 1) + kKernel + 1;
constexpr int kColours = 4;
constexpr int kRowPitch = kInWidth * kColours;
constexpr int kSteps = 2 * kKernel;

// A pixel of the working picture, in [-1, 1].
__device__ __forceinline__ float3 picture_pixel(const StemParams& p, int y, int x) {
  const uint8_t* picture = at<const uint8_t>(p.picture);
  float3 sum = make_float3(0.0f, 0.0f, 0.0f);
  if (p.row_taps == 0) {
    const uint8_t* rgb = picture + (static_cast<int64_t>(y) * p.source_width + x) * 3;
    sum = make_float3(rgb[0], rgb[1], rgb[2]);
  } else {
    const int2 rows = at<const int2>(p.row_taps)[y];
    const int2 columns = at<const int2>(p.column_taps)[x];
    const float* row_weights =
        at<const float>(p.row_weights) + static_cast<int64_t>(y) * p.row_taps_pitch;
    const float* column_weights =
        at<const float>(p.column_weights) + static_cast<int64_t>(x) * p.column_taps_pitch;
    for (int k = 0; k < rows.y; k++) {
      const uint8_t* rgb =
          picture + (static_cast<int64_t>(rows.x + k) * p.source_width + columns.x) * 3;
      float3 row = make_float3(0.0f, 0.0f, 0.0f);
      for (int l = 0; l < columns.y; l++) {
        row.x = fmaf(column_weights[l], static_cast<float>(rgb[3 * l]), row.x);
        row.y = fmaf(column_weights[l], static_cast<float>(rgb[3 * l + 1]), row.y);
        row.z = fmaf(column_weights[l], static_cast<float>(rgb[3 * l + 2]), row.z);
      }
      sum.x = fmaf(row_weights[k], row.x, sum.x);
      sum.y = fmaf(row_weights[k], row.y, sum.y);
      sum.z = fmaf(row_weights[k], row.z, sum.z);
    }
  }
  constexpr float kScale = 2.0f / 255.0f;
  return make_float3(fmaf(sum.x, kScale, -1.0f), fmaf(sum.y, kScale, -1.0f),
                     fmaf(sum.z, kScale, -1.0f));
}

template <typename T, int kWarpsN>
__device__ __forceinline__ void convolve(const StemParams& p) {
  MOTE_SHARED(uint4, shared, kInHeight * kRowPitch * static_cast<int>(sizeof(T)) / 16);
  T* const tile = reinterpret_cast<T*>(&shared[0]);
  const TilePlace place(p.tiles_x, kWarpsN);
  for (int i = static_cast<int>(threadIdx.x); i < kInHeight * kInWidth;
       i += static_cast<int>(blockDim.x)) {
    const int y = 2 * place.y + i / kInWidth - kKernel / 2;
    const int x = 2 * place.x + i % kInWidth - kKernel / 2;
    float3 rgb = make_float3(0.0f, 0.0f, 0.0f);
    if (y >= 0 && y < p.height && x >= 0 && x < p.width) {
      rgb = picture_pixel(p, y, x);
    }
    store_pair(tile + i * kColours, rgb.x, rgb.y);
    store_pair(tile + i * kColours + 2, rgb.z, 0.0f);
  }
  __syncthreads();  // the tile is whole
  const Rows<T, kRowTiles> rows([&](int row) {
    const int y = 2 * (kRowTiles * place.warp_m + row / kTileWidth);
    return tile + y * kRowPitch + 2 * (row % kTileWidth) * kColours;
  });
  float sums[kRowTiles][2 * kGroups][4];
  clear(sums);
  if (place.first_column < p.out_channels) {
    const T* packed = at<const T>(p.weights) + place.first_column / kGroup * kSteps * kPackedTile;
    for (int step = 0; step < kSteps; step++) {
      add_product(sums, rows, step / 2 * kRowPitch + step % 2 * kStep, packed + step * kPackedTile,
                  kSteps * kPackedTile);
    }
  }
  store_tile(sums, place, p.out_height, p.out_width, p.out_channels, at<const float>(p.bias),
             at<T>(p.out), at<float>(p.partial));
}

template <typename T>
__device__ __forceinline__ void stem32(const StemParams& p) {
  convolve<T, 1>(p);
}

template <typename T>
__device__ __forceinline__ void stem64(const StemParams& p) {
  convolve<T, 2>(p);
}

MOTE_INSTANCES(stem32, 128, StemParams, stem32)
MOTE_INSTANCES(stem64, 256, StemParams, stem64)
