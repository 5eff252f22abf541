// The calls of execution.h, handed to the block that the calling thread belongs to.
#include "execution.h"

#include <cstring>

#include "block.h"
#include "cluster.h"

using mote::simt::Block;
using mote::simt::Copy;
using mote::simt::FaultKind;
using mote::simt::kWarp;

namespace {

struct Shuffle {
  mote_simt_shuffle_kind kind;
  uint32_t value;
  uint32_t operand;
  int width;
  uint32_t result;
};

struct Vote {
  int predicate;
  uint32_t result;
};

Block& block() { return *mote_simt_self->block; }

// The lane that `lane` reads, PTX's shfl with the clamp that the CUDA intrinsics give it.
int source_lane(const Shuffle& shuffle, int lane) {
  const int first = lane & ~(shuffle.width - 1);
  const auto operand = static_cast<int>(shuffle.operand);
  switch (shuffle.kind) {
    case kShuffleIndex:
      return first + (operand & (shuffle.width - 1));
    case kShuffleXor: {
      // Reading a later segment gives the lane's own value, an earlier one is read.
      const int source = lane ^ operand;
      return source < first + shuffle.width ? source : lane;
    }
    case kShuffleUp:
      return lane - operand >= first ? lane - operand : lane;
    default:
      return lane + operand < first + shuffle.width ? lane + operand : lane;
  }
}

void finish_shuffle(uint32_t mask, void* const* operands) {
  for (uint32_t left = mask; left != 0; left &= left - 1) {
    const int lane = __builtin_ctz(left);
    auto& shuffle = *static_cast<Shuffle*>(operands[lane]);
    const int source = source_lane(shuffle, lane);
    if (source < 0 || source >= kWarp || (mask >> source & 1) == 0) {
      block().fail(FaultKind::kMisuse, "shuffle reads a lane that takes no part",
                   "lane=" + std::to_string(lane) + ", source=" + std::to_string(source) +
                       ", mask=" + mote::simt::hexadecimal(mask),
                   "let the source lane execute the shuffle too");
    }
    shuffle.result = static_cast<Shuffle*>(operands[source])->value;
  }
}

void finish_vote(uint32_t mask, void* const* operands) {
  uint32_t result = 0;
  for (uint32_t left = mask; left != 0; left &= left - 1) {
    const int lane = __builtin_ctz(left);
    if (static_cast<Vote*>(operands[lane])->predicate != 0) {
      result |= uint32_t{1} << lane;
    }
  }
  for (uint32_t left = mask; left != 0; left &= left - 1) {
    static_cast<Vote*>(operands[__builtin_ctz(left)])->result = result;
  }
}

}  // namespace

extern "C" {

int mote_simt_barrier(int predicate) { return block().barrier(predicate); }

void mote_simt_converge(uint32_t mask, mote_simt_finish finish, void* operands) {
  block().converge(mask, finish, operands);
}

void mote_simt_finish_syncwarp(uint32_t, void* const*) {}

void mote_simt_syncwarp(uint32_t mask) {
  block().converge(mask, mote_simt_finish_syncwarp, nullptr);
}

uint32_t mote_simt_shuffle(uint32_t mask, mote_simt_shuffle_kind kind, uint32_t value,
                           uint32_t operand, int width) {
  if (width < 1 || width > kWarp || (width & (width - 1)) != 0) {
    block().fail(FaultKind::kMisuse, "shuffle's width is no power of two up to 32",
                 "width=" + std::to_string(width), "give 1, 2, 4, 8, 16 or 32");
  }
  Shuffle shuffle{kind, value, operand, width, 0};
  block().converge(mask, finish_shuffle, &shuffle);
  return shuffle.result;
}

uint32_t mote_simt_ballot(uint32_t mask, int predicate) {
  Vote vote{predicate, 0};
  block().converge(mask, finish_vote, &vote);
  return vote.result;
}

void* mote_simt_static_shared(const void* key, std::size_t bytes, std::size_t alignment) {
  return block().static_shared(key, bytes, alignment);
}

void* mote_simt_dynamic_shared() { return block().shared() + mote::simt::kReservedShared; }

uint32_t mote_simt_shared_address(const void* generic) {
  const auto* address = static_cast<const std::byte*>(generic);
  const std::byte* window = block().shared();
  if (address < window || address > window + block().shared_end()) {
    block().fail(FaultKind::kIllegalAddress, "pointer is not into shared memory",
                 "address=" + mote::simt::hexadecimal(reinterpret_cast<uintptr_t>(generic)),
                 "convert only pointers into shared arrays");
  }
  return static_cast<uint32_t>(address - window);
}

void* mote_simt_shared_pointer(uint32_t address) {
  if (address < mote::simt::kReservedShared || address > block().shared_end()) {
    block().fail(
        FaultKind::kIllegalAddress, "shared address is outside of the block's window",
        "address=" + std::to_string(address) + ", end=" + std::to_string(block().shared_end()),
        "stay inside of the shared arrays");
  }
  return block().shared() + address;
}

void mote_simt_copy_async(void* shared, const void* global, uint32_t bytes, uint32_t source_bytes) {
  const auto to = reinterpret_cast<uintptr_t>(shared);
  const auto from = reinterpret_cast<uintptr_t>(global);
  if ((bytes != 4 && bytes != 8 && bytes != 16) || source_bytes > bytes || to % bytes != 0 ||
      from % bytes != 0) {
    block().fail(
        FaultKind::kIllegalAddress, "cp.async is not aligned to its size",
        "bytes=" + std::to_string(bytes) + ", source_bytes=" + std::to_string(source_bytes) +
            ", shared=" + mote::simt::hexadecimal(to) + ", global=" + mote::simt::hexadecimal(from),
        "align both addresses to 4, 8 or 16 bytes");
  }
  block().copy_async(Copy{shared, global, bytes, source_bytes});
}

void mote_simt_commit_copies() { block().commit_copies(); }
void mote_simt_wait_copies(uint32_t pending) { block().wait_groups(pending); }
void mote_simt_wait_all_copies() { block().wait_all_copies(); }

void mote_simt_named_barrier(uint32_t id, uint32_t threads) { block().named_barrier(id, threads); }

uint32_t mote_simt_cluster_rank() { return block().rank(); }
void mote_simt_cluster_arrive() { block().cluster().arrive(); }
void mote_simt_cluster_wait() { block().cluster().wait(); }
uint32_t mote_simt_mapa(uint32_t address, uint32_t rank) {
  return block().cluster().map(address, rank);
}

void mote_simt_store_cluster(uint32_t address, const void* bytes) {
  if (address % 16 != 0) {
    mote_simt_misaligned("st.shared::cluster", address);
  }
  std::memcpy(block().cluster().block_of(address).written_bytes(address, 16), bytes, 16);
}

void mote_simt_mbarrier_init(uint32_t address, uint32_t count) {
  block().init_mbarrier(address, count);
}
void mote_simt_mbarrier_arrive(uint32_t address, uint32_t expected_bytes) {
  block().cluster().block_of(address).change_mbarrier(address, 1, expected_bytes);
}
void mote_simt_mbarrier_wait(uint32_t address, uint32_t parity) {
  block().wait_mbarrier(address, parity);
}

void mote_simt_wgmma_f16(float* sums, int columns, uint64_t a, uint64_t b) {
  block().issue_wgmma({sums, columns, a, b});
}
void mote_simt_wgmma_fence() { block().fence_wgmma(); }
void mote_simt_wgmma_commit() { block().commit_wgmma(); }
void mote_simt_wgmma_wait(uint32_t pending) { block().wait_wgmma(pending); }

void mote_simt_misaligned(const char* instruction, uint32_t address) {
  block().fail(FaultKind::kIllegalAddress, std::string(instruction) + "'s address is misaligned",
               "shared_address=" + std::to_string(address), "align it to 16 bytes");
}

void mote_simt_trap() {
  block().fail(FaultKind::kTrap, "kernel trapped", "", "see the check before its __trap");
}
}
