#include "memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "../block.h"
#include "failure.h"
#include "options.h"

namespace mote::simt {
namespace {

constexpr std::size_t kPage = 4096;
constexpr int kUnwrittenByte = 0xFF;
constexpr auto kGuardByte = static_cast<unsigned char>(0xA5);

std::size_t round_up(std::size_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

void* reserve(std::size_t bytes, int protection) {
  void* memory =
      mmap(nullptr, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    throw Failure(CUDA_ERROR_OUT_OF_MEMORY,
                  "address space is missing: bytes=" + std::to_string(bytes) +
                      "; lift the limit on virtual memory (ulimit -v)");
  }
  return memory;
}

// Guard bytes next to an allocation that each wait looks at.
constexpr std::size_t kWatched = 256;

// The first byte of [begin, end) that is no guard byte, or null.
const unsigned char* damaged(const std::byte* begin, const std::byte* end) {
  const auto* first = reinterpret_cast<const unsigned char*>(begin);
  const auto* last = reinterpret_cast<const unsigned char*>(end);
  const auto* found = std::find_if(first, last, [](unsigned char c) { return c != kGuardByte; });
  return found == last ? nullptr : found;
}

}  // namespace

DeviceMemory& DeviceMemory::instance() {
  static auto& memory = *new DeviceMemory();
  return memory;
}

DeviceMemory::DeviceMemory()
    : base_(static_cast<std::byte*>(reserve(kReserved, PROT_NONE))),
      states_(static_cast<uint8_t*>(reserve(kReserved, PROT_READ | PROT_WRITE))) {}

std::size_t DeviceMemory::total() const {
  return static_cast<std::size_t>(options().memory_mib) << 20;
}

std::byte* DeviceMemory::allocate(std::size_t bytes, Context& owner) {
  need(bytes > 0, CUDA_ERROR_INVALID_VALUE, "memory has no size: bytes=0; ask for 1 or more");
  const std::size_t free = total() - std::min(used_, total());
  if (bytes > free) {
    throw Failure(CUDA_ERROR_OUT_OF_MEMORY,
                  "device memory is spent: bytes=" + std::to_string(bytes) +
                      ", free=" + std::to_string(free) + "; free something");
  }
  const std::size_t mapped = kGuard + round_up(bytes + kGuard / 2);
  if (next_ + mapped > kReserved) {
    throw Failure(CUDA_ERROR_OUT_OF_MEMORY,
                  "device addresses are spent: bytes=" + std::to_string(bytes) +
                      "; addresses are not used twice: start a new process");
  }
  std::byte* begin = base_ + next_;
  if (mprotect(begin, mapped, PROT_READ | PROT_WRITE) != 0) {
    throw Failure(CUDA_ERROR_OUT_OF_MEMORY,
                  "host memory is spent: bytes=" + std::to_string(bytes) + "; free something");
  }
  next_ += mapped + kGuard;  // the page after stays inaccessible
  std::byte* data = begin + kGuard;
  std::memset(begin, kGuardByte, kGuard);
  std::memset(data, kUnwrittenByte, bytes);
  std::memset(data + bytes, kGuardByte, mapped - kGuard - bytes);
  std::memset(states(data), kUnwritten, bytes);
  allocations_[data] = Allocation{data, bytes, mapped, &owner};
  used_ += bytes;
  return data;
}

void DeviceMemory::release(Allocation& allocation) {
  std::memset(states(allocation.data), kFreed, allocation.bytes);
  std::byte* begin = allocation.data - kGuard;
  // Whoever still uses it is stopped by the processor.
  madvise(begin, allocation.mapped, MADV_DONTNEED);
  mprotect(begin, allocation.mapped, PROT_NONE);
  used_ -= allocation.bytes;
  allocation.owner = nullptr;
}

void DeviceMemory::free(std::byte* data) {
  const auto found = allocations_.find(data);
  if (found == allocations_.end() || found->second.owner == nullptr) {
    throw Failure(CUDA_ERROR_INVALID_VALUE,
                  std::string(found == allocations_.end() ? "address is no allocation's begin"
                                                          : "memory has been freed before") +
                      ": address=" + hexadecimal(reinterpret_cast<uintptr_t>(data)) +
                      "; free each allocation once");
  }
  release(found->second);
}

void DeviceMemory::free_all(const Context& owner) {
  for (auto& [data, allocation] : allocations_) {
    if (allocation.owner == &owner) {
      release(allocation);
    }
  }
}

const Allocation* DeviceMemory::around(const void* address) const {
  const auto* byte = static_cast<const std::byte*>(address);
  auto found = allocations_.upper_bound(byte + kGuard);
  if (found == allocations_.begin()) {
    return nullptr;
  }
  const Allocation& allocation = (--found)->second;
  return byte >= allocation.data - kGuard && byte < allocation.data - kGuard + allocation.mapped
             ? &allocation
             : nullptr;
}

const Allocation& DeviceMemory::need_range(CUdeviceptr address, std::size_t bytes) const {
  const auto* begin = reinterpret_cast<const std::byte*>(address);
  const Allocation* allocation = around(begin);
  if (allocation == nullptr || allocation->owner == nullptr || begin < allocation->data ||
      begin + bytes > allocation->data + allocation->bytes) {
    throw Failure(CUDA_ERROR_INVALID_VALUE,
                  "range is not inside of a device allocation: address=" + hexadecimal(address) +
                      ", bytes=" + std::to_string(bytes) + "; stay inside");
  }
  return *allocation;
}

std::optional<std::string> DeviceMemory::damage(const Context& owner) const {
  for (const auto& [data, allocation] : allocations_) {
    if (allocation.owner != &owner) {
      continue;
    }
    const std::byte* end = data + allocation.bytes;
    const unsigned char* found = damaged(data - kWatched, data);
    if (found == nullptr) {
      found = damaged(end, end + kWatched);
    }
    if (found != nullptr) {
      const auto offset = reinterpret_cast<const std::byte*>(found) - data;
      return "memory beside an allocation was written: allocation=" +
             hexadecimal(reinterpret_cast<uintptr_t>(data)) +
             ", bytes=" + std::to_string(allocation.bytes) + ", offset=" + std::to_string(offset) +
             "; run with MOTE_SIMT_CHECK=1 to see which thread did it";
    }
  }
  return std::nullopt;
}

void DeviceMemory::mark_written(CUdeviceptr address, std::size_t bytes) {
  std::memset(states(reinterpret_cast<void*>(address)), kWritten, bytes);
}

void DeviceMemory::copy_states(CUdeviceptr to, CUdeviceptr from, std::size_t bytes) {
  std::memmove(states(reinterpret_cast<void*>(to)), states(reinterpret_cast<void*>(from)), bytes);
}

}  // namespace mote::simt
