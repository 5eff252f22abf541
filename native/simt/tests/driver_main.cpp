// Runs the tests of the driver's calls against libcuda.so.1; the exit status is 1 if one failed.
#include "driver.h"
#include "probe.h"

namespace mote::test {

Device::Device() {
  SUCCEED(cuCtxCreate_v2(&context_, 0, 0));
  SUCCEED(cuModuleLoadData(&module_, kProbePtx));
}

Device::~Device() { SUCCEED(cuCtxDestroy_v2(context_)); }

CUfunction Device::function(const char* name) const {
  CUfunction function = nullptr;
  SUCCEED(cuModuleGetFunction(&function, module_, name));
  return function;
}

CUdeviceptr Device::memory(std::size_t bytes) const {
  CUdeviceptr address = 0;
  SUCCEED(cuMemAlloc_v2(&address, bytes));
  return address;
}

CUstream Device::stream(unsigned flags) const {
  CUstream stream = nullptr;
  SUCCEED(cuStreamCreate(&stream, flags));
  return stream;
}

CUevent Device::event() const {
  CUevent event = nullptr;
  SUCCEED(cuEventCreate(&event, CU_EVENT_DEFAULT));
  return event;
}

}  // namespace mote::test

// Arguments: the stand-in's cuBLAS, and the forwarder that finds it as libcublas.so.13.
int main(int, char** arguments) {
  mote::test::test_device();
  mote::test::test_memory();
  mote::test::test_modules();
  mote::test::test_tensor_maps();
  mote::test::test_streams();
  mote::test::test_graphs();
  mote::test::test_sticky_faults();
  mote::test::test_cublas(arguments[1], arguments[2]);
  std::printf("%s\n", mote::test::failures == 0 ? "passed" : "FAILED");
  return mote::test::failures == 0 ? 0 : 1;
}
