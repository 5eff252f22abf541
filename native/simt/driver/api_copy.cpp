// Driver calls: copies and fills, at once or in stream order. As with the real driver, an
// asynchronous copy from pageable memory has read it when the call returns, and one to pageable
// memory has arrived; pinned memory is touched when the stream gets there.
#include <cstring>
#include <memory>
#include <vector>

#include "context.h"
#include "host_memory.h"
#include "memory.h"

using mote::simt::Action;
using mote::simt::Context;
using mote::simt::DeviceMemory;
using mote::simt::guarded;
using mote::simt::HostMemory;
using mote::simt::need;
using mote::simt::Stream;

namespace {

enum class Side { kHost, kDevice };

// One copy, its ranges checked.
struct Transfer {
  CUdeviceptr to;
  CUdeviceptr from;
  std::size_t bytes;
  Side to_side;
  Side from_side;

  void check() const {
    for (const auto& [address, side] : {std::pair(to, to_side), std::pair(from, from_side)}) {
      if (side == Side::kDevice) {
        DeviceMemory::instance().need_range(address, bytes);
      } else {
        need(address != 0, CUDA_ERROR_INVALID_VALUE, "host address is missing; give one");
      }
    }
  }
  void run() const {
    check();
    std::memmove(reinterpret_cast<void*>(to), reinterpret_cast<const void*>(from), bytes);
    DeviceMemory& memory = DeviceMemory::instance();
    if (to_side == Side::kDevice && from_side == Side::kDevice) {
      memory.copy_states(to, from, bytes);
    } else if (to_side == Side::kDevice) {
      memory.mark_written(to, bytes);
    }
  }
};

Side side_of(CUdeviceptr address) {
  return DeviceMemory::instance().holds(reinterpret_cast<void*>(address)) ? Side::kDevice
                                                                          : Side::kHost;
}

CUdeviceptr address_of(const void* pointer) { return reinterpret_cast<CUdeviceptr>(pointer); }

bool pageable(CUdeviceptr address, std::size_t bytes, Side side) {
  return side == Side::kHost &&
         HostMemory::instance().find(reinterpret_cast<void*>(address), bytes) == nullptr;
}

CUresult copy(const char* call, const Transfer& transfer) {
  return guarded(call, [&] {
    Context& context = Context::current();
    if (transfer.bytes > 0) {
      transfer.check();
      context.run_now([&] { transfer.run(); });
    }
  });
}

CUresult copy_async(const char* call, Transfer transfer, CUstream handle) {
  return guarded(call, [&] {
    Stream& stream = Context::current().stream(handle);
    if (transfer.bytes == 0) {
      return;
    }
    transfer.check();
    const bool at_once = stream.capture == nullptr;
    if (at_once && pageable(transfer.from, transfer.bytes, transfer.from_side)) {
      const auto* begin = reinterpret_cast<const std::byte*>(transfer.from);
      const auto staged = std::make_shared<std::vector<std::byte>>(begin, begin + transfer.bytes);
      transfer.from = address_of(staged->data());
      stream.submit(Action{CU_GRAPH_NODE_TYPE_MEMCPY, [transfer, staged] { transfer.run(); }, {}});
    } else {
      stream.submit(Action{CU_GRAPH_NODE_TYPE_MEMCPY, [transfer] { transfer.run(); }, {}});
    }
    if (at_once && pageable(transfer.to, transfer.bytes, transfer.to_side)) {
      stream.drain();
    }
  });
}

// `count` elements of 1, 2 or 4 bytes.
template <typename T>
void fill(CUdeviceptr to, T value, std::size_t count) {
  DeviceMemory::instance().need_range(to, count * sizeof(T));
  std::fill_n(reinterpret_cast<T*>(to), count, value);
  DeviceMemory::instance().mark_written(to, count * sizeof(T));
}

template <typename T>
void check_fill(CUdeviceptr to, std::size_t count) {
  DeviceMemory::instance().need_range(to, count * sizeof(T));
  need(to % sizeof(T) == 0, CUDA_ERROR_INVALID_VALUE,
       "address is not aligned to the element; align it");
}

template <typename T>
CUresult set(const char* call, CUdeviceptr to, T value, std::size_t count) {
  return guarded(call, [&] {
    Context& context = Context::current();
    if (count > 0) {
      check_fill<T>(to, count);
      context.run_now([&] { fill(to, value, count); });
    }
  });
}

template <typename T>
CUresult set_async(const char* call, CUdeviceptr to, T value, std::size_t count, CUstream handle) {
  return guarded(call, [&] {
    Stream& stream = Context::current().stream(handle);
    if (count > 0) {
      check_fill<T>(to, count);
      stream.submit(
          Action{CU_GRAPH_NODE_TYPE_MEMSET, [to, value, count] { fill(to, value, count); }, {}});
    }
  });
}

}  // namespace

extern "C" {

CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void* from, std::size_t bytes) {
  return copy("cuMemcpyHtoD_v2", {to, address_of(from), bytes, Side::kDevice, Side::kHost});
}
CUresult cuMemcpyDtoH_v2(void* to, CUdeviceptr from, std::size_t bytes) {
  return copy("cuMemcpyDtoH_v2", {address_of(to), from, bytes, Side::kHost, Side::kDevice});
}
CUresult cuMemcpyDtoD_v2(CUdeviceptr to, CUdeviceptr from, std::size_t bytes) {
  return copy("cuMemcpyDtoD_v2", {to, from, bytes, Side::kDevice, Side::kDevice});
}
CUresult cuMemcpy(CUdeviceptr to, CUdeviceptr from, std::size_t bytes) {
  return copy("cuMemcpy", {to, from, bytes, side_of(to), side_of(from)});
}

CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, std::size_t bytes,
                              CUstream stream) {
  return copy_async("cuMemcpyHtoDAsync_v2",
                    {to, address_of(from), bytes, Side::kDevice, Side::kHost}, stream);
}
CUresult cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, std::size_t bytes, CUstream stream) {
  return copy_async("cuMemcpyDtoHAsync_v2",
                    {address_of(to), from, bytes, Side::kHost, Side::kDevice}, stream);
}
CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, std::size_t bytes,
                              CUstream stream) {
  return copy_async("cuMemcpyDtoDAsync_v2", {to, from, bytes, Side::kDevice, Side::kDevice},
                    stream);
}
CUresult cuMemcpyAsync(CUdeviceptr to, CUdeviceptr from, std::size_t bytes, CUstream stream) {
  return copy_async("cuMemcpyAsync", {to, from, bytes, side_of(to), side_of(from)}, stream);
}

CUresult cuMemsetD8_v2(CUdeviceptr to, unsigned char value, std::size_t count) {
  return set("cuMemsetD8_v2", to, value, count);
}
CUresult cuMemsetD16_v2(CUdeviceptr to, unsigned short value, std::size_t count) {
  return set("cuMemsetD16_v2", to, value, count);
}
CUresult cuMemsetD32_v2(CUdeviceptr to, unsigned int value, std::size_t count) {
  return set("cuMemsetD32_v2", to, value, count);
}
CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, std::size_t count, CUstream stream) {
  return set_async("cuMemsetD8Async", to, value, count, stream);
}
CUresult cuMemsetD16Async(CUdeviceptr to, unsigned short value, std::size_t count,
                          CUstream stream) {
  return set_async("cuMemsetD16Async", to, value, count, stream);
}
CUresult cuMemsetD32Async(CUdeviceptr to, unsigned int value, std::size_t count, CUstream stream) {
  return set_async("cuMemsetD32Async", to, value, count, stream);
}
}
