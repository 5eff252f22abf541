// The checked build: kernels compiled with -fsanitize=thread, without its run-time library. The
// calls that the compiler puts before every access end here and are held against the record of
// device memory, the block's shared memory, and what else a thread may touch.
#include <link.h>

#include <cstring>
#include <vector>

#include "../block.h"
#include "../shadow.h"
#include "host_memory.h"
#include "memory.h"

namespace mote::simt {
namespace {

struct Range {
  uintptr_t begin;
  uintptr_t end;
};

const char* verb(Access access) {
  return access == Access::kRead ? "read" : access == Access::kWrite ? "write" : "atomic";
}

[[noreturn]] void fail(FaultKind kind, const char* reason, uintptr_t address, std::size_t bytes,
                       Access access, const std::string& more, const char* remedy) {
  mote_simt_self->block->fail(kind, reason,
                              std::string("access=") + verb(access) +
                                  ", bytes=" + std::to_string(bytes) +
                                  ", address=" + hexadecimal(address) + more,
                              remedy);
}

// Constants and tables of the libraries that are loaded.
bool in_image(uintptr_t begin, uintptr_t end) {
  Range wanted{begin, end};
  return dl_iterate_phdr(
             [](dl_phdr_info* info, std::size_t, void* data) {
               const auto& range = *static_cast<const Range*>(data);
               for (int i = 0; i < info->dlpi_phnum; i++) {
                 const auto& header = info->dlpi_phdr[i];
                 const uintptr_t first = info->dlpi_addr + header.p_vaddr;
                 if (header.p_type == PT_LOAD && range.begin >= first &&
                     range.end <= first + header.p_memsz) {
                   return 1;
                 }
               }
               return 0;
             },
             &wanted) != 0;
}

std::string nearest(const DeviceMemory& memory, const void* address) {
  const Allocation* allocation = memory.around(address);
  if (allocation == nullptr) {
    return "";
  }
  return ", allocation_bytes=" + std::to_string(allocation->bytes) +
         ", offset=" + std::to_string(static_cast<const std::byte*>(address) - allocation->data);
}

void check_device(const void* address, std::size_t bytes, Access access) {
  const DeviceMemory& memory = DeviceMemory::instance();
  uint8_t* states = memory.states(address);
  const auto number = reinterpret_cast<uintptr_t>(address);
  for (std::size_t i = 0; i < bytes; i++) {
    if (states[i] == kOutside) {
      fail(FaultKind::kIllegalAddress, "access is outside of every device allocation", number,
           bytes, access, nearest(memory, address), "stay inside");
    }
    if (states[i] == kFreed) {
      fail(FaultKind::kIllegalAddress, "device memory has been freed", number, bytes, access,
           nearest(memory, address), "free it after its last use");
    }
    if (access != Access::kWrite && states[i] == kUnwritten) {
      fail(FaultKind::kUnwritten, "device memory was never written", number, bytes, access,
           nearest(memory, address), "write it first");
    }
    if (access != Access::kRead) {
      states[i] = kWritten;
    }
  }
}

void check_shared(Block& block, uintptr_t address, std::size_t bytes, Access access) {
  const std::size_t offset = address - reinterpret_cast<uintptr_t>(block.shared());
  const Shadow::Wrong wrong = block.shadow()->access(mote_simt_self->index, offset, bytes, access);
  const std::string at = ", shared_offset=" + std::to_string(wrong.offset - kReservedShared);
  switch (wrong.kind) {
    case Shadow::Wrong::kNothing:
      return;
    case Shadow::Wrong::kOutside:
      fail(FaultKind::kIllegalAddress, "access is outside of every shared array", address, bytes,
           access, at, "stay inside");
    case Shadow::Wrong::kUnwritten:
      fail(FaultKind::kUnwritten, "shared memory was never written in this block", address, bytes,
           access, at, "write it first");
    case Shadow::Wrong::kRace:
      fail(FaultKind::kRace, "accesses to shared memory have no order", address, bytes, access,
           at + ", other_thread=" + std::to_string(wrong.other) +
               ", other_access=" + verb(wrong.other_access),
           "put a barrier between them");
  }
}

void check_access(const void* address, std::size_t bytes, Access access) {
  if (mote_simt_self == nullptr || bytes == 0) {
    return;
  }
  Block& block = *mote_simt_self->block;
  const auto begin = reinterpret_cast<uintptr_t>(address);
  if (block.own(address, bytes)) {
    return;
  }
  if (block.in_window(address)) {
    check_shared(block, begin, bytes, access);
  } else if (DeviceMemory::instance().holds(address)) {
    check_device(address, bytes, access);
  } else if (HostMemory::instance().find(address, bytes) == nullptr &&
             !(access == Access::kRead && in_image(begin, begin + bytes))) {
    fail(FaultKind::kIllegalAddress, "access is to memory that is no kernel's", begin, bytes,
         access, "", "use device memory");
  }
}

void check_aligned(const void* address, std::size_t bytes, Access access) {
  const auto number = reinterpret_cast<uintptr_t>(address);
  if (mote_simt_self != nullptr && number % bytes != 0) {
    fail(FaultKind::kIllegalAddress, "address is not aligned to the access", number, bytes, access,
         "", "align it");
  }
  check_access(address, bytes, access);
}

}  // namespace
}  // namespace mote::simt

using mote::simt::Access;
using mote::simt::check_access;
using mote::simt::check_aligned;

#define MOTE_ACCESSES(bytes)                                                               \
  void __tsan_read##bytes(void* address) { check_aligned(address, bytes, Access::kRead); } \
  void __tsan_write##bytes(void* address) { check_aligned(address, bytes, Access::kWrite); }
#define MOTE_UNALIGNED(bytes)                         \
  void __tsan_unaligned_read##bytes(void* address) {  \
    check_access(address, bytes, Access::kRead);      \
  }                                                   \
  void __tsan_unaligned_write##bytes(void* address) { \
    check_access(address, bytes, Access::kWrite);     \
  }
#define MOTE_FETCH(bits, type, name, builtin)                                  \
  type __tsan_atomic##bits##_##name(volatile type* address, type value, int) { \
    check_aligned(const_cast<type*>(address), sizeof(type), Access::kAtomic);  \
    return builtin(address, value, __ATOMIC_SEQ_CST);                          \
  }
#define MOTE_EXCHANGE(bits, type, strength, weak)                                               \
  int __tsan_atomic##bits##_compare_exchange_##strength(volatile type* address, type* expected, \
                                                        type desired, int, int) {               \
    check_aligned(const_cast<type*>(address), sizeof(type), Access::kAtomic);                   \
    return __atomic_compare_exchange_n(address, expected, desired, weak, __ATOMIC_SEQ_CST,      \
                                       __ATOMIC_SEQ_CST);                                       \
  }
#define MOTE_ATOMICS(bits, type)                                                    \
  type __tsan_atomic##bits##_load(const volatile type* address, int) {              \
    check_aligned(const_cast<const type*>(address), sizeof(type), Access::kAtomic); \
    return __atomic_load_n(address, __ATOMIC_SEQ_CST);                              \
  }                                                                                 \
  void __tsan_atomic##bits##_store(volatile type* address, type value, int) {       \
    check_aligned(const_cast<type*>(address), sizeof(type), Access::kAtomic);       \
    __atomic_store_n(address, value, __ATOMIC_SEQ_CST);                             \
  }                                                                                 \
  MOTE_FETCH(bits, type, exchange, __atomic_exchange_n)                             \
  MOTE_FETCH(bits, type, fetch_add, __atomic_fetch_add)                             \
  MOTE_FETCH(bits, type, fetch_sub, __atomic_fetch_sub)                             \
  MOTE_FETCH(bits, type, fetch_and, __atomic_fetch_and)                             \
  MOTE_FETCH(bits, type, fetch_or, __atomic_fetch_or)                               \
  MOTE_FETCH(bits, type, fetch_xor, __atomic_fetch_xor)                             \
  MOTE_EXCHANGE(bits, type, strong, false)                                          \
  MOTE_EXCHANGE(bits, type, weak, true)

extern "C" {

// Called as a library of checked kernels is loaded.
void __tsan_init() { mote::simt::access_hook = check_access; }

MOTE_ACCESSES(1)
MOTE_ACCESSES(2)
MOTE_ACCESSES(4)
MOTE_ACCESSES(8)
MOTE_ACCESSES(16)
MOTE_UNALIGNED(2)
MOTE_UNALIGNED(4)
MOTE_UNALIGNED(8)
MOTE_UNALIGNED(16)
void __tsan_read_range(void* address, std::size_t bytes) {
  check_access(address, bytes, Access::kRead);
}
void __tsan_write_range(void* address, std::size_t bytes) {
  check_access(address, bytes, Access::kWrite);
}
MOTE_ATOMICS(8, uint8_t)
MOTE_ATOMICS(16, uint16_t)
MOTE_ATOMICS(32, uint32_t)
MOTE_ATOMICS(64, uint64_t)
void __tsan_atomic_thread_fence(int) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
}
