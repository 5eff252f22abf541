// The MLP-Mixer (mixer.cu) for compute_90a: the same equation, shapes and operands, for clusters of
// 8 blocks of threads.
//
// A cluster takes 16 points. Its blocks (g, j) are 2 groups g of 8 points (64 rows) times 4 slices
// j of the hidden layer. Block (g, j) owns 2 of its group's points: it keeps their residual stream
// x and does their norms and token mixing in float32. Channel MLP, per layer:
//   all blocks give the normalised rows of their points to the 4 blocks of their group (y);
//   h_j = gelu(y W1_j^T + b1_j), out_j = h_j W2_j^T for all 64 rows, a chunk of h_j at a time;
//   the rows of out_j go to their owners: x = x + b2 + sum_j out_j, their own j first, then in
//   order.
// Rows go through distributed shared memory. Weights of slice j are wanted by blocks (0, j) and
// (1, j): each fetches half of them for both (TMA multicast). The input layer is such a contraction
// of slices of its inputs; the head's outputs are shared out over the slices.
//
// A thread of a third warpgroup keeps kStages stages of weights on their way, past all barriers;
// two warpgroups multiply (wgmma). Instances by N, the outputs of the second layer that a warpgroup
// computes at once: mixer_hopper64 up to width 128 (mote-s), mixer_hopper128 up to width 512
// (pips).
//
// Layout: as mixer.cu; weights as HopperMixerParams says. Grid: 8 ceil(points / 16), 384 threads.
// Dynamic shared memory (HopperTile, and 1 KB to align it): 230,840 bytes (N 128), 124,360 (N 64).
// Operations: 2 (parameters of the products) a row; bytes: every cluster reads all weights once
// from L2 (kernels/README.md).
#include "mixer_hopper_rows.cuh"

// A group's first point, and how many of its 8 exist. Asked for where it is wanted: the products
// leave no registers to keep it.
struct GroupPoints {
  int first;
  int count;

  __device__ __forceinline__ GroupPoints(const MixerParams& p, uint32_t rank) {
    constexpr int kGroupPoints = kSlices * kOwnPoints;
    first = static_cast<int>(blockIdx.x) / kClusterBlocks * kClusterPoints +
            static_cast<int>(rank) / kSlices * kGroupPoints;
    const int left = at<const CallHeader>(p.call)->count - first;
    count = left < 0 ? 0 : left < kGroupPoints ? left : kGroupPoints;
  }
};

// h = this slice's tiles `from` to `from + tiles` of the group's input rows.
template <int kN>
__device__ __forceinline__ void load_input(const HopperTile<kN>& tile, const MixerParams& p,
                                           int first_column, int tiles, int first_row, int rows) {
  const int vectors = tiles * kTile / 8;
  for (int i = static_cast<int>(threadIdx.x); i < kGroupRows * vectors; i += kMixerThreads) {
    const int row = i / vectors;
    const int column = i % vectors * 8;
    uint4 v = make_uint4(0, 0, 0, 0);
    if (row < rows && first_column + column < p.in_pitch) {
      v = __ldg(reinterpret_cast<const uint4*>(at<const Half>(p.in) +
                                               static_cast<int64_t>(first_row + row) * p.in_pitch +
                                               first_column + column));
    }
    st_shared(tile.h + swizzled(row, column), v);
  }
}

// hidden = bias of this warpgroup's columns, `first` being the chunk's first.
__device__ __forceinline__ void start_hidden(HopperSums<kHalfChunk>& hidden, const float* bias,
                                             int first, int columns) {
  const int lane_column = first + warp_index() / 4 * kHalfChunk + 2 * (lane_index() % 4);
#pragma unroll
  for (int i = 0; i < kHalfChunk / 2; i++) {
    const int column = lane_column + i / 4 * 8 + i % 2;
    hidden[i] = column < columns ? __ldg(bias + column) : 0.0f;
    pin(hidden[i]);
  }
}

// h = gelu(hidden) of this warpgroup's columns.
__device__ __forceinline__ void activate(uint32_t h, const HopperSums<kHalfChunk>& hidden) {
  const int lane_column = warp_index() / 4 * kHalfChunk + 2 * (lane_index() % 4);
  const int lane_row = warp_index() % 4 * 16 + lane_index() / 4;
#pragma unroll
  for (int n = 0; n < kHalfChunk / 8; n++) {
    if (n % 2 == 0) {
      __syncwarp();  // few at a time: all at once take more registers than there are
    }
#pragma unroll
    for (int i = 0; i < 2; i++) {
      const float* v = hidden + 4 * n + 2 * i;
      st_shared(h + swizzled(lane_row + 8 * i, lane_column + 8 * n) + lane_column % 8 * 2,
                cvt_f16x2(gelu(v[0]), gelu(v[1])));
    }
  }
}

// The head's outputs of this slice, for the points or rows that exist.
template <int kN>
__device__ __forceinline__ void hopper_head(HopperProducts<kN>& products,
                                            const HopperMixerParams& p, uint32_t rank) {
  const GroupPoints points(p.mixer, rank);
  const int rows_of_point = p.mixer.mean != 0 ? 1 : kWindow;
  const int first = points.first * rows_of_point;
  const int rows = points.count * rows_of_point;
  const int outputs = p.mixer.outputs;
  const int slice = static_cast<int>(rank % kSlices);
  float* out = at<float>(p.mixer.out) + static_cast<int64_t>(first) * outputs;
#pragma unroll 1
  for (int chunk = 0; chunk < p.head_chunks; chunk++) {
    HopperSums<kHalfChunk> sums;
    clear(sums);
    products.expand(sums, p.width_tiles);
    const int from = (slice * p.head_chunks + chunk) * kChunk + warp_index() / 4 * kHalfChunk;
#pragma unroll
    for (int i = 0; i < kHalfChunk / 2; i++) {
      const int row = warp_index() % 4 * 16 + lane_index() / 4 + i % 4 / 2 * 8;
      const int column = from + i / 4 * 8 + 2 * (lane_index() % 4) + i % 2;
      if (row < rows && column < outputs) {
        out[static_cast<int64_t>(row) * outputs + column] =
            sums[i] + at<const float>(p.mixer.head_bias)[column];
      }
    }
  }
}

// out = this slice of the input layer, for the points that exist.
template <int kN>
__device__ __forceinline__ void input_slice(HopperProducts<kN>& products,
                                            HopperSums<kN> (&out)[HopperShape<kN>::kParts],
                                            const HopperMixerParams& p, uint32_t rank) {
  const GroupPoints points(p.mixer, rank);
  const int slice = static_cast<int>(rank % kSlices);
  constexpr int kMostTiles = kHiddenChunks * kChunkTiles;
#pragma unroll 1
  for (int from = 0; from < p.input_tiles; from += kMostTiles) {
    const int left = p.input_tiles - from;
    const int tiles = left < kMostTiles ? left : kMostTiles;
    consumers_meet();  // h was read
    load_input(products.tile, p.mixer, (slice * p.input_tiles + from) * kTile, tiles,
               points.first * kWindow, points.count * kWindow);
    fence_proxy_async();
    consumers_meet();  // h is whole
    products.contract(out, products.tile.h, tiles);
  }
}

// out = this slice of a block's channel MLP.
template <int kN>
__device__ __forceinline__ void channel_slice(HopperProducts<kN>& products,
                                              HopperSums<kN> (&out)[HopperShape<kN>::kParts],
                                              const HopperMixerParams& p, const MixerBlock& block,
                                              int slice) {
#pragma unroll 1
  for (int chunk = 0; chunk < p.chunks; chunk++) {
    const uint32_t h = products.tile.h + chunk % kHiddenChunks * kChunkTiles * kTileBytes;
    HopperSums<kHalfChunk> hidden;
    start_hidden(hidden, at<const float>(block.channel1_bias), (slice * p.chunks + chunk) * kChunk,
                 p.mixer.hidden);
    products.expand(hidden, p.width_tiles);
    activate(h, hidden);
    fence_proxy_async();
    consumers_meet();  // h is whole, the chunk before was read
    products.contract(out, h, kChunkTiles);
  }
}

// All that the two warpgroups do.
template <int kN>
__device__ __forceinline__ void consume(const HopperTile<kN>& tile, const HopperMixerParams& p,
                                        uint32_t rank) {
  const int slice = static_cast<int>(rank % kSlices);
  HopperProducts<kN> products(tile, rank);
  GroupBarrier group(tile.met, rank);
#pragma unroll 1
  for (int i = -1; i < p.mixer.depth; i++) {
    HopperSums<kN> out[HopperShape<kN>::kParts];
    uint64_t bias = p.mixer.input_bias;
    if (i < 0) {
      clear(out);
      input_slice(products, out, p, rank);
    } else {
      const MixerBlock& block = at<const MixerBlock>(p.mixer.blocks)[i];
      bias = block.channel2_bias;
      mix_own(tile, p.mixer, block);
      share_norm(tile, group, rank, p, block.norm2_weight, block.norm2_bias, false);
      clear(out);
      channel_slice(products, out, p, block, slice);
    }
    exchange(tile, group, out, rank, at<const float>(bias), p.mixer, i < 0);
  }
  share_norm(tile, group, rank, p, p.mixer.norm_weight, p.mixer.norm_bias, p.mixer.mean != 0);
  hopper_head(products, p, rank);
}

template <int kN>
__device__ __forceinline__ void mix_cluster(const HopperMixerParams& p) {
  using Shape = HopperShape<kN>;
  MOTE_DYNAMIC_SHARED(float, shared);
  const uint32_t rank = cluster_rank();
  const int count = at<const CallHeader>(p.mixer.call)->count;
  const int cluster = static_cast<int>(blockIdx.x) / kClusterBlocks * kClusterPoints;
  bool any = cluster < count && p.mixer.active == 0;
  for (int i = cluster; i < cluster + kClusterPoints && i < count && !any; i++) {
    any = at<const int32_t>(p.mixer.active)[i] != 0;
  }
  if (!any) {
    return;  // the whole cluster
  }
  const HopperTile<kN> tile(shared);
  if (threadIdx.x == 0) {
    for (int stage = 0; stage < Shape::kStages; stage++) {
      mbarrier_init(tile.full + 8 * stage, 1);
      mbarrier_init(tile.empty + 8 * stage, 2 * kMixerWarps);
    }
    mbarrier_init(tile.met, kSlices * kMixerWarps);
    fence_mbarrier_init();
  }
  __syncwarp();
  cluster_arrive();
  cluster_wait();  // every block is there, and its mbarriers
  if (warp_index() >= kMixerWarps) {
    setmaxnreg_dec<24>();
    if (threadIdx.x == kMixerThreads) {
      produce(tile, p, rank);
    }
    __syncwarp();
  } else {
    setmaxnreg_inc<240>();
    consume(tile, p, rank);
  }
  cluster_arrive();
  cluster_wait();  // nobody writes to this block's memory any more
}

extern "C" __global__ void __cluster_dims__(kClusterBlocks, 1, 1)
    __launch_bounds__(kHopperThreads, 1)
        mote_mixer_hopper64_f16(const __grid_constant__ HopperMixerParams p) {
  mix_cluster<64>(p);
}

extern "C" __global__ void __cluster_dims__(kClusterBlocks, 1, 1)
    __launch_bounds__(kHopperThreads, 1)
        mote_mixer_hopper128_f16(const __grid_constant__ HopperMixerParams p) {
  mix_cluster<128>(p);
}
