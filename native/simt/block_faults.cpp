// How a block ends a launch: what the person who wrote the kernel reads.
#include <cstdio>

#include "block.h"

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
  fault_->kind = kind;
  fault_->text = reason + ": kernel=" + launch_->name +
                 ", block=" + triple(index.x, index.y, index.z) +
                 ", thread=" + triple(self.thread_idx.x, self.thread_idx.y, self.thread_idx.z) +
                 (values.empty() ? "" : ", ") + values + "; " + remedy;
  failed_ = true;
  StackPointer abandoned;
  mote_simt_switch(&abandoned, outside_);
  __builtin_unreachable();
}

void Block::fail_exit() {
  fail(FaultKind::kMisuse, "threads have ended before a barrier at which others wait",
       "ended=" + std::to_string(ended_) + ", waiting=" + std::to_string(arrived_),
       "let every thread of the block reach every __syncthreads");
}

void Block::fail_stuck() {
  uint32_t at_warp = 0;
  for (uint32_t i = 0; i < count_; i++) {
    at_warp += waits_[i] == Wait::kWarp;
  }
  fail(FaultKind::kMisuse, "the threads of a block wait for each other for ever",
       "at_barrier=" + std::to_string(arrived_) + ", at_warp_operation=" + std::to_string(at_warp) +
           ", ended=" + std::to_string(ended_) + ", threads=" + std::to_string(count_),
       "let all threads reach the same barriers, and all lanes of a mask the same operation");
}

}  // namespace mote::simt
