// Host memory that the device may copy from and to while the caller goes on.
#pragma once

#include <cstddef>
#include <map>

namespace mote::simt {

struct HostRange {
  std::byte* data;
  std::size_t bytes;
  unsigned flags;
  bool registered;  // the caller's own, not ours to free
};

class HostMemory {
 public:
  static HostMemory& instance();

  std::byte* allocate(std::size_t bytes, unsigned flags);
  void free(std::byte* data);
  void add(std::byte* data, std::size_t bytes, unsigned flags);
  void remove(std::byte* data);
  // The pinned range that holds all of the bytes, or null: they are pageable.
  const HostRange* find(const void* address, std::size_t bytes) const;

 private:
  std::map<const std::byte*, HostRange> ranges_;
};

}  // namespace mote::simt
