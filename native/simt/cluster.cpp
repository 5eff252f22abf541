#include "cluster.h"

namespace mote::simt {

bool Cluster::run(const Launch& launch, uint64_t index, Fault* fault) {
  size_ = launch.cluster;
  fault_ = fault;
  failed_ = false;
  arrived_ = ended_ = 0;
  phase_ = 0;
  threads_ = size_ * launch.block.x * launch.block.y * launch.block.z;
  const uint64_t across = launch.grid.x / size_;
  for (unsigned rank = 0; rank < size_; rank++) {
    if (blocks_.size() == rank) {
      blocks_.push_back(std::make_unique<Block>(*this, rank));
    }
    blocks_[rank]->prepare(launch, uint3{static_cast<unsigned>(index % across * size_ + rank),
                                         static_cast<unsigned>(index / across % launch.grid.y),
                                         static_cast<unsigned>(index / across / launch.grid.y)});
  }
  Fibre* first = blocks_[0]->next();
  Thread* const caller = mote_simt_self;
  mote_simt_switch(&outside_, first->context);
  mote_simt_self = caller;
  for (unsigned rank = 0; failed_ && rank < size_; rank++) {
    blocks_[rank]->reset_stacks();  // what lies on them is abandoned
  }
  return !failed_;
}

Fibre* Cluster::next(unsigned rank) {
  for (unsigned i = 1; i < size_; i++) {
    Fibre* fibre = blocks_[(rank + i) % size_]->next();
    if (fibre != nullptr) {
      return fibre;
    }
  }
  return nullptr;
}

Block& Cluster::block_of(uint32_t address) {
  Block& own = *mote_simt_self->block;
  const uint32_t rank = address >> kRankShift;
  if (rank == 0) {
    return own;
  }
  if (rank > size_ || blocks_[rank - 1]->ended()) {
    own.fail(FaultKind::kIllegalAddress, "shared memory is of no running block of the cluster",
             "address=" + hexadecimal(address) + ", rank=" + std::to_string(rank - 1) +
                 ", blocks=" + std::to_string(size_),
             "map addresses to ranks of the cluster; let no block end before the others' last "
             "access to it");
  }
  return *blocks_[rank - 1];
}

uint32_t Cluster::map(uint32_t address, uint32_t rank) {
  Block& own = *mote_simt_self->block;
  if (rank >= size_ || address >> kRankShift != 0) {
    own.fail(FaultKind::kMisuse, "mapa needs an address of the own block and a rank of the cluster",
             "address=" + hexadecimal(address) + ", rank=" + std::to_string(rank) +
                 ", blocks=" + std::to_string(size_),
             "give a shared::cta address and a rank below the number of blocks");
  }
  return (rank + 1) << kRankShift | address;
}

void Cluster::arrive() {
  const Thread& self = *mote_simt_self;
  int64_t& phase = self.block->cluster_phases_[self.index];
  if (phase >= 0) {
    self.block->fail(FaultKind::kMisuse, "thread arrives twice at the cluster's barrier", "",
                     "wait between two arrivals");
  }
  phase = phase_;
  arrived_++;
  if (arrived_ + ended_ == threads_) {
    complete();
  }
}

void Cluster::wait() {
  const Thread& self = *mote_simt_self;
  int64_t& phase = self.block->cluster_phases_[self.index];
  if (phase < 0) {
    self.block->fail(FaultKind::kMisuse, "thread waits at the cluster's barrier without arriving",
                     "", "arrive first");
  }
  const int64_t arrived = phase;
  phase = -1;
  if (arrived == phase_) {
    self.block->park(Block::Wait::kCluster);
  }
}

void Cluster::thread_ended() {
  ended_++;
  if (arrived_ > 0 && arrived_ + ended_ == threads_) {
    complete();
  }
}

void Cluster::complete() {
  arrived_ = 0;
  phase_++;
  for (unsigned rank = 0; rank < size_; rank++) {
    Block& block = *blocks_[rank];
    block.order_all();
    for (uint32_t i = 0; i < block.count_; i++) {
      if (block.waits_[i] == Block::Wait::kCluster) {
        block.make_ready(i);
      }
    }
  }
}

}  // namespace mote::simt
