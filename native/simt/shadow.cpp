#include "shadow.h"

#include <algorithm>

namespace mote::simt {

AccessHook access_hook = nullptr;

namespace {

// Stands for no thread of the block.
constexpr uint16_t kOutside = 0xFFFF;

}  // namespace

void Shadow::begin_block(uint32_t threads) {
  first_epoch_ = ++epoch_;
  arrays_.clear();
  lane_epochs_.assign(threads, 0);
  syncs_ = 0;
}

void Shadow::add_array(std::size_t offset, std::size_t bytes) {
  arrays_.push_back(Array{offset, offset + bytes});
}

void Shadow::sync(uint32_t first_thread, uint32_t mask) {
  syncs_++;
  for (uint32_t left = mask; left != 0; left &= left - 1) {
    lane_epochs_[first_thread + static_cast<uint32_t>(__builtin_ctz(left))] = syncs_;
  }
}

bool Shadow::concurrent(const Stamp& stamp, uint32_t thread) const {
  if (stamp.epoch != epoch_ || stamp.thread == thread) {
    return false;
  }
  const bool same_warp = stamp.thread / 32u == thread / 32u;
  return !(same_warp && lane_epochs_[stamp.thread] > stamp.lane_epoch &&
           lane_epochs_[thread] > stamp.lane_epoch);
}

void Shadow::note_read(Cell& cell, const Stamp& stamp) const {
  Stamp& first = cell.reads[0];
  const bool free = first.epoch != epoch_ || first.thread == stamp.thread;
  (free ? first : cell.reads[1]) = stamp;
}

void Shadow::write_from_outside(std::size_t offset, std::size_t bytes) {
  for (std::size_t i = offset; i < offset + bytes; i++) {
    cells_[i].write = Stamp{epoch_, 0, kOutside, false};
  }
}

Shadow::Wrong Shadow::access(uint32_t thread, std::size_t offset, std::size_t bytes,
                             Access access) {
  const bool inside = std::any_of(arrays_.begin(), arrays_.end(), [&](const Array& array) {
    return offset >= array.begin && offset + bytes <= array.end;
  });
  if (!inside) {
    return {Wrong::kOutside, offset, 0, access};
  }
  const bool atomic = access == Access::kAtomic;
  const Stamp stamp{epoch_, lane_epochs_[thread], static_cast<uint16_t>(thread), atomic};
  for (std::size_t i = offset; i < offset + bytes; i++) {
    Cell& cell = cells_[i];
    if (access != Access::kWrite && cell.write.epoch < first_epoch_) {
      return {Wrong::kUnwritten, i, 0, access};
    }
    if (concurrent(cell.write, thread) && !(atomic && cell.write.atomic)) {
      return {Wrong::kRace, i, cell.write.thread, Access::kWrite};
    }
    if (access == Access::kRead) {
      note_read(cell, stamp);
      continue;
    }
    for (const Stamp& read : cell.reads) {
      if (concurrent(read, thread)) {
        return {Wrong::kRace, i, read.thread, Access::kRead};
      }
    }
    cell.write = stamp;
  }
  return {Wrong::kNothing, 0, 0, access};
}

}  // namespace mote::simt
