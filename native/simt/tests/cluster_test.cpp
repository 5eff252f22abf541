// Clusters, distributed shared memory, mbarriers, named barriers and TMA, and what is made wrong
// with them.
#include <cstring>
#include <vector>

#include "../ptx_hopper_twins.h"
#include "../tensor_map.h"
#include "launch.h"

namespace mote::test {
namespace {

constexpr unsigned kBlocks = 4;  // of a cluster

struct Params {
  int32_t* out;
};

// Each block gives its number to all blocks of its cluster.
__global__ void exchange_kernel(const Params p) {
  MOTE_SHARED(uint4, numbers, kBlocks);
  const uint32_t rank = cluster_rank();
  const uint32_t at = shared_address(numbers) + 16 * rank;
  cluster_arrive();
  cluster_wait();
  if (threadIdx.x < kBlocks) {
    st_cluster(mapa(at, threadIdx.x), make_uint4(blockIdx.x, 0, 0, 0));
  }
  cluster_arrive();
  cluster_wait();
  if (threadIdx.x < kBlocks) {
    p.out[blockIdx.x * kBlocks + threadIdx.x] = static_cast<int32_t>(numbers[threadIdx.x].x);
  }
}

void check_exchange() {
  std::vector<int32_t> out(12 * kBlocks, -1);
  check_text(launch(exchange_kernel, Params{out.data()}, 12, 64, 0, kBlocks), "", "cluster");
  for (unsigned block = 0; block < 12; block++) {
    for (unsigned i = 0; i < kBlocks; i++) {
      check(out[block * kBlocks + i] == static_cast<int32_t>(block / kBlocks * kBlocks + i),
            "number from block " + std::to_string(i) + " in " + std::to_string(block));
    }
  }
}

// Block 1 hands 5 numbers to block 0 through one place: full and empty take turns by parity.
__global__ void ring_kernel(const Params p) {
  MOTE_SHARED(uint4, place, 1);
  MOTE_SHARED(uint64_t, barriers, 2);
  const uint32_t full = shared_address(barriers);
  const uint32_t empty = full + 8;
  if (threadIdx.x == 0) {
    mbarrier_init(full, 32);
    mbarrier_init(empty, 1);
    fence_mbarrier_init();
  }
  __syncwarp();
  cluster_arrive();
  cluster_wait();
  for (uint32_t i = 0; i < 5; i++) {
    if (cluster_rank() == 1) {
      while (!mbarrier_try_wait(empty, i % 2 ^ 1)) {
      }
      if (threadIdx.x == 0) {
        st_cluster(mapa(shared_address(place), 0), make_uint4(10 + i, 0, 0, 0));
      }
      __syncwarp();
      mbarrier_arrive_cluster(mapa(full, 0));
    } else {
      while (!mbarrier_try_wait(full, i % 2)) {
      }
      p.out[32 * i + threadIdx.x] = static_cast<int32_t>(place[0].x);
      __syncwarp();
      if (threadIdx.x == 0) {
        mbarrier_arrive_cluster(mapa(empty, 1));
      }
    }
  }
  cluster_arrive();
  cluster_wait();
}

void check_ring() {
  std::vector<int32_t> out(160, -1);
  check_text(launch(ring_kernel, Params{out.data()}, 2, 32, 0, 2), "", "ring");
  for (std::size_t i = 0; i < out.size(); i++) {
    check(out[i] == static_cast<int32_t>(10 + i / 32), "ring " + std::to_string(i));
  }
}

// Warps 0 and 1 meet three times while warps 2 and 3 do once.
__global__ void named_kernel(const Params p) {
  const bool first = threadIdx.x < 64;
  for (int round = 0; round < (first ? 3 : 1); round++) {
    atomicAdd(p.out + (first ? round : 3), 1);
    named_barrier(first ? 1 : 2, 64);
    if (p.out[first ? round : 3] != 64) {
      __trap();
    }
  }
}

struct TensorParams {
  mote::simt::TensorMap map;
  uint16_t* out;  // blocks x 512 elements of shared memory as they lie
  int32_t* early;
  int32_t column, row;
};

// Block 0 loads a box of 8 rows of 64 elements for all blocks.
__global__ void tensor_kernel(const TensorParams p) {
  MOTE_DYNAMIC_SHARED(uint16_t, box);
  MOTE_SHARED(uint64_t, full, 1);
  alignas(64) const mote::simt::TensorMap map = p.map;
  const uint32_t barrier = shared_address(full);
  if (threadIdx.x == 0) {
    mbarrier_init(barrier, 1);
    fence_mbarrier_init();
  }
  __syncwarp();
  cluster_arrive();
  cluster_wait();
  if (threadIdx.x == 0) {
    if (cluster_rank() == 0) {
      tma_load_2d_multicast(shared_address(box), &map, p.column, p.row, barrier,
                            (1u << kBlocks) - 1);
    }
    // In the other blocks the bytes may come before they are expected.
    mbarrier_arrive_expect(barrier, 1024);
    atomicAdd(p.early, box[0] != 0xFFFF);
  }
  while (!mbarrier_try_wait(barrier, 0)) {
  }
  for (unsigned i = threadIdx.x; i < 512; i += 32) {
    p.out[cluster_rank() * 512 + i] = box[i];
  }
  cluster_arrive();
  cluster_wait();
}

// Element (row, column) of the matrix of 20 rows of 64 is 64 row + column.
void check_tensor(int32_t column, int32_t row) {
  std::vector<uint16_t> matrix(64 * 20);
  for (std::size_t i = 0; i < matrix.size(); i++) matrix[i] = static_cast<uint16_t>(i);
  TensorParams params{};
  params.map.mark = mote::simt::TensorMap::kMark;
  params.map.address = reinterpret_cast<uintptr_t>(matrix.data());
  params.map.strides[0] = 128;
  params.map.sizes[0] = 64;
  params.map.sizes[1] = 20;
  params.map.box[0] = 64;
  params.map.box[1] = 8;
  params.map.rank = 2;
  params.map.element_bytes = 2;
  params.map.swizzle = 128;
  std::vector<uint16_t> out(kBlocks * 512, 7);
  int32_t early = 0;
  params.out = out.data();
  params.early = &early;
  params.column = column;
  params.row = row;
  check_text(launch(tensor_kernel, params, kBlocks, 32, 1024, kBlocks), "", "TMA");
  check(early == 0, "TMA writes before it is waited for");
  for (int block = 0; block < static_cast<int>(kBlocks); block++) {
    for (int r = 0; r < 8; r++) {
      for (int c = 0; c < 64; c++) {
        // Piece c / 8 of row r lies at c / 8 ^ r.
        const int at = block * 512 + r * 64 + ((c / 8) ^ r) * 8 + c % 8;
        const bool inside = row + r >= 0 && row + r < 20 && column + c >= 0 && column + c < 64;
        const int expected = inside ? 64 * (row + r) + column + c : 0;
        check(out[static_cast<std::size_t>(at)] == expected, "TMA block " + std::to_string(block) +
                                                                 " row " + std::to_string(r) +
                                                                 " column " + std::to_string(c));
      }
    }
  }
}

enum Misuse {
  kNotInitialised,
  kForEver,
  kTooMany,
  kEnded,
  kNoRank,
  kTwice,
  kAlone,
  kDifferent,
  kHalves
};

struct MisuseParams {
  Misuse misuse;
};

__global__ void misuse_kernel(const MisuseParams p) {
  MOTE_SHARED(uint64_t, barriers, 2);
  const uint32_t barrier = shared_address(barriers);
  switch (p.misuse) {
    case kNotInitialised:
      mbarrier_arrive_expect(barrier, 0);
      break;
    case kForEver:
      mbarrier_init(barrier, 2);
      mbarrier_arrive_expect(barrier, 0);
      mbarrier_try_wait(barrier, 0);
      break;
    case kTooMany:
      mbarrier_init(barrier, 1);
      mbarrier_arrive_expect(barrier, 16);
      mbarrier_arrive_expect(barrier, 16);
      break;
    case kEnded:
      if (cluster_rank() == 1) {
        st_cluster(mapa(barrier, 0), make_uint4(0, 0, 0, 0));
      }
      break;
    case kNoRank:
      mapa(barrier, 2);
      break;
    case kTwice:
      cluster_arrive();
      cluster_arrive();
      break;
    case kAlone:
      cluster_wait();
      break;
    case kDifferent:
      named_barrier(1, threadIdx.x == 0 ? 64 : 32);
      break;
    case kHalves:
      cluster_arrive();
      break;
  }
}

void check_misuse(Misuse misuse, unsigned threads, const std::string& text) {
  check_text(launch(misuse_kernel, {misuse}, 2, threads, 0, 2), text, "misuse of a cluster");
}

}  // namespace

void test_clusters() {
  check_exchange();
  check_ring();
  std::vector<int32_t> counts(4);
  check_text(launch(named_kernel, Params{counts.data()}, 1, 128), "", "named barriers");
  check_tensor(0, 3);
  check_tensor(0, -2);
  check_tensor(0, 15);
  check_tensor(-8, 0);
  check_tensor(40, 0);
  const std::string first = ": kernel=test, block=(0,0,0), thread=(0,0,0), ";
  check_misuse(kNotInitialised, 1,
               "mbarrier was not initialised" + first +
                   "rank=0, shared_address=1088; initialise it, and let the cluster meet, before "
                   "it is used");
  check_misuse(kForEver, 1,
               "the threads of a block wait for each other for ever: kernel=test, block=(1,0,0), "
               "thread=(0,0,0), at_barrier=0, at_warp_operation=0, ended=0, threads=1, rank=1, "
               "at_named_barrier=0, at_cluster_barrier=0, at_mbarrier=1, first_mbarrier=1088; let "
               "all threads reach the same barriers, and all lanes of a mask the same operation");
  check_misuse(kTooMany, 1,
               "mbarrier gets more than it can count" + first +
                   "rank=0, arrivals=1, missing=0, bytes=32; let as many arrive in a phase as it "
                   "was initialised for");
  check_misuse(kEnded, 1,
               "shared memory is of no running block of the cluster: kernel=test, block=(1,0,0), "
               "thread=(0,0,0), address=0x1000440, rank=0, blocks=2; map addresses to ranks of the "
               "cluster; let no block end before the others' last access to it");
  check_misuse(kNoRank, 1,
               "mapa needs an address of the own block and a rank of the cluster" + first +
                   "address=0x440, rank=2, blocks=2; give a shared::cta address and a rank below "
                   "the number of blocks");
  check_misuse(kTwice, 1,
               "thread arrives twice at the cluster's barrier: kernel=test, block=(0,0,0), "
               "thread=(0,0,0); wait between two arrivals");
  check_misuse(kAlone, 1,
               "thread waits at the cluster's barrier without arriving: kernel=test, "
               "block=(0,0,0), thread=(0,0,0); arrive first");
  check_misuse(kDifferent, 64,
               "threads meet at a named barrier with different numbers: kernel=test, "
               "block=(0,0,0), thread=(1,0,0), id=1, barrier_threads=32, others=64; give the same "
               "number everywhere");
  check_misuse(kHalves, 1,
               "thread ends between the halves of the cluster's barrier: kernel=test, "
               "block=(0,0,0), thread=(0,0,0); wait after every arrival");
}

}  // namespace mote::test
