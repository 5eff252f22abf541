// How a block ends a launch: what the person who wrote the kernel reads.
#include <algorithm>
#include <cstdio>

#include "block.h"
#include "cluster.h"

namespace mote::simt {
namespace {

std::string triple(unsigned x, unsigned y, unsigned z) {
  return "(" + std::to_string(x) + "," + std::to_string(y) + "," + std::to_string(z) + ")";
}

}  // namespace

std::string hexadecimal(uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

void Block::fail(FaultKind kind, const std::string& reason, const std::string& values,
                 const std::string& remedy) {
  const Thread& self = *mote_simt_self;
  const uint3 index = place_.block_idx;
  Fault* const fault = cluster_.fault_;
  fault->kind = kind;
  fault->text = reason + ": kernel=" + launch_->name +
                ", block=" + triple(index.x, index.y, index.z) +
                ", thread=" + triple(self.thread_idx.x, self.thread_idx.y, self.thread_idx.z) +
                (values.empty() ? "" : ", ") + values + "; " + remedy;
  cluster_.failed_ = true;
  StackPointer abandoned;
  mote_simt_switch(&abandoned, cluster_.outside_);
  __builtin_unreachable();
}

void Block::fail_exit() {
  fail(FaultKind::kMisuse, "threads have ended before a barrier at which others wait",
       "ended=" + std::to_string(ended_) + ", waiting=" + std::to_string(arrived_),
       "let every thread of the block reach every __syncthreads");
}

void Block::fail_stuck() {
  const auto at = [this](Wait wait) {
    return std::to_string(std::count(waits_.begin(), waits_.begin() + count_, wait));
  };
  std::string more;
  if (cluster_.size() > 1 || !mbarrier_waits_.empty() || at(Wait::kNamed) != "0") {
    more = ", rank=" + std::to_string(rank_) + ", at_named_barrier=" + at(Wait::kNamed) +
           ", at_cluster_barrier=" + at(Wait::kCluster) + ", at_mbarrier=" + at(Wait::kMbarrier);
    if (!mbarrier_waits_.empty()) {
      more += ", first_mbarrier=" + std::to_string(mbarrier_waits_[0].address);
    }
  }
  fail(FaultKind::kMisuse, "the threads of a block wait for each other for ever",
       "at_barrier=" + std::to_string(arrived_) + ", at_warp_operation=" + at(Wait::kWarp) +
           ", ended=" + std::to_string(ended_) + ", threads=" + std::to_string(count_) + more,
       "let all threads reach the same barriers, and all lanes of a mask the same operation");
}

}  // namespace mote::simt
