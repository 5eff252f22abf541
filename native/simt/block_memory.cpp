// A block's shared memory, and the copies into it that go on beside its threads.
#include <cstring>

#include "block.h"

namespace mote::simt {
namespace {

// Between arrays, so that an index that runs out of one does not reach the next.
constexpr std::size_t kGap = 64;

}  // namespace

void* Block::static_shared(const void* key, std::size_t bytes, std::size_t alignment) {
  for (const StaticArray& array : statics_) {
    if (array.key == key) {
      return shared_ + array.offset;
    }
  }
  const std::size_t least = alignment < 16 ? 16 : alignment;
  const std::size_t offset = (shared_end_ + kGap + least - 1) / least * least;
  shared_used_ += (bytes + least - 1) / least * least;
  if (shared_used_ > kMostShared || offset + bytes > kWindow) {
    fail(FaultKind::kMisuse, "shared memory is spent",
         "bytes=" + std::to_string(shared_used_) + ", most=" + std::to_string(kMostShared),
         "use smaller arrays");
  }
  shared_end_ = offset + bytes;
  statics_.push_back(StaticArray{key, offset});
  std::memset(shared_ + offset, kUnwrittenByte, bytes);
  if (shadow_) {
    shadow_->add_array(offset, bytes);
  }
  return shared_ + offset;
}

bool Block::in_window(const void* address) const {
  const auto* byte = static_cast<const std::byte*>(address);
  return byte >= shared_ && byte < shared_ + kWindow;
}

bool Block::own(const void* address, std::size_t bytes) const {
  const auto* begin = static_cast<const std::byte*>(address);
  const auto within = [&](const void* object, std::size_t size) {
    const auto* first = static_cast<const std::byte*>(object);
    return begin >= first && begin + bytes <= first + size;
  };
  return stacks_->holds(address, bytes) || within(threads_.data(), count_ * sizeof(Thread)) ||
         within(&place_, sizeof place_) || within(&mote_simt_self, sizeof mote_simt_self) ||
         within(launch_->parameters, launch_->parameter_bytes);
}

void Block::copy_async(const Copy& copy) {
  any_copies_ = true;
  copies_[mote_simt_self->index].issued.push_back(copy);
}

void Block::commit_copies() {
  any_copies_ = true;
  Copies& copies = copies_[mote_simt_self->index];
  copies.groups.push_back(copies.issued.size());
}

void Block::wait_groups(uint32_t pending) {
  Copies& copies = copies_[mote_simt_self->index];
  const std::size_t groups = copies.groups.size();
  if (groups <= pending) {
    return;
  }
  const std::size_t done = copies.groups[groups - pending - 1];
  make_copies(copies, done);
  copies.groups.erase(copies.groups.begin(), copies.groups.end() - pending);
  for (std::size_t& end : copies.groups) {
    end -= done;
  }
}

void Block::wait_all_copies() {
  Copies& copies = copies_[mote_simt_self->index];
  make_copies(copies, copies.issued.size());
  copies.groups.clear();
}

void Block::make_copies(Copies& copies, std::size_t count) {
  for (std::size_t i = 0; i < count; i++) {
    const Copy& copy = copies.issued[i];
    auto* to = static_cast<std::byte*>(copy.shared);
    if (access_hook != nullptr) {
      access_hook(copy.global, copy.source_bytes, Access::kRead);
      access_hook(copy.shared, copy.bytes, Access::kWrite);
    }
    std::memcpy(to, copy.global, copy.source_bytes);
    std::memset(to + copy.source_bytes, 0, copy.bytes - copy.source_bytes);
  }
  copies.issued.erase(copies.issued.begin(),
                      copies.issued.begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace mote::simt
