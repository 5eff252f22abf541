// Driver calls: initialisation and the device.
#include <cstdio>
#include <cstring>

#include "device.h"
#include "failure.h"
#include "memory.h"
#include "options.h"

using mote::simt::DeviceMemory;
using mote::simt::Failure;
using mote::simt::guarded;
using mote::simt::need;
using mote::simt::options;
using mote::simt::result;

namespace {

bool initialised = false;

void need_device(CUdevice device) {
  need(initialised, CUDA_ERROR_NOT_INITIALIZED, "driver is not initialised; call cuInit first");
  need(device >= 0 && device < options().devices, CUDA_ERROR_INVALID_DEVICE,
       "device is not there; give 0 <= device < cuDeviceGetCount");
}

}  // namespace

extern "C" {

CUresult cuInit(unsigned int) {
  return guarded("cuInit", [] {
    need(options().devices > 0, CUDA_ERROR_NO_DEVICE,
         "the stand-in was told to have no device: MOTE_SIMT_DEVICES=0; unset it");
    initialised = true;
  });
}

CUresult cuDriverGetVersion(int* version) {
  return guarded("cuDriverGetVersion",
                 [&] { result(version) = static_cast<int>(options().driver_version); });
}

CUresult cuDeviceGetCount(int* count) {
  return guarded("cuDeviceGetCount", [&] {
    need(initialised, CUDA_ERROR_NOT_INITIALIZED, "driver is not initialised; call cuInit first");
    result(count) = static_cast<int>(options().devices);
  });
}

CUresult cuDeviceGet(CUdevice* device, int ordinal) {
  return guarded("cuDeviceGet", [&] {
    need_device(ordinal);
    result(device) = ordinal;
  });
}

CUresult cuDeviceGetName(char* name, int length, CUdevice device) {
  return guarded("cuDeviceGetName", [&] {
    need_device(device);
    need(length > 0, CUDA_ERROR_INVALID_VALUE, "room for the name is empty; give 32 bytes");
    std::snprintf(&result(name), static_cast<std::size_t>(length), "Mote stand-in (CPU)");
  });
}

CUresult cuDeviceGetUuid(CUuuid* uuid, CUdevice device) {
  return guarded("cuDeviceGetUuid", [&] {
    need_device(device);
    std::memcpy(result(uuid).bytes, "mote-stand-in-00", sizeof uuid->bytes);
  });
}

CUresult cuDeviceGetPCIBusId(char* id, int length, CUdevice device) {
  return guarded("cuDeviceGetPCIBusId", [&] {
    need_device(device);
    need(length > 12, CUDA_ERROR_INVALID_VALUE, "room for the id is too small; give 13 bytes");
    std::snprintf(&result(id), static_cast<std::size_t>(length), "0000:00:00.0");
  });
}

CUresult cuDeviceTotalMem_v2(std::size_t* bytes, CUdevice device) {
  return guarded("cuDeviceTotalMem_v2", [&] {
    need_device(device);
    result(bytes) = DeviceMemory::instance().total();
  });
}

CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute attribute, CUdevice device) {
  return guarded("cuDeviceGetAttribute", [&] {
    need_device(device);
    result(value) = mote::simt::device_attribute(attribute);
  });
}

CUresult cuDeviceComputeCapability(int* major, int* minor, CUdevice device) {
  return guarded("cuDeviceComputeCapability", [&] {
    need_device(device);
    result(major) = static_cast<int>(options().architecture / 10);
    result(minor) = static_cast<int>(options().architecture % 10);
  });
}
}

namespace mote::simt {

void need_initialised_device(CUdevice device) { need_device(device); }

}  // namespace mote::simt
