#include "block.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "cluster.h"

__thread mote::simt::Thread* mote_simt_self = nullptr;

namespace mote::simt {

Block::Block(Cluster& cluster, unsigned rank) : cluster_(cluster), rank_(rank) {
  void* memory = mmap(nullptr, kWindow, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    throw std::bad_alloc();
  }
  shared_ = static_cast<std::byte*>(memory);
}

Block::~Block() { munmap(shared_, kWindow); }

// Threads' own data, from block to block the same where the shape is.
void Block::shape(dim3 block) {
  if (place_.block_dim.x == block.x && place_.block_dim.y == block.y &&
      place_.block_dim.z == block.z) {
    return;
  }
  place_.block_dim = block;
  count_ = block.x * block.y * block.z;
  if (threads_.size() < count_) {
    threads_.resize(count_);
    waits_.resize(count_);
    fibres_.resize(count_);
    warps_.resize((count_ + kWarp - 1) / kWarp);
    copies_.resize(count_);
    wgmmas_.resize(count_);
    cluster_phases_.resize(count_);
    ready_.resize(count_);
  }
  if (!stacks_ || stacks_->count() < static_cast<int>(count_)) {
    stacks_ = std::make_unique<Stacks>(static_cast<int>(count_), this);
    reset_stacks();
  }
  for (uint32_t i = 0; i < count_; i++) {
    threads_[i] = Thread{uint3{i % block.x, i / block.x % block.y, i / block.x / block.y}, i,
                         i % kWarp, &place_, this};
  }
}

void Block::reset_stacks() {
  idle_.clear();
  for (int i = stacks_->count() - 1; i >= 0; i--) {
    (*stacks_)[i].reset(fibre_body);
    idle_.push_back(&(*stacks_)[i]);
  }
}

void Block::prepare(const Launch& launch, uint3 index) {
  launch_ = &launch;
  shape(launch.block);
  place_.block_idx = index;
  place_.grid_dim = launch.grid;
  started_ = ended_ = arrived_ = 0;
  predicates_ = 0;
  ready_begin_ = ready_count_ = 0;
  std::fill(waits_.begin(), waits_.end(), Wait::kNothing);
  std::fill(cluster_phases_.begin(), cluster_phases_.end(), -1);
  mbarrier_waits_.clear();
  tensor_copies_.clear();
  for (NamedBarrier& barrier : named_) {
    barrier.waiting.clear();
  }
  if (any_wgmmas_) {
    for (Wgmmas& wgmmas : wgmmas_) {
      wgmmas = Wgmmas();
    }
    any_wgmmas_ = false;
  }
  for (uint32_t first = 0; first < count_; first += kWarp) {
    Warp& warp = warps_[first / kWarp];
    warp.waiting = 0;
    warp.live = count_ - first >= kWarp ? ~uint32_t{0} : (uint32_t{1} << (count_ - first)) - 1;
  }
  if (any_copies_) {
    for (Copies& copies : copies_) {
      copies = Copies();
    }
    any_copies_ = false;
  }
  statics_.clear();
  shared_used_ = launch.dynamic_shared;
  shared_end_ = kReservedShared + launch.dynamic_shared;
  if (access_hook != nullptr) {
    if (!shadow_) {
      shadow_ = std::make_unique<Shadow>(kWindow);
    }
    shadow_->begin_block(count_);
    shadow_->add_array(kReservedShared, launch.dynamic_shared);
  }
  std::memset(shared_ + kReservedShared, kUnwrittenByte, launch.dynamic_shared);
}

void Block::fibre_body(Fibre* fibre) { static_cast<Block*>(fibre->owner())->work(fibre); }

void Block::work(Fibre* fibre) {
  for (;;) {
    // Where nobody waits, one stack serves all threads without a switch.
    while (ready_count_ == 0 && started_ < count_) {
      const uint32_t thread = started_++;
      fibres_[thread] = fibre;
      mote_simt_self = &threads_[thread];
      launch_->kernel(launch_->parameters);
      end_thread();
    }
    Fibre* to = next_anywhere();
    if (to == nullptr && !cluster_.ended()) {
      fail_stuck();
    }
    idle_.push_back(fibre);
    mote_simt_switch(&fibre->context, to == nullptr ? cluster_.outside_ : to->context);
  }
}

void Block::end_thread() {
  const Thread& self = *mote_simt_self;
  if (any_copies_) {
    wait_all_copies();
  }
  end_asynchronous();
  ended_++;
  cluster_.thread_ended();
  if (arrived_ > 0 && arrived_ + ended_ == count_) {
    fail_exit();
  }
  Warp& warp = warps_[self.index / kWarp];
  warp.live &= ~(uint32_t{1} << self.lane);
  // Lanes that have ended are no longer waited for.
  for (uint32_t left = warp.waiting; left != 0;) {
    const uint32_t mask = warp.arrivals[__builtin_ctz(left)].mask;
    if ((warp.waiting & mask) == (warp.live & mask)) {
      complete_warp(warp, mask, self.index - self.lane);
    }
    left &= ~mask;
  }
}

Fibre* Block::next() {
  if (ready_count_ > 0) {
    const uint32_t thread = ready_[ready_begin_];
    ready_begin_ = ready_begin_ + 1 == ready_.size() ? 0 : ready_begin_ + 1;
    ready_count_--;
    return fibres_[thread];
  }
  if (started_ < count_) {
    Fibre* fibre = idle_.back();
    idle_.pop_back();
    return fibre;
  }
  return nullptr;
}

Fibre* Block::next_anywhere() {
  Fibre* fibre = next();
  return fibre == nullptr ? cluster_.next(rank_) : fibre;
}

void Block::make_ready(uint32_t thread) {
  waits_[thread] = Wait::kNothing;
  const std::size_t end = ready_begin_ + ready_count_;
  ready_[end < ready_.size() ? end : end - ready_.size()] = thread;
  ready_count_++;
}

void Block::park(Wait wait) {
  const uint32_t thread = mote_simt_self->index;
  waits_[thread] = wait;
  Fibre* to = next_anywhere();
  if (to == nullptr) {
    fail_stuck();
  }
  mote_simt_switch(&fibres_[thread]->context, to->context);
  mote_simt_self = &threads_[thread];
}

int Block::barrier(int predicate) {
  predicates_ += predicate != 0;
  arrived_++;
  if (arrived_ + ended_ < count_) {
    park(Wait::kBarrier);
    return last_predicates_;
  }
  if (ended_ > 0) {
    fail_exit();
  }
  arrived_ = 0;
  last_predicates_ = predicates_;
  predicates_ = 0;
  order_all();
  for (uint32_t i = 0; i < count_; i++) {
    if (waits_[i] == Wait::kBarrier) {
      make_ready(i);
    }
  }
  return last_predicates_;
}

void Block::converge(uint32_t mask, mote_simt_finish finish, void* operands) {
  const Thread& self = *mote_simt_self;
  const uint32_t bit = uint32_t{1} << self.lane;
  if ((mask & bit) == 0) {
    fail(FaultKind::kMisuse, "lane is not in its own mask",
         "mask=" + hexadecimal(mask) + ", lane=" + std::to_string(self.lane),
         "name every lane that executes the operation");
  }
  Warp& warp = warps_[self.index / kWarp];
  warp.arrivals[self.lane] = Arrival{mask, finish, operands};
  warp.waiting |= bit;
  if ((warp.waiting & mask) == (warp.live & mask)) {
    complete_warp(warp, mask, self.index - self.lane);
  } else {
    park(Wait::kWarp);
  }
}

void Block::complete_warp(Warp& warp, uint32_t mask, uint32_t first_thread) {
  const uint32_t present = warp.live & mask;
  if (present == 0) {
    return;
  }
  const Arrival& model = warp.arrivals[__builtin_ctz(present)];
  void* operands[kWarp];
  for (uint32_t left = present; left != 0; left &= left - 1) {
    const int lane = __builtin_ctz(left);
    const Arrival& arrival = warp.arrivals[lane];
    if (arrival.mask != mask || arrival.finish != model.finish) {
      fail(FaultKind::kMisuse, "lanes of a warp meet at different operations or masks",
           "lane=" + std::to_string(lane) + ", mask=" + hexadecimal(arrival.mask) +
               ", other_mask=" + hexadecimal(mask),
           "let all lanes of a mask execute the same operation with that mask");
    }
    operands[lane] = arrival.operands;
  }
  model.finish(present, operands);
  if (shadow_ && model.finish == mote_simt_finish_syncwarp) {
    shadow_->sync(first_thread, present);
  }
  warp.waiting &= ~present;
  const uint32_t self = mote_simt_self->index;
  for (uint32_t left = present; left != 0; left &= left - 1) {
    const uint32_t thread = first_thread + static_cast<uint32_t>(__builtin_ctz(left));
    if (thread != self) {
      make_ready(thread);
    }
  }
}

}  // namespace mote::simt
