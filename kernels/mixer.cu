// The whole MLP-Mixer of some points, one launch: input layer, `depth` blocks of norm, token mixing
// over the 8 frames, norm, channel MLP, then norm, mean over the frames (pips) and head.
//   x = input(in) (+ frame bias)
//   x = x + token2 gelu(token1 norm1(x)^T)^T          per block
//   x = x + channel2 gelu(channel1 norm2(x))
//   out = head(mean over frames of norm(x))  or  head(norm(x))
// Points do not see each other: a block of threads takes 2 kM points (16 kM rows) from input to
// output, the residual stream in shared memory in float32, the hidden layer in chunks of
// hidden_chunk columns that never leave it. Weights come packed straight into registers
// (product.cuh).
//
// Layout: in rows (n, s) of operands; out float. Grid: ceil(points / (2 kM)), 256 threads. Dynamic
// shared memory: 16 kM ((pitch + 4) 4 + (pitch + pad + hidden_chunk + pad) sizeof T + 8) bytes:
// pips 59 KB (kM 1), 117 KB (kM 2) at 16 bits; mote-s 42 KB (kM 2). Operations: 2 (parameters of
// the products) a row; bytes: every block of threads reads all weights from L2: pips 50 MB, mote-s
// 0.9 MB at 16 bits (kernels/README.md says what that costs).
#include "mixer.cuh"

// x = input layer of the rows that exist (the others read zeros).
template <typename T, int kM>
__device__ __forceinline__ void input_layer(const MixerTile<T, kM>& tile, const Rows<T, kM>& h_rows,
                                            const MixerParams& p, int first, int rows) {
  const int steps = p.in_pitch / kStep;
  for (int from = 0; from < p.in_pitch; from += p.hidden_chunk) {
    const int columns = p.in_pitch - from < p.hidden_chunk ? p.in_pitch - from : p.hidden_chunk;
    const int vectors = columns / kVector<T>;
    for (int i = static_cast<int>(threadIdx.x); i < MixerTile<T, kM>::kRows * vectors;
         i += kMixerThreads) {
      const int row = i / vectors;
      const int column = i % vectors * kVector<T>;
      uint4 v = make_uint4(0, 0, 0, 0);
      if (first + row < rows) {
        v = *reinterpret_cast<const uint4*>(
            at<const T>(p.in) + static_cast<int64_t>(first + row) * p.in_pitch + from + column);
      }
      *reinterpret_cast<uint4*>(tile.h + row * tile.h_pitch + column) = v;
    }
    __syncthreads();  // the chunk of the input is whole
    accumulate(tile, h_rows, at<const T>(p.input_weight) + from / kStep * kPackedTile, steps,
               columns / kStep, p.pitch / kGroup, from == 0,
               from == 0 ? at<const float>(p.input_bias) : nullptr);
    __syncthreads();  // the chunk was read, x is whole
  }
  if (p.frame_bias == 0) {
    return;
  }
  for (int i = static_cast<int>(threadIdx.x); i < MixerTile<T, kM>::kRows * p.width;
       i += kMixerThreads) {
    const int row = i / p.width;
    const int column = i % p.width;
    tile.x[row * tile.x_pitch + column] +=
        at<const float>(p.frame_bias)[row % kWindow * p.width + column];
  }
  __syncthreads();  // x is whole
}

template <typename T, int kM>
__device__ __forceinline__ void mixer_block(const MixerTile<T, kM>& tile, const Rows<T, kM>& y_rows,
                                            const Rows<T, kM>& h_rows, const MixerParams& p,
                                            const MixerBlock& block) {
  find_moments(tile, p.width);
  __syncthreads();  // moments are whole
  mix_tokens(tile, p, block);
  __syncthreads();  // x is whole, moments were read
  find_moments(tile, p.width);
  __syncthreads();  // moments are whole
  normalise_rows(tile, p, at<const float>(block.norm2_weight), at<const float>(block.norm2_bias));
  __syncthreads();  // y is whole
  for (int first = 0; first < p.hidden; first += p.hidden_chunk) {
    const int columns = p.hidden - first < p.hidden_chunk ? p.hidden - first : p.hidden_chunk;
    hidden_layer(tile, y_rows, p, block, first, columns);
    __syncthreads();  // h is whole
    accumulate(tile, h_rows, at<const T>(block.channel2_weight) + first / kStep * kPackedTile,
               p.hidden / kStep, columns / kStep, p.pitch / kGroup, false,
               first == 0 ? at<const float>(block.channel2_bias) : nullptr);
    __syncthreads();  // h was read, x is whole
  }
}

// y = what the head reads: norm(x), or its mean over the frames in one row a point.
template <typename T, int kM>
__device__ __forceinline__ void head_input(const MixerTile<T, kM>& tile, const MixerParams& p) {
  const float* weight = at<const float>(p.norm_weight);
  const float* bias = at<const float>(p.norm_bias);
  find_moments(tile, p.width);
  __syncthreads();  // moments are whole
  if (p.mean == 0) {
    normalise_rows(tile, p, weight, bias);
    return;
  }
  for (int i = static_cast<int>(threadIdx.x); i < MixerTile<T, kM>::kRows * p.pitch;
       i += kMixerThreads) {
    const int row = i / p.pitch;
    const int column = i % p.pitch;
    float mean = 0.0f;
    if (row < MixerTile<T, kM>::kPoints && column < p.width) {
      for (int s = 0; s < kWindow; s++) {
        mean += normalised(tile, row * kWindow + s, column, weight, bias);
      }
    }
    store_one(tile.y + row * tile.y_pitch + column, mean / kWindow);
  }
}

template <typename T, int kM>
__device__ __forceinline__ void head(const Rows<T, kM>& y_rows, const MixerParams& p, int first,
                                     int rows) {
  const int steps = p.pitch / kStep;
  const int groups = (p.outputs + kGroup - 1) / kGroup;
  float* out = at<float>(p.out) + static_cast<int64_t>(first) * p.outputs;
  for (int group = warp_index(); group < groups; group += kMixerWarps) {
    const T* weight =
        at<const T>(p.head_weight) + static_cast<int64_t>(group) * steps * kPackedTile;
    float sums[kM][2][4];
    clear(sums);
#pragma unroll 4
    for (int step = 0; step < steps; step++) {
      add_product(sums, y_rows, step * kStep, weight + step * kPackedTile, 0);
    }
#pragma unroll
    for (int i = 0; i < 8 * kM; i++) {
      const int row = 16 * (i / 8) + lane_index() / 4 + i % 4 / 2 * 8;
      const int column = group * kGroup + i / 4 % 2 * 8 + 2 * (lane_index() % 4) + i % 2;
      if (row < rows && column < p.outputs) {
        out[static_cast<int64_t>(row) * p.outputs + column] =
            sums[i / 8][i / 4 % 2][i % 4] + at<const float>(p.head_bias)[column];
      }
    }
  }
}

template <typename T, int kM>
__device__ __forceinline__ void mix(const MixerParams& p) {
  MOTE_DYNAMIC_SHARED(float, shared);
  constexpr int kPoints = MixerTile<T, kM>::kPoints;
  const int count = at<const CallHeader>(p.call)->count;
  const int point = static_cast<int>(blockIdx.x) * kPoints;
  int points = count - point;
  points = points < kPoints ? points : kPoints;
  bool any = points > 0 && p.active == 0;
  for (int i = 0; i < points && !any; i++) {
    any = at<const int32_t>(p.active)[point + i] != 0;
  }
  if (!any) {
    return;
  }
  const MixerTile<T, kM> tile(p, shared);
  const Rows<T, kM> y_rows([&](int row) { return tile.y + row * tile.y_pitch; });
  const Rows<T, kM> h_rows([&](int row) { return tile.h + row * tile.h_pitch; });
  input_layer(tile, h_rows, p, point * kWindow, count * kWindow);
  for (int i = 0; i < p.depth; i++) {
    mixer_block(tile, y_rows, h_rows, p, at<const MixerBlock>(p.blocks)[i]);
  }
  head_input(tile, p);
  __syncthreads();  // y is whole
  if (p.mean != 0) {
    head(y_rows, p, point, points);
  } else {
    head(y_rows, p, point * kWindow, points * kWindow);
  }
}

template <typename T>
__device__ __forceinline__ void mixer16(const MixerParams& p) {
  mix<T, 1>(p);
}

template <typename T>
__device__ __forceinline__ void mixer32(const MixerParams& p) {
  mix<T, 2>(p);
}

MOTE_INSTANCES(mixer16, kMixerThreads, MixerParams, mixer16)
MOTE_HALF_INSTANCE(mixer32, kMixerThreads, MixerParams, mixer32)
