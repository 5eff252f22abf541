// Convolution, 3x3 or 1x1, stride 1 or 2, zeros outside, as an implicit matrix product:
//   out[y, x, o] = bias[o] + sum over i, j, c of weight[o, c, i, j] * in[y S + i - K/2, x S + j -
//   K/2, c]
// with in = norm, ReLU and shortcut of the layers before, applied on load (source.cuh), and sums of
// out and out^2 per tile for the norm that follows (statistics.cu).
//
// Layout: NHWC, channels padded to 16. Grid (tiles of 8x16 pixels, ceil(outputs / (32 kWarpsN))),
// 128 kWarpsN threads. Shared memory: the tile's inputs with their border, 16 channels at a time,
// ((7 S + K) (15 S + K)) pixels x (16 + pad) operands: 8.4 KiB (S 1, K 3, 16-bit) to 44 KiB (S 2,
// float); dynamic. The block with blockIdx.y 0 writes what it read of its own pixels to `joined`,
// so that the shortcut of the next block need not be computed again. Operations: 2 K^2 C O a pixel;
// bytes: in, out and the tile's share of the weights once.
#include "source.cuh"
#include "tile.cuh"

template <typename T>
struct Halo {
  static constexpr int kPitch = 16 + kPad<T>;
  static constexpr int kVectors = 16 / kVector<T>;
  int height, width;  // pixels
  int top, left;      // the first in the picture

  __device__ __forceinline__ Halo(const ConvParams& p, const TilePlace& place) {
    height = (kTileHeight - 1) * p.stride + p.kernel;
    width = (kTileWidth - 1) * p.stride + p.kernel;
    top = place.y * p.stride - p.kernel / 2;
    left = place.x * p.stride - p.kernel / 2;
  }
};

// Fills the halo with 16 channels from `channel` on.
template <typename T>
__device__ __forceinline__ void load_halo(const ConvParams& p, const TilePlace& place,
                                          const Halo<T>& halo, int channel, T* tile) {
  constexpr int kVectors = Halo<T>::kVectors;
  const int thread = static_cast<int>(threadIdx.x);
  const int part = thread % kVectors * kVector<T>;
  Norms<T> norms;
  norms.load(p.in, channel + part);
  const bool keeps = p.joined != 0 && blockIdx.y == 0;
  const int own_bottom = (place.y + kTileHeight) * p.stride;
  const int own_right = (place.x + kTileWidth) * p.stride;
  for (int i = thread / kVectors; i < halo.height * halo.width;
       i += static_cast<int>(blockDim.x) / kVectors) {
    const int y = halo.top + i / halo.width;
    const int x = halo.left + i % halo.width;
    float v[kVector<T>] = {};
    if (y >= 0 && y < p.in.height && x >= 0 && x < p.in.width) {
      const int64_t pixel = static_cast<int64_t>(y) * p.in.width + x;
      load_source(p.in, norms, pixel, channel + part, v);
      if (keeps && y >= place.y * p.stride && y < own_bottom && x >= place.x * p.stride &&
          x < own_right) {
        store_vector(at<T>(p.joined) + pixel * p.in.channels + channel + part, v);
      }
    }
    store_vector(tile + i * Halo<T>::kPitch + part, v);
  }
}

template <typename T, int kWarpsN>
__device__ __forceinline__ void convolve(const ConvParams& p) {
  MOTE_DYNAMIC_SHARED(T, tile);
  constexpr int kPitch = Halo<T>::kPitch;
  const TilePlace place(p.tiles_x, kWarpsN);
  const Halo<T> halo(p, place);
  const Rows<T, kRowTiles> rows([&](int row) {
    const int y = (kRowTiles * place.warp_m + row / kTileWidth) * p.stride;
    return tile + (y * halo.width + row % kTileWidth * p.stride) * kPitch;
  });
  const int taps = p.kernel * p.kernel;
  const int steps = p.in.channels / kStep * taps;
  const bool computes = place.first_column < p.out_channels;
  const T* packed = at<const T>(p.weights) +
                    static_cast<int64_t>(place.first_column / kGroup) * steps * kPackedTile;
  float sums[kRowTiles][2 * kGroups][4];
  clear(sums);
  for (int channel = 0; channel < p.in.channels; channel += kStep) {
    __syncthreads();  // the products of the chunk before have read the tile
    load_halo(p, place, halo, channel, tile);
    __syncthreads();  // the tile is whole
    if (!computes) {
      continue;
    }
#pragma unroll 1
    for (int tap = 0; tap < taps; tap++) {
      const int offset = (tap / p.kernel * halo.width + tap % p.kernel) * kPitch;
      add_product(sums, rows, offset, packed, steps * kPackedTile);
      packed += kPackedTile;
    }
  }
  store_tile(sums, place, p.out_height, p.out_width, p.out_channels, at<const float>(p.bias),
             at<T>(p.out), at<float>(p.partial));
}

template <typename T>
__device__ __forceinline__ void conv32(const ConvParams& p) {
  convolve<T, 1>(p);
}

template <typename T>
__device__ __forceinline__ void conv64(const ConvParams& p) {
  convolve<T, 2>(p);
}

MOTE_INSTANCES(conv32, 128, ConvParams, conv32)
MOTE_INSTANCES(conv64, 256, ConvParams, conv64)
