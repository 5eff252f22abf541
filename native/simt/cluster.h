// A cluster at work: its blocks run together on one CPU thread, each a fibre per thread, and reach
// each other's shared memory. A block without a cluster is a cluster of one.
#pragma once

#include <memory>
#include <vector>

#include "block.h"

namespace mote::simt {

class Cluster {
 public:
  // A shared::cluster address: the block's rank + 1 above the offset into its window. Without a
  // rank it is a shared::cta address, the calling thread's own block's.
  static constexpr uint32_t kRankShift = 24;

  Cluster() = default;
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  // The cluster of that index in its grid. False where a thread ended the launch; *fault says how.
  bool run(const Launch& launch, uint64_t index, Fault* fault);

  unsigned size() const { return size_; }
  // The block that a shared::cluster address is of; ends the launch where it is none of this
  // cluster, or has ended.
  Block& block_of(uint32_t address);
  // The address of the same place in the block of that rank.
  uint32_t map(uint32_t address, uint32_t rank);
  // barrier.cluster, of the calling thread.
  void arrive();
  void wait();

 private:
  friend class Block;

  // A fibre of another block than that of the rank, or null.
  Fibre* next(unsigned rank);
  bool ended() const { return ended_ == threads_; }
  void thread_ended();
  void complete();

  std::vector<std::unique_ptr<Block>> blocks_;
  unsigned size_ = 0;
  uint32_t threads_ = 0;
  uint32_t ended_ = 0;
  uint32_t arrived_ = 0;
  int64_t phase_ = 0;
  StackPointer outside_ = nullptr;
  Fault* fault_ = nullptr;
  bool failed_ = false;
};

}  // namespace mote::simt
