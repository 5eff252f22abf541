// Driver calls: device memory, pinned host memory, and what a pointer is.
#include "context.h"
#include "host_memory.h"
#include "memory.h"

using mote::simt::Allocation;
using mote::simt::Context;
using mote::simt::DeviceMemory;
using mote::simt::Failure;
using mote::simt::guarded;
using mote::simt::HostMemory;
using mote::simt::HostRange;
using mote::simt::need;
using mote::simt::result;

namespace {

CUdeviceptr address_of(const void* pointer) { return reinterpret_cast<CUdeviceptr>(pointer); }

void free_host(const char* call, void* pointer) {
  Context::current().synchronize();
  Context::current().forbid_capture(call);
  HostMemory::instance().free(static_cast<std::byte*>(pointer));
}

// What cuPointerGetAttribute tells of a device allocation or a pinned range.
struct Pointee {
  Context* owner;
  const std::byte* begin;
  std::size_t bytes;
  bool device;
};

Pointee pointee(CUdeviceptr address) {
  const auto* pointer = reinterpret_cast<const void*>(address);
  if (DeviceMemory::instance().holds(pointer)) {
    const Allocation& allocation = DeviceMemory::instance().need_range(address, 1);
    return {allocation.owner, allocation.data, allocation.bytes, true};
  }
  const HostRange* range = HostMemory::instance().find(pointer, 1);
  need(range != nullptr, CUDA_ERROR_INVALID_VALUE,
       "pointer is neither device nor pinned memory; ask about those");
  return {&Context::current(), range->data, range->bytes, false};
}

}  // namespace

extern "C" {

CUresult cuMemAlloc_v2(CUdeviceptr* address, std::size_t bytes) {
  return guarded("cuMemAlloc_v2", [&] {
    Context& context = Context::current();
    context.forbid_capture("cuMemAlloc_v2");
    result(address) = address_of(DeviceMemory::instance().allocate(bytes, context));
  });
}

CUresult cuMemFree_v2(CUdeviceptr address) {
  return guarded("cuMemFree_v2", [&] {
    Context& context = Context::current();
    if (address == 0) {
      return;
    }
    context.forbid_capture("cuMemFree_v2");
    context.synchronize();
    DeviceMemory::instance().free(reinterpret_cast<std::byte*>(address));
  });
}

CUresult cuMemGetInfo_v2(std::size_t* free, std::size_t* total) {
  return guarded("cuMemGetInfo_v2", [&] {
    Context::current();
    const DeviceMemory& memory = DeviceMemory::instance();
    result(total) = memory.total();
    result(free) = memory.total() - std::min(memory.used(), memory.total());
  });
}

CUresult cuMemGetAddressRange_v2(CUdeviceptr* base, std::size_t* bytes, CUdeviceptr address) {
  return guarded("cuMemGetAddressRange_v2", [&] {
    Context::current();
    const Allocation& allocation = DeviceMemory::instance().need_range(address, 1);
    if (base != nullptr) {
      *base = address_of(allocation.data);
    }
    if (bytes != nullptr) {
      *bytes = allocation.bytes;
    }
  });
}

CUresult cuMemHostAlloc(void** pointer, std::size_t bytes, unsigned int flags) {
  return guarded("cuMemHostAlloc", [&] {
    Context& context = Context::current();
    context.forbid_capture("cuMemHostAlloc");
    result(pointer) = HostMemory::instance().allocate(bytes, flags, context);
  });
}

CUresult cuMemAllocHost_v2(void** pointer, std::size_t bytes) {
  return guarded("cuMemAllocHost_v2", [&] {
    Context& context = Context::current();
    context.forbid_capture("cuMemAllocHost_v2");
    result(pointer) = HostMemory::instance().allocate(bytes, 0, context);
  });
}

CUresult cuMemFreeHost(void* pointer) {
  return guarded("cuMemFreeHost", [&] { free_host("cuMemFreeHost", pointer); });
}

CUresult cuMemHostRegister_v2(void* pointer, std::size_t bytes, unsigned int flags) {
  return guarded("cuMemHostRegister_v2", [&] {
    Context& context = Context::current();
    context.forbid_capture("cuMemHostRegister_v2");
    HostMemory::instance().add(static_cast<std::byte*>(pointer), bytes, flags, context);
  });
}

CUresult cuMemHostUnregister(void* pointer) {
  return guarded("cuMemHostUnregister", [&] {
    Context::current().synchronize();
    HostMemory::instance().remove(static_cast<std::byte*>(pointer));
  });
}

CUresult cuMemHostGetDevicePointer_v2(CUdeviceptr* address, void* pointer, unsigned int) {
  return guarded("cuMemHostGetDevicePointer_v2", [&] {
    Context::current();
    need(HostMemory::instance().find(pointer, 1) != nullptr, CUDA_ERROR_INVALID_VALUE,
         "host memory is not pinned; allocate or register it first");
    result(address) = address_of(pointer);
  });
}

CUresult cuMemHostGetFlags(unsigned int* flags, void* pointer) {
  return guarded("cuMemHostGetFlags", [&] {
    Context::current();
    const HostRange* range = HostMemory::instance().find(pointer, 1);
    need(range != nullptr, CUDA_ERROR_INVALID_VALUE,
         "host memory is not pinned; allocate or register it first");
    result(flags) = range->flags;
  });
}

CUresult cuPointerGetAttribute(void* data, CUpointer_attribute attribute, CUdeviceptr address) {
  return guarded("cuPointerGetAttribute", [&] {
    Context::current();
    need(data != nullptr, CUDA_ERROR_INVALID_VALUE, "address for a result is missing; give one");
    const Pointee found = pointee(address);
    switch (attribute) {
      case CU_POINTER_ATTRIBUTE_CONTEXT:
        *static_cast<Context**>(data) = found.owner;
        return;
      case CU_POINTER_ATTRIBUTE_MEMORY_TYPE:
        *static_cast<unsigned*>(data) = found.device ? CU_MEMORYTYPE_DEVICE : CU_MEMORYTYPE_HOST;
        return;
      case CU_POINTER_ATTRIBUTE_DEVICE_POINTER:
        *static_cast<CUdeviceptr*>(data) = address;
        return;
      case CU_POINTER_ATTRIBUTE_HOST_POINTER:
        need(!found.device, CUDA_ERROR_INVALID_VALUE,
             "device memory has no host address; ask about pinned memory");
        *static_cast<CUdeviceptr*>(data) = address;
        return;
      case CU_POINTER_ATTRIBUTE_IS_MANAGED:
        *static_cast<unsigned*>(data) = 0;
        return;
      case CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL:
        *static_cast<int*>(data) = 0;
        return;
      case CU_POINTER_ATTRIBUTE_RANGE_START_ADDR:
        *static_cast<CUdeviceptr*>(data) = address_of(found.begin);
        return;
      case CU_POINTER_ATTRIBUTE_RANGE_SIZE:
        *static_cast<std::size_t*>(data) = found.bytes;
        return;
      default:
        throw Failure(CUDA_ERROR_INVALID_VALUE,
                      "pointer attribute is unknown: attribute=" + std::to_string(attribute) +
                          "; ask for another");
    }
  });
}
}
