// Host memory that the device may copy from and to while the caller goes on.
#pragma once

#include <cstddef>
#include <map>

namespace mote::simt {

class Context;

struct HostRange {
  std::byte* data;
  std::size_t bytes;
  unsigned flags;
  bool registered;  // the caller's own, not ours to free
  const Context* owner;
};

class HostMemory {
 public:
  static HostMemory& instance();

  std::byte* allocate(std::size_t bytes, unsigned flags, const Context& owner);
  void free(std::byte* data);
  void add(std::byte* data, std::size_t bytes, unsigned flags, const Context& owner);
  void remove(std::byte* data);
  // At the owner's end: frees, and forgets what was registered.
  void free_all(const Context& owner);
  // The pinned range that holds all of the bytes, or null: they are pageable.
  const HostRange* find(const void* address, std::size_t bytes) const;

 private:
  std::map<const std::byte*, HostRange> ranges_;
};

}  // namespace mote::simt
