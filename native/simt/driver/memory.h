// Device memory: host memory at addresses that are never handed out twice, with guard bytes around
// every allocation, and for the checked build a record of which bytes are there and written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "cuda_types.h"

namespace mote::simt {

class Context;

// What the checked build knows of a byte of device memory.
enum ByteState : uint8_t { kOutside = 0, kUnwritten = 1, kWritten = 2, kFreed = 3 };

struct Allocation {
  std::byte* data;
  std::size_t bytes;
  std::size_t mapped;  // from the page before data on
  Context* owner;      // null once freed
};

class DeviceMemory {
 public:
  static constexpr std::size_t kGuard = 4096;

  // The one of this process.
  static DeviceMemory& instance();

  // Memory with bytes 0xFF, aligned to 4096. CUDA_ERROR_OUT_OF_MEMORY beyond options().memory_mib.
  std::byte* allocate(std::size_t bytes, Context& owner);
  // CUDA_ERROR_INVALID_VALUE where it is no allocation's begin. The address is never used again.
  void free(std::byte* data);
  void free_all(const Context& owner);

  // The allocation, freed or not, whose guards or bytes hold the address; null: none.
  const Allocation* around(const void* address) const;
  // CUDA_ERROR_INVALID_VALUE unless the range lies in one living allocation.
  const Allocation& need_range(CUdeviceptr address, std::size_t bytes) const;
  // What was written beside the owner's allocations; none: nothing.
  std::optional<std::string> damage(const Context& owner) const;

  std::size_t used() const { return used_; }
  std::size_t total() const;

  bool holds(const void* address) const {
    const auto* byte = static_cast<const std::byte*>(address);
    return byte >= base_ && byte < base_ + kReserved;
  }
  // One ByteState per byte; address must be held.
  uint8_t* states(const void* address) const {
    return states_ + (static_cast<const std::byte*>(address) - base_);
  }
  // For copies and fills that the driver makes.
  void mark_written(CUdeviceptr address, std::size_t bytes);
  void copy_states(CUdeviceptr to, CUdeviceptr from, std::size_t bytes);

 private:
  static constexpr std::size_t kReserved = std::size_t{1} << 40;

  DeviceMemory();
  void release(Allocation& allocation);

  std::byte* base_;
  uint8_t* states_;
  std::size_t next_ = kGuard;
  std::size_t used_ = 0;
  std::map<const std::byte*, Allocation> allocations_;  // by begin of data
};

}  // namespace mote::simt
