// Device, contexts, memory and modules.
#include <cstring>
#include <vector>

#include "driver.h"
#include "probe.h"

namespace mote::test {
namespace {

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

void check_image(const std::string& image, CUresult status, const std::string& text) {
  CUmodule module = nullptr;
  check_failure(cuModuleLoadData(&module, image.c_str()), status, "cuModuleLoadData: " + text);
}

}  // namespace

void test_device() {
  int value = 0;
  check_failure(cuDeviceGetCount(&value), CUDA_ERROR_NOT_INITIALIZED,
                "cuDeviceGetCount: driver is not initialised; call cuInit first");
  check(mote_simt_set("devices", 0) == 0 && mote_simt_set("unknown", 0) == 1, "options by name");
  check_failure(cuInit(0), CUDA_ERROR_NO_DEVICE,
                "cuInit: the stand-in was told to have no device: MOTE_SIMT_DEVICES=0; unset it");
  mote_simt_set("devices", 1);
  SUCCEED(cuInit(0));
  SUCCEED(cuDeviceGetCount(&value));
  check(value == 1, "one device");
  mote_simt_set("driver_version", 11080);
  SUCCEED(cuDriverGetVersion(&value));
  check(value == 11080, "driver version is an option");
  mote_simt_set("driver_version", 12000);
  SUCCEED(cuDeviceGetAttribute(&value, CU_DEVICE_ATTRIBUTE_WARP_SIZE, 0));
  check(value == 32, "warp size");
  SUCCEED(cuDeviceGetAttribute(&value, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, 0));
  check(value == 163 << 10, "shared memory of sm_80");
  check_status(cuDeviceGetAttribute(&value, static_cast<CUdevice_attribute>(999), 0),
               CUDA_ERROR_INVALID_VALUE, "unknown attribute");
  check_failure(cuTexObjectDestroy(0), CUDA_ERROR_NOT_SUPPORTED,
                "cuTexObjectDestroy: the stand-in does not implement the call: "
                "name=cuTexObjectDestroy; use a GPU");
  const char* name = nullptr;
  SUCCEED(cuGetErrorName(CUDA_ERROR_ILLEGAL_ADDRESS, &name));
  check(std::strcmp(name, "CUDA_ERROR_ILLEGAL_ADDRESS") == 0, "name of a status");

  check_status(cuCtxSynchronize(), CUDA_ERROR_INVALID_CONTEXT, "no context");
  CUcontext first = nullptr;
  CUcontext second = nullptr;
  SUCCEED(cuDevicePrimaryCtxRetain(&first, 0));
  SUCCEED(cuDevicePrimaryCtxRetain(&second, 0));
  check(first == second, "one primary context");
  SUCCEED(cuCtxSetCurrent(first));
  CUdeviceptr kept = 0;
  SUCCEED(cuMemAlloc_v2(&kept, 100));
  SUCCEED(cuDevicePrimaryCtxRelease_v2(0));
  SUCCEED(cuCtxSynchronize());
  SUCCEED(cuDevicePrimaryCtxRelease_v2(0));
  check_status(cuCtxSynchronize(), CUDA_ERROR_CONTEXT_IS_DESTROYED, "released context");
  SUCCEED(cuCtxSetCurrent(nullptr));
  check_status(cuDevicePrimaryCtxRelease_v2(0), CUDA_ERROR_INVALID_CONTEXT, "released too often");
}

void test_memory() {
  const Device device;
  std::size_t free = 0;
  std::size_t total = 0;
  SUCCEED(cuMemGetInfo_v2(&free, &total));
  check(free == total && total == std::size_t{8192} << 20, "memory that ended contexts held");
  mote_simt_set("memory_mib", 1);
  CUdeviceptr address = 0;
  check_failure(cuMemAlloc_v2(&address, (1 << 20) + 1), CUDA_ERROR_OUT_OF_MEMORY,
                "cuMemAlloc_v2: device memory is spent: bytes=1048577, free=1048576; free "
                "something");
  mote_simt_set("memory_mib", 8192);

  const CUdeviceptr a = device.memory(1000);
  std::vector<unsigned char> host(1000, 7);
  SUCCEED(cuMemcpyDtoH_v2(host.data(), a, 1000));
  check(host[0] == 0xFF && host[999] == 0xFF, "unwritten memory holds NaNs");
  SUCCEED(cuMemsetD32_v2(a, 0x01020304, 250));
  const CUdeviceptr b = device.memory(1000);
  SUCCEED(cuMemcpyDtoD_v2(b, a, 1000));
  SUCCEED(cuMemcpyDtoH_v2(host.data(), b, 1000));
  check(host[0] == 4 && host[999] == 1, "fill and copies");
  check_status(cuMemcpyHtoD_v2(a + 1, host.data(), 1000), CUDA_ERROR_INVALID_VALUE, "copy beyond");
  SUCCEED(cuMemGetInfo_v2(&free, &total));
  check(total - free == 2000, "memory in use");
  SUCCEED(cuMemFree_v2(a));
  check_status(cuMemFree_v2(a), CUDA_ERROR_INVALID_VALUE, "freed twice");
  check_status(cuMemcpyHtoD_v2(a, host.data(), 1), CUDA_ERROR_INVALID_VALUE, "use after free");
  check_status(cuMemFree_v2(b + 4), CUDA_ERROR_INVALID_VALUE, "free inside");

  unsigned type = 0;
  SUCCEED(cuPointerGetAttribute(&type, CU_POINTER_ATTRIBUTE_MEMORY_TYPE, b + 10));
  check(type == CU_MEMORYTYPE_DEVICE, "a device pointer");
  const auto pageable = reinterpret_cast<CUdeviceptr>(host.data());
  check_status(cuPointerGetAttribute(&type, CU_POINTER_ATTRIBUTE_MEMORY_TYPE, pageable),
               CUDA_ERROR_INVALID_VALUE, "a pageable pointer");
  SUCCEED(cuMemHostRegister_v2(host.data(), 1000, 0));
  SUCCEED(cuPointerGetAttribute(&type, CU_POINTER_ATTRIBUTE_MEMORY_TYPE, pageable));
  check(type == CU_MEMORYTYPE_HOST, "a pinned pointer");
  check_status(cuMemHostRegister_v2(host.data() + 10, 10, 0),
               CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED, "registered twice");
  SUCCEED(cuMemHostUnregister(host.data()));
  check_status(cuMemHostUnregister(host.data()), CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED,
               "unregistered twice");
  {
    const Device other;
    SUCCEED(cuMemHostRegister_v2(host.data(), 1000, 0));
  }
  SUCCEED(cuMemHostRegister_v2(host.data(), 1000, 0));  // the other context's end unregistered it
  SUCCEED(cuMemHostUnregister(host.data()));
}

void test_modules() {
  const Device device;
  const std::string ptx = kProbePtx;
  check_image("\177ELF...", CUDA_ERROR_NO_BINARY_FOR_GPU,
              "machine code does not run on the stand-in: image=ELF; load the PTX");
  check_image("nonsense", CUDA_ERROR_INVALID_PTX,
              "image is no PTX text: version=0, target=0; give what the kernel compiler wrote");
  check_image(replaced(ptx, "8.0", "8.3"), CUDA_ERROR_UNSUPPORTED_PTX_VERSION,
              "PTX is newer than the driver: version=83, most=80; compile for CUDA 12.0");
  check_image(replaced(ptx, "sm_80", "sm_90a"), CUDA_ERROR_NO_BINARY_FOR_GPU,
              "PTX is for a newer device: target=sm_90, device=sm_80; load the portable PTX");
  check_image(replaced(ptx, "entry probe_store", "entry probe_gone"),
              CUDA_ERROR_SHARED_OBJECT_SYMBOL_NOT_FOUND,
              "kernel was not compiled for the CPU: kernel=probe_gone; build native/simt from the "
              "sources that the PTX came from");
  check_image(replaced(ptx, "[24]", "[32]"), CUDA_ERROR_INVALID_IMAGE,
              "kernel's parameters differ between PTX and sources: kernel=probe_scale, "
              "ptx_bytes=32, source_bytes=24; compile the PTX anew");
  const CUfunction scale = device.function("probe_scale");
  int value = 0;
  SUCCEED(cuFuncGetAttribute(&value, CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, scale));
  check(value == 64 + 32, "static shared memory is " + std::to_string(value));
  SUCCEED(cuFuncGetAttribute(&value, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, scale));
  check(value == 128, "launch bounds");
  SUCCEED(cuOccupancyMaxActiveBlocksPerMultiprocessor(&value, scale, 128, 40 << 10));
  check(value == 3, "occupancy is " + std::to_string(value));
  const CUdeviceptr memory = device.memory(4);
  check_status(device.launch("probe_scale", ScaleParams{memory, memory, 1, 2}, 1, 129, 0, nullptr),
               CUDA_ERROR_INVALID_VALUE, "more threads than launch bounds");
  const SumParams sum{memory, memory, memory};
  check_failure(device.launch("probe_sum", sum, 1, 32, 49153, nullptr), CUDA_ERROR_INVALID_VALUE,
                "cuLaunchKernel: launch asks for more dynamic shared memory than was set: "
                "kernel=probe_sum, bytes=49153, set=49152; raise "
                "CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES first");
  const auto most = CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
  check_status(cuFuncSetAttribute(device.function("probe_sum"), most, 200 << 10),
               CUDA_ERROR_INVALID_VALUE, "more shared memory than the device has");
  SUCCEED(cuFuncSetAttribute(device.function("probe_sum"), most, 163 << 10));
  SUCCEED(device.launch("probe_sum", sum, 1, 32, 163 << 10, nullptr));
  SUCCEED(cuCtxSynchronize());
  CUfunction missing = nullptr;
  CUmodule module = nullptr;
  SUCCEED(cuModuleLoadData(&module, kProbePtx));
  check_status(cuModuleGetFunction(&missing, module, "probe_none"), CUDA_ERROR_NOT_FOUND,
               "missing kernel");
  SUCCEED(cuModuleUnload(module));
  check_status(cuModuleUnload(module), CUDA_ERROR_INVALID_HANDLE, "unloaded twice");
}

}  // namespace mote::test
