// What goes on beside a block's threads or across its cluster: mbarriers, named barriers, TMA, and
// the order in which wgmmas are waited for.
#include "block.h"
#include "cluster.h"

namespace mote::simt {
namespace {

// An mbarrier's 64 bits, as much as the device keeps: phase's parity, arrivals that are missing,
// arrivals of a phase, bytes that are missing (negative: came before they were expected), a mark.
constexpr int kPending = 1;
constexpr int kExpected = 21;
constexpr int kBytes = 41;
constexpr int kMark = 62;
constexpr uint64_t kInitialised = 1;
constexpr uint32_t kMostArrivals = (1u << 20) - 1;
constexpr int64_t kMostBytes = (1 << 20) - 1;

struct State {
  uint32_t parity;
  uint32_t pending;
  uint32_t expected;
  int64_t bytes;
};

State unpack(uint64_t word) {
  return {static_cast<uint32_t>(word & 1), static_cast<uint32_t>(word >> kPending) & kMostArrivals,
          static_cast<uint32_t>(word >> kExpected) & kMostArrivals,
          static_cast<int64_t>(word << (64 - kMark)) >> (64 - kMark + kBytes)};
}

uint64_t pack(const State& state) {
  const uint64_t bytes =
      static_cast<uint64_t>(state.bytes) & ((uint64_t{1} << (kMark - kBytes)) - 1);
  return state.parity | uint64_t{state.pending} << kPending |
         uint64_t{state.expected} << kExpected | bytes << kBytes | kInitialised << kMark;
}

Block& calling() { return *mote_simt_self->block; }

}  // namespace

std::byte* Block::shared_bytes(uint32_t address, std::size_t bytes) {
  const uint32_t offset = address & ((uint32_t{1} << Cluster::kRankShift) - 1);
  if (offset < kReservedShared || offset + bytes > shared_end_) {
    calling().fail(FaultKind::kIllegalAddress, "shared address is outside of the block's window",
                   "address=" + std::to_string(offset) + ", bytes=" + std::to_string(bytes) +
                       ", end=" + std::to_string(shared_end_),
                   "stay inside of the shared arrays");
  }
  return shared_ + offset;
}

std::byte* Block::written_bytes(uint32_t address, std::size_t bytes) {
  std::byte* const to = shared_bytes(address, bytes);
  if (shadow_) {
    shadow_->write_from_outside(static_cast<std::size_t>(to - shared_), bytes);
  }
  return to;
}

void Block::order_all() {
  if (shadow_) {
    shadow_->barrier();
  }
}

void Block::named_barrier(uint32_t id, uint32_t threads) {
  if (id >= 16 || threads == 0 || threads % kWarp != 0 || threads > count_) {
    fail(FaultKind::kMisuse, "named barrier cannot be",
         "id=" + std::to_string(id) + ", barrier_threads=" + std::to_string(threads) +
             ", threads=" + std::to_string(count_),
         "give an id below 16 and whole warps of the block");
  }
  NamedBarrier& barrier = named_[id];
  if (!barrier.waiting.empty() && barrier.threads != threads) {
    fail(FaultKind::kMisuse, "threads meet at a named barrier with different numbers",
         "id=" + std::to_string(id) + ", barrier_threads=" + std::to_string(threads) +
             ", others=" + std::to_string(barrier.threads),
         "give the same number everywhere");
  }
  barrier.threads = threads;
  if (barrier.waiting.size() + 1 < threads) {
    barrier.waiting.push_back(mote_simt_self->index);
    park(Wait::kNamed);
    return;
  }
  order_all();
  for (const uint32_t thread : barrier.waiting) {
    make_ready(thread);
  }
  barrier.waiting.clear();
}

uint64_t& Block::mbarrier(uint32_t address) {
  auto* const bytes = shared_bytes(address, 8);
  if (address % 8 != 0) {
    calling().fail(FaultKind::kIllegalAddress, "mbarrier is misaligned",
                   "shared_address=" + std::to_string(address), "align it to 8 bytes");
  }
  return *reinterpret_cast<uint64_t*>(bytes);
}

void Block::init_mbarrier(uint32_t address, uint32_t count) {
  if (count == 0 || count > kMostArrivals) {
    fail(FaultKind::kMisuse, "mbarrier cannot wait for so many",
         "count=" + std::to_string(count) + ", most=" + std::to_string(kMostArrivals),
         "give 1 or more");
  }
  uint64_t& word = mbarrier(address);
  written_bytes(address, 8);
  word = pack({0, count, count, 0});
}

void Block::change_mbarrier(uint32_t address, uint32_t arrivals, int64_t bytes) {
  uint64_t& word = mbarrier(address);
  if (word >> kMark != kInitialised) {
    calling().fail(FaultKind::kMisuse, "mbarrier was not initialised",
                   "rank=" + std::to_string(rank_) + ", shared_address=" +
                       std::to_string(address & ((uint32_t{1} << Cluster::kRankShift) - 1)),
                   "initialise it, and let the cluster meet, before it is used");
  }
  State state = unpack(word);
  state.bytes += bytes;
  if (arrivals > state.pending || state.bytes > kMostBytes || state.bytes < -kMostBytes) {
    calling().fail(FaultKind::kMisuse, "mbarrier gets more than it can count",
                   "rank=" + std::to_string(rank_) + ", arrivals=" + std::to_string(arrivals) +
                       ", missing=" + std::to_string(state.pending) +
                       ", bytes=" + std::to_string(state.bytes),
                   "let as many arrive in a phase as it was initialised for");
  }
  state.pending -= arrivals;
  const bool ends = state.pending == 0 && state.bytes == 0;
  if (ends) {
    state.parity ^= 1;
    state.pending = state.expected;
  }
  word = pack(state);
  if (!ends) {
    return;
  }
  order_all();
  const uint32_t offset = static_cast<uint32_t>(reinterpret_cast<std::byte*>(&word) - shared_);
  for (std::size_t i = 0; i < mbarrier_waits_.size();) {
    if (mbarrier_waits_[i].address == offset) {
      make_ready(mbarrier_waits_[i].thread);
      mbarrier_waits_[i] = mbarrier_waits_.back();
      mbarrier_waits_.pop_back();
    } else {
      i++;
    }
  }
}

void Block::wait_mbarrier(uint32_t address, uint32_t parity) {
  change_mbarrier(address, 0, 0);  // it is initialised
  if (unpack(mbarrier(address)).parity != (parity & 1)) {
    return;
  }
  mbarrier_waits_.push_back({mote_simt_self->index, address});
  make_tensor_copies(address);
  // Where what TMA had for it ended the phase, this thread has been made ready.
  park(Wait::kMbarrier);
}

void Block::copy_tensor(TensorCopy copy) {
  change_mbarrier(copy.barrier, 0, 0);
  const uint32_t barrier = copy.barrier;
  tensor_copies_.push_back(std::move(copy));
  for (const MbarrierWait& wait : mbarrier_waits_) {
    if (wait.address == barrier) {
      make_tensor_copies(barrier);
      return;
    }
  }
}

void Block::make_tensor_copies(uint32_t barrier) {
  for (std::size_t i = 0; i < tensor_copies_.size();) {
    if (tensor_copies_[i].barrier != barrier) {
      i++;
      continue;
    }
    const TensorCopy copy = std::move(tensor_copies_[i]);
    tensor_copies_.erase(tensor_copies_.begin() + static_cast<std::ptrdiff_t>(i));
    copy.write();
    change_mbarrier(barrier, 0, -static_cast<int64_t>(copy.bytes));
  }
}

void Block::fence_wgmma() {
  any_wgmmas_ = true;
  wgmmas_[mote_simt_self->index].fenced = true;
}

void Block::issue_wgmma(const Wgmma& wgmma) {
  Wgmmas& wgmmas = wgmmas_[mote_simt_self->index];
  if (!wgmmas.fenced) {
    fail(FaultKind::kMisuse, "wgmma has no wgmma.fence before it", "",
         "fence before the first, and after registers of its sums were touched");
  }
  wgmmas.issued.push_back(wgmma);
}

void Block::commit_wgmma() {
  any_wgmmas_ = true;
  Wgmmas& wgmmas = wgmmas_[mote_simt_self->index];
  wgmmas.groups.push_back(wgmmas.issued.size());
}

void Block::end_asynchronous() {
  const uint32_t self = mote_simt_self->index;
  if (any_wgmmas_ && !wgmmas_[self].issued.empty()) {
    fail(FaultKind::kMisuse, "thread ends with wgmmas that it has not waited for",
         "wgmmas=" + std::to_string(wgmmas_[self].issued.size()), "wait for them");
  }
  if (cluster_phases_[self] >= 0) {
    fail(FaultKind::kMisuse, "thread ends between the halves of the cluster's barrier", "",
         "wait after every arrival");
  }
  if (ended_ + 1 == count_ && !tensor_copies_.empty()) {
    fail(FaultKind::kMisuse, "block ends before TMA has written its memory",
         "copies=" + std::to_string(tensor_copies_.size()), "wait for the mbarriers of all copies");
  }
}

}  // namespace mote::simt
