// What the Hopper form of the mixer (mixer_hopper.cu) is made of: the layout of a block's shared
// memory, the stream of weights through it, and the products on wgmma.
//
// Operands lie as TMA writes and wgmma reads them with the 128-byte swizzle: tiles of 64 inputs,
// one row of 128 bytes after the other, 16-byte piece c of row r at piece c ^ r % 8; tiles begin at
// multiples of 1024 bytes.
#pragma once

#include "mixer.cuh"
#include "ptx_hopper.cuh"

constexpr int kClusterBlocks = 8;
constexpr int kSlices = 4;      // of the hidden layer; the blocks that share rows
constexpr int kGroupRows = 64;  // rows that they share, 8 points
constexpr int kOwnRows = kGroupRows / kSlices;
constexpr int kOwnPoints = kOwnRows / kWindow;
constexpr int kClusterPoints = kClusterBlocks * kOwnPoints;
constexpr int kTile = 64;                            // inputs of a tile
constexpr int kTileBytes = kGroupRows * kTile * 2;   // of operands of all rows
constexpr int kHopperThreads = kMixerThreads + 128;  // the warpgroup that loads weights is the last
constexpr uint32_t kConsumerBarrier = 1;

constexpr int kHalfChunk = 64;  // hidden columns of a warpgroup
constexpr int kChunk = 2 * kHalfChunk;
constexpr int kChunkTiles = kChunk / kTile;
constexpr int kHiddenChunks = 2;  // that shared memory holds

// kN: outputs of the second layer that a warpgroup computes at once.
template <int kN>
struct HopperShape {
  static constexpr int kStageRows = 2 * kN;  // rows of 64 inputs in a stage of weights
  static constexpr int kStageBytes = kStageRows * kTile * 2;
  static constexpr int kParts = kN / 64;  // stages of the width's outputs; tiles of a first layer's
  static constexpr int kWidth = kParts * kStageRows;
  static constexpr int kStages = kN == 128 ? 3 : 4;
  static constexpr int kPieces = kN / 8;  // 16-byte pieces of a thread's sums
  static constexpr int kSlotBytes = kOwnRows * kWidth * 4;
};

// A thread's part of 64 rows times kN outputs.
template <int kN>
using HopperSums = float[kN / 2];

// A block's shared memory.
template <int kN>
struct HopperTile {
  using Shape = HopperShape<kN>;
  static constexpr int kXPitch = Shape::kWidth + 4;
  static constexpr int kYBytes = Shape::kWidth / kTile * kTileBytes;
  static constexpr int kHBytes = kHiddenChunks * kChunkTiles * kTileBytes;
  static constexpr int kStreamBytes = Shape::kStages * Shape::kStageBytes;
  static_assert((kSlices - 1) * Shape::kSlotBytes <= kYBytes + kHBytes,
                "sums fit where y and h lie");

  uint32_t stages;         // weights
  uint32_t y;              // (rows, width) operands: what the products read; or, over y and h,
                           // (kSlices - 1, 2 kParts kPieces, lane) float4: sums of other blocks
  uint32_t h;              // two of (rows, chunk) operands: the hidden layer
  uint32_t full, empty;    // mbarriers of the stages
  uint32_t met;            // mbarrier of the blocks that share rows
  MixerTile<Half, 1> own;  // x and moments of this block's own rows

  __device__ __forceinline__ explicit HopperTile(float* shared)
      : HopperTile(shared, static_cast<uint32_t>(__cvta_generic_to_shared(shared))) {}

 private:
  __device__ __forceinline__ HopperTile(float* shared, uint32_t address)
      : stages((address + 1023) & ~1023u),
        y(stages + kStreamBytes),
        h(y + kYBytes),
        full(h + kHBytes + kOwnRows * (kXPitch + 2) * 4),
        empty(full + 8 * Shape::kStages),
        met(empty + 8 * Shape::kStages),
        own(shared + (h + kHBytes - address) / 4, kXPitch) {}
};

// The ring of stages as one side of it sees it.
template <int kN>
struct HopperPipe {
  int stage = 0;
  uint32_t parity = 0;

  __device__ __forceinline__ void advance() {
    stage++;
    if (stage == HopperShape<kN>::kStages) {
      stage = 0;
      parity ^= 1;
    }
  }
};

__device__ __forceinline__ void wait_for(uint32_t barrier, uint32_t parity) {
  while (!mbarrier_try_wait(barrier, parity)) {
  }
}

__device__ __forceinline__ void consumers_meet() { named_barrier(kConsumerBarrier, kMixerThreads); }

// Where 8 columns from `column` on (a multiple of 8) of a row lie from the first tile on.
__device__ __forceinline__ uint32_t swizzled(int row, int column) {
  const int piece = column % kTile / 8 ^ row % 8;
  return static_cast<uint32_t>(column / kTile * kTileBytes + row * 128 + piece * 16);
}

// 16 inputs in a descriptor's units of 16 bytes.
constexpr uint64_t kStepUnits = kStep * 2 / 16;

// The descriptor of a K-major operand with the 128-byte swizzle: 8 rows are 1024 bytes.
__device__ __forceinline__ uint64_t describe(uint32_t address) {
  constexpr uint64_t kRows8 = 1024 >> 4;
  constexpr uint64_t kSwizzle128 = 1;
  return (address & 0x3FFFF) >> 4 | uint64_t{1} << 16 | kRows8 << 32 | kSwizzle128 << 62;
}

__device__ __forceinline__ void multiply_step(HopperSums<64>& sums, uint64_t a, uint64_t b) {
  wgmma_m64n64k16_f16(sums, a, b);
}

__device__ __forceinline__ void multiply_step(HopperSums<128>& sums, uint64_t a, uint64_t b) {
  wgmma_m64n128k16_f16(sums, a, b);
}

// Loads this slice's weights, half of each stage for this block and its twin in the other half of
// the cluster, which loads the other half for both. One thread.
template <int kN>
__device__ __forceinline__ void produce(const HopperTile<kN>& tile, const HopperMixerParams& p,
                                        uint32_t rank) {
  using Shape = HopperShape<kN>;
  const uint32_t slice = rank % kSlices;
  const uint32_t half = rank / kSlices;
  const auto blocks = static_cast<uint16_t>((1u | 1u << kSlices) << slice);
  const int first = static_cast<int>(slice) * p.slice_rows + static_cast<int>(half) * kN;
  HopperPipe<kN> pipe;
  for (int row = 0; row < p.slice_rows; row += Shape::kStageRows) {
    const uint32_t full = tile.full + 8 * pipe.stage;
    wait_for(tile.empty + 8 * pipe.stage, pipe.parity ^ 1);
    mbarrier_arrive_expect(full, Shape::kStageBytes);
    tma_load_2d_multicast(
        tile.stages + pipe.stage * Shape::kStageBytes + half * (Shape::kStageBytes / 2), &p.weights,
        0, first + row, full, blocks);
    pipe.advance();
  }
}

template <int kSize>
__device__ __forceinline__ void clear(float (&sums)[kSize]) {
#pragma unroll
  for (int i = 0; i < kSize; i++) {
    sums[i] = 0.0f;
    pin(sums[i]);
  }
}

template <int kParts, int kSize>
__device__ __forceinline__ void clear(float (&sums)[kParts][kSize]) {
#pragma unroll
  for (int part = 0; part < kParts; part++) {
    clear(sums[part]);
  }
}

// sums = a b^T + sums over a tile, begun.
template <int kN>
__device__ __forceinline__ void multiply_tile(HopperSums<kN>& sums, uint32_t a, uint32_t b) {
#pragma unroll
  for (int step = 0; step < kTile / kStep; step++) {
    multiply_step(sums, describe(a) + step * kStepUnits, describe(b) + step * kStepUnits);
  }
}

// The consumers' side of the products. While one warpgroup waits for its sums the other one's
// products run.
template <int kN>
struct HopperProducts {
  using Shape = HopperShape<kN>;

  const HopperTile<kN>& tile;
  HopperPipe<kN> pipe;
  uint32_t release;  // `empty` of stage 0 here (lane 0) or in the twin block (lane 1)

  __device__ __forceinline__ HopperProducts(const HopperTile<kN>& tile_, uint32_t rank)
      : tile(tile_), release(mapa(tile_.empty, lane_index() == 0 ? rank : rank ^ kSlices)) {}

  // hidden = y weight^T + hidden, 64 columns a warpgroup; a stage has kParts tiles of 2 64 outputs.
  __device__ __forceinline__ void expand(HopperSums<kHalfChunk>& hidden, int tiles) {
#pragma unroll 1
    for (int k = 0; k < tiles; k += Shape::kParts) {
      const uint32_t b = begin() + warpgroup() * kTileBytes;
#pragma unroll
      for (int part = 0; part < Shape::kParts; part++) {
        multiply_tile<kHalfChunk>(hidden, tile.y + (k + part) * kTileBytes,
                                  b + part * kChunkTiles * kTileBytes);
      }
      end();
    }
  }

  // out = h weight^T + out; each tile of h meets kParts stages, kN of their outputs a warpgroup.
  __device__ __forceinline__ void contract(HopperSums<kN> (&out)[Shape::kParts], uint32_t h,
                                           int tiles) {
#pragma unroll 1
    for (int k = 0; k < tiles; k++) {
#pragma unroll
      for (int part = 0; part < Shape::kParts; part++) {
        const uint32_t b = begin() + warpgroup() * (Shape::kStageBytes / 2);
        multiply_tile<kN>(out[part], h + k * kTileBytes, b);
        end();
      }
    }
  }

 private:
  static __device__ __forceinline__ int warpgroup() {
    return static_cast<int>(threadIdx.x) / (kMixerThreads / 2);
  }

  // Waits for the next stage; its address.
  __device__ __forceinline__ uint32_t begin() {
    wait_for(tile.full + 8 * pipe.stage, pipe.parity);
    wgmma_fence();
    return tile.stages + pipe.stage * Shape::kStageBytes;
  }

  // Waits for the products and gives the stage back to both blocks that fill it.
  __device__ __forceinline__ void end() {
    wgmma_commit();
    wgmma_wait<0>();
    if (lane_index() < 2) {
      mbarrier_arrive_cluster(release + 8 * pipe.stage);
    }
    pipe.advance();
  }
};
