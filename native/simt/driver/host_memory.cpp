#include "host_memory.h"

#include <cstdlib>
#include <new>

#include "failure.h"

namespace mote::simt {
namespace {

constexpr std::size_t kPage = 4096;

}  // namespace

HostMemory& HostMemory::instance() {
  static auto& memory = *new HostMemory();
  return memory;
}

std::byte* HostMemory::allocate(std::size_t bytes, unsigned flags, const Context& owner) {
  need(bytes > 0, CUDA_ERROR_INVALID_VALUE, "memory has no size: bytes=0; ask for 1 or more");
  auto* data =
      static_cast<std::byte*>(std::aligned_alloc(kPage, (bytes + kPage - 1) / kPage * kPage));
  if (data == nullptr) {
    throw std::bad_alloc();
  }
  ranges_[data] = HostRange{data, bytes, flags, false, &owner};
  return data;
}

void HostMemory::free(std::byte* data) {
  const auto found = ranges_.find(data);
  need(found != ranges_.end() && !found->second.registered, CUDA_ERROR_INVALID_VALUE,
       "address is no pinned allocation's begin; free each allocation once");
  ranges_.erase(found);
  std::free(data);
}

void HostMemory::add(std::byte* data, std::size_t bytes, unsigned flags, const Context& owner) {
  need(data != nullptr && bytes > 0, CUDA_ERROR_INVALID_VALUE,
       "range to register is empty; give address and size");
  auto after = ranges_.lower_bound(data);
  const bool meets_next = after != ranges_.end() && after->second.data < data + bytes;
  const bool meets_previous = after != ranges_.begin() &&
                              std::prev(after)->second.data + std::prev(after)->second.bytes > data;
  need(!meets_next && !meets_previous, CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED,
       "range overlaps one that is pinned; register memory once");
  ranges_[data] = HostRange{data, bytes, flags, true, &owner};
}

void HostMemory::remove(std::byte* data) {
  const auto found = ranges_.find(data);
  need(found != ranges_.end() && found->second.registered, CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED,
       "range is not registered; unregister what was registered, once");
  ranges_.erase(found);
}

void HostMemory::free_all(const Context& owner) {
  for (auto it = ranges_.begin(); it != ranges_.end();) {
    if (it->second.owner != &owner) {
      ++it;
      continue;
    }
    if (!it->second.registered) {
      std::free(it->second.data);
    }
    it = ranges_.erase(it);
  }
}

const HostRange* HostMemory::find(const void* address, std::size_t bytes) const {
  const auto* begin = static_cast<const std::byte*>(address);
  auto after = ranges_.upper_bound(begin);
  if (after == ranges_.begin()) {
    return nullptr;
  }
  const HostRange& range = std::prev(after)->second;
  return begin + bytes <= range.data + range.bytes ? &range : nullptr;
}

}  // namespace mote::simt
