#include "memory.h"

#include <sys/mman.h>

#include <cstdio>
#include <cstring>
#include <new>

namespace mote {
namespace {

constexpr int64_t kHugePage = 2 << 20;

// Kilobytes that the system says can be given out, or -1 where it does not say.
int64_t available_kib() {
  int64_t kib = -1;
  if (std::FILE* file = std::fopen("/proc/meminfo", "r")) {
    char line[128];
    long long value = 0;
    while (std::fgets(line, sizeof line, file) != nullptr) {
      if (std::sscanf(line, "MemAvailable: %lld kB", &value) == 1) {
        kib = value;
        break;
      }
    }
    std::fclose(file);
  }
  return kib;
}

int64_t rounded(int64_t bytes) {
  const int64_t unit = bytes >= kHugePage ? kHugePage : 64;
  return (bytes + unit - 1) / unit * unit;
}

}  // namespace

void* allocate(int64_t bytes) {
  if (bytes <= 0) {
    return nullptr;
  }
  const int64_t size = rounded(bytes);
  if (size < kHugePage) {
    void* block = ::operator new(static_cast<size_t>(size), std::align_val_t(64));
    std::memset(block, 0, static_cast<size_t>(size));
    return block;
  }
  // Memory is promised by mmap and taken on first touch: asking first is what turns a plan that is
  // too large into an error instead of a killed process.
  const int64_t available = available_kib();
  if (available >= 0 && size / 1024 > available) {
    throw std::bad_alloc();
  }
  void* block = ::operator new(static_cast<size_t>(size), std::align_val_t(kHugePage));
  madvise(block, static_cast<size_t>(size), MADV_HUGEPAGE);
  std::memset(block, 0, static_cast<size_t>(size));
  return block;
}

void release(void* block, int64_t bytes) {
  if (block != nullptr) {
    ::operator delete(block, std::align_val_t(rounded(bytes) >= kHugePage ? kHugePage : 64));
  }
}

}  // namespace mote
