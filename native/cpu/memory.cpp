#include "memory.h"

#include <sys/mman.h>

#include <cstdio>
#include <cstring>
#include <new>

namespace mote {
namespace {

constexpr int64_t kHugePage = 2 << 20;
constexpr int64_t kPage = 4096;

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

// Fresh pages of the system, aligned to a huge page; what is mapped for the alignment is given
// back.
uint8_t* map_pages(int64_t size) {
  const auto length = static_cast<size_t>(size + kHugePage);
  void* mapped = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) {
    throw std::bad_alloc();
  }
  auto* first = static_cast<uint8_t*>(mapped);
  const auto before =
      static_cast<int64_t>(-reinterpret_cast<uintptr_t>(first) % static_cast<uintptr_t>(kHugePage));
  if (before > 0) {
    munmap(first, static_cast<size_t>(before));
  }
  munmap(first + before + size, static_cast<size_t>(kHugePage - before));
  return first + before;
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
  uint8_t* block = map_pages(size);
  madvise(block, static_cast<size_t>(size), MADV_HUGEPAGE);
  // Touched here, by all threads, so that no call waits for the system to clear pages.
#pragma omp parallel for schedule(static)
  for (int64_t page = 0; page < size; page += kPage) {
    *static_cast<volatile uint8_t*>(block + page) = 0;
  }
  return block;
}

void release(void* block, int64_t bytes) {
  if (block == nullptr) {
    return;
  }
  if (rounded(bytes) >= kHugePage) {
    munmap(block, static_cast<size_t>(rounded(bytes)));
  } else {
    ::operator delete(block, std::align_val_t(64));
  }
}

}  // namespace mote
