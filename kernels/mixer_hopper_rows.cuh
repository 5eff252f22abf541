// What the Hopper form of the mixer does with rows: the blocks that share them meet, send each
// other sums and normalised rows, and mix the tokens of their own.
#pragma once

#include "mixer_hopper.cuh"

// The blocks that share rows meet: everything that they did to each other's memory before
// `arrive` is seen behind `wait`.
struct GroupBarrier {
  uint32_t barrier;  // its own in the block that this lane tells; lanes 0 to 3
  uint32_t here;
  uint32_t parity = 0;

  __device__ __forceinline__ GroupBarrier(uint32_t met, uint32_t rank)
      : barrier(mapa(met, rank / kSlices * kSlices + lane_index() % kSlices)), here(met) {}

  __device__ __forceinline__ void arrive() const {
    __syncwarp();
    if (lane_index() < kSlices) {
      mbarrier_arrive_cluster(barrier);
    }
  }

  __device__ __forceinline__ void wait() {
    wait_for(here, parity);
    parity ^= 1;
  }
};

// A thread's place in the sums: 8 columns a piece, the warp's 16 rows.
struct SumPlace {
  int column = 2 * (lane_index() % 4);
  int row = lane_index() / 4;
};

// Gives the sums of each row to the block that owns it: adds its own to x (or sets it), sends the
// others to where y and h lie there, in the order of the slices.
template <int kN>
__device__ __forceinline__ void send_sums(const HopperTile<kN>& tile,
                                          const HopperSums<kN> (&out)[HopperShape<kN>::kParts],
                                          uint32_t rank, bool input) {
  using Shape = HopperShape<kN>;
  const SumPlace lane;
  const int slice = static_cast<int>(rank % kSlices);
  const int warpgroup = warp_index() / 4;
  const int owner = warp_index() % 4;  // of this warp's 16 rows
  const int slot = slice < owner ? slice : slice - 1;
  const uint32_t to = mapa(tile.y, rank - slice + owner) + slot * Shape::kSlotBytes;
#pragma unroll
  for (int part = 0; part < Shape::kParts; part++) {
#pragma unroll
    for (int n = 0; n < Shape::kPieces; n++) {
      const float* v = out[part] + 4 * n;
      const int piece = (warpgroup * Shape::kParts + part) * Shape::kPieces + n;
      if (owner != slice) {
        st_cluster(to + (piece * kLanes + lane_index()) * 16, make_float4(v[0], v[1], v[2], v[3]));
        continue;
      }
      const int column = part * Shape::kStageRows + warpgroup * kN + 8 * n + lane.column;
#pragma unroll
      for (int i = 0; i < 4; i++) {
        float& sum = tile.own.x[(lane.row + i / 2 * 8) * tile.own.x_pitch + column + i % 2];
        sum = input ? v[i] : sum + v[i];
      }
    }
  }
}

// Adds what the other slices sent to x, and the bias.
template <int kN>
__device__ __forceinline__ void add_sums(const HopperTile<kN>& tile, const float* bias,
                                         const MixerParams& p, bool input) {
  using Shape = HopperShape<kN>;
  const SumPlace lane;
  for (int piece = warp_index(); piece < 2 * Shape::kParts * Shape::kPieces; piece += kMixerWarps) {
    const int n = piece % Shape::kPieces;
    const int part = piece / Shape::kPieces % Shape::kParts;
    const int column = part * Shape::kStageRows + piece / (Shape::kPieces * Shape::kParts) * kN +
                       8 * n + lane.column;
    float4 v = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
#pragma unroll
    for (int other = 0; other < kSlices - 1; other++) {
      const float4 sent =
          ld_shared(tile.y + other * Shape::kSlotBytes + (piece * kLanes + lane_index()) * 16);
      v = make_float4(v.x + sent.x, v.y + sent.y, v.z + sent.z, v.w + sent.w);
    }
    const float add[4] = {v.x, v.y, v.z, v.w};
#pragma unroll
    for (int i = 0; i < 4; i++) {
      const int row = lane.row + i / 2 * 8;
      const int at_column = column + i % 2;
      float more = at_column < p.pitch ? bias[at_column] : 0.0f;
      if (input && p.frame_bias != 0 && at_column < p.width) {
        more += at<const float>(p.frame_bias)[row % kWindow * p.width + at_column];
      }
      tile.own.x[row * tile.own.x_pitch + at_column] += add[i] + more;
    }
  }
}

// Adds what all slices computed for each row to x of the block that owns the row (or sets it), with
// the bias. Ends with an arrival that the caller waits for before y or h are written anew.
template <int kN>
__device__ __forceinline__ void exchange(const HopperTile<kN>& tile, GroupBarrier& group,
                                         const HopperSums<kN> (&out)[HopperShape<kN>::kParts],
                                         uint32_t rank, const float* bias, const MixerParams& p,
                                         bool input) {
  group.arrive();
  group.wait();  // y and h were read everywhere
  send_sums(tile, out, rank, input);
  group.arrive();
  group.wait();  // the sums are here
  add_sums(tile, bias, p, input);
  group.arrive();
  consumers_meet();  // x is whole
}

// y = norm(x) of this block's rows, or its mean over the frames, in all blocks of the group.
template <int kN>
__device__ __forceinline__ void share_rows(const HopperTile<kN>& tile, uint32_t rank,
                                           const HopperMixerParams& p, const float* weight,
                                           const float* bias, bool mean) {
  const int slice = static_cast<int>(rank % kSlices);
  const int rows = mean ? kOwnPoints : kOwnRows;
  const int vectors = p.width_tiles * kTile / 8;
  for (int i = static_cast<int>(threadIdx.x); i < rows * vectors; i += kMixerThreads) {
    const int row = i / vectors;
    const int column = i % vectors * 8;
    float v[8];
#pragma unroll
    for (int k = 0; k < 8; k++) {
      v[k] = 0.0f;
      if (column + k < p.mixer.width) {
        if (mean) {
          for (int s = 0; s < kWindow; s++) {
            v[k] += normalised(tile.own, row * kWindow + s, column + k, weight, bias);
          }
          v[k] /= kWindow;
        } else {
          v[k] = normalised(tile.own, row, column + k, weight, bias);
        }
      }
    }
    const uint4 packed = make_uint4(cvt_f16x2(v[0], v[1]), cvt_f16x2(v[2], v[3]),
                                    cvt_f16x2(v[4], v[5]), cvt_f16x2(v[6], v[7]));
    const uint32_t to = tile.y + swizzled(slice * rows + row, column);
#pragma unroll
    for (int block = 0; block < kSlices; block++) {
      st_cluster(mapa(to, rank - slice + block), packed);
    }
  }
}

// Token mixing of the own rows.
template <int kN>
__device__ __forceinline__ void mix_own(const HopperTile<kN>& tile, const MixerParams& p,
                                        const MixerBlock& block) {
  find_moments(tile.own, p.width);
  consumers_meet();  // moments are whole
  mix_tokens(tile.own, p, block);
  consumers_meet();  // x is whole, moments were read
}

// y for the channel MLP or the head.
template <int kN>
__device__ __forceinline__ void share_norm(const HopperTile<kN>& tile, GroupBarrier& group,
                                           uint32_t rank, const HopperMixerParams& p,
                                           uint64_t weight, uint64_t bias, bool mean) {
  find_moments(tile.own, p.mixer.width);
  consumers_meet();  // moments are whole
  group.wait();      // the sums that lay in y were read everywhere
  share_rows(tile, rank, p, at<const float>(weight), at<const float>(bias), mean);
  fence_proxy_async();
  group.arrive();
  group.wait();  // y is whole
  fence_proxy_async();
}
