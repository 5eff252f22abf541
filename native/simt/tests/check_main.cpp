// The checked build finds every planted fault and leaves a sound kernel alone; the exit status is 1
// if not.
#include <regex>
#include <vector>

#include "driver.h"

namespace mote::test {
namespace {

constexpr const char* kPtx = R"(.version 8.0
.target sm_80
.visible .entry planted(.param .align 8 .b8 planted_param_0[24]) { ret; }
.visible .entry unharmed(.param .align 8 .b8 unharmed_param_0[24]) { ret; }
)";

struct PlantedParams {
  CUdeviceptr memory;
  CUdeviceptr freed;
  int32_t fault;
};

struct Expected {
  int fault;
  CUresult status;
  const char* text;  // a regular expression
};

constexpr Expected kExpected[] = {
    {0, CUDA_ERROR_ILLEGAL_ADDRESS,
     "access is outside of every device allocation: .*thread=\\(63,0,0\\), access=write, bytes=4, "
     "address=0x.*, allocation_bytes=256, offset=256; stay inside"},
    {1, CUDA_ERROR_ILLEGAL_ADDRESS,
     "access is outside of every device allocation: .*thread=\\(0,0,0\\), access=write, "
     ".*offset=-4; "
     "stay inside"},
    {2, CUDA_ERROR_ILLEGAL_ADDRESS,
     "device memory has been freed: .*thread=\\(0,0,0\\), access=read, .*offset=0; free it .*"},
    {3, CUDA_ERROR_LAUNCH_FAILED,
     "device memory was never written: .*thread=\\(31,0,0\\), access=read, .*offset=128; write .*"},
    {4, CUDA_ERROR_LAUNCH_FAILED,
     "shared memory was never written in this block: .*thread=\\(0,0,0\\), access=read, .*"
     "shared_offset=0; write it first"},
    {5, CUDA_ERROR_ILLEGAL_ADDRESS,
     "access is outside of every shared array: .*thread=\\(63,0,0\\), access=write, .*; stay "
     "inside"},
    {6, CUDA_ERROR_LAUNCH_FAILED, "(shared memory was never|accesses to shared memory have no).*"},
    {7, CUDA_ERROR_LAUNCH_FAILED,
     "accesses to shared memory have no order: .*thread=\\(1,0,0\\), access=write, .*"
     "other_thread=0, other_access=read; put a barrier between them"},
    {8, CUDA_ERROR_LAUNCH_FAILED,
     "accesses to shared memory have no order: .*thread=\\(0,0,0\\), access=write, .*"
     "other_thread=63, other_access=write; .*"},
    {9, CUDA_ERROR_LAUNCH_FAILED,
     "accesses to shared memory have no order: .*thread=\\(0,0,0\\), access=read, .*"
     "other_thread=63, other_access=write; .*"},
    {10, CUDA_ERROR_ILLEGAL_ADDRESS,
     "address is not aligned to the access: .*thread=\\(0,0,0\\), access=write, bytes=8, .*"},
    {11, CUDA_ERROR_ILLEGAL_ADDRESS,
     "(access is to memory that is no kernel's|address is not aligned to the access): .*"},
    {12, CUDA_ERROR_LAUNCH_FAILED,
     "device memory was never written: .*thread=\\(32,0,0\\), access=read, .*offset=128; .*"},
    {13, CUDA_ERROR_LAUNCH_FAILED,
     "shared memory was never written in this block: .*access=atomic, .*"},
    {14, CUDA_ERROR_LAUNCH_FAILED, "(shared memory was never|accesses to shared memory have no).*"},
};

// Launches a kernel over 64 floats of which 32 are written; the status of waiting for it.
CUresult launch(const char* name, int fault) {
  CUmodule module = nullptr;
  CUfunction function = nullptr;
  SUCCEED(cuModuleLoadData(&module, kPtx));
  SUCCEED(cuModuleGetFunction(&function, module, name));
  PlantedParams params{0, 0, fault};
  SUCCEED(cuMemAlloc_v2(&params.memory, 256));
  SUCCEED(cuMemAlloc_v2(&params.freed, 256));
  SUCCEED(cuMemsetD32_v2(params.memory, 0, 32));
  SUCCEED(cuMemFree_v2(params.freed));
  void* list[] = {&params};
  SUCCEED(cuLaunchKernel(function, 1, 1, 1, 64, 1, 1, 256, nullptr, list, nullptr));
  const CUresult status = cuCtxSynchronize();
  if (status == CUDA_SUCCESS) {
    float values[64];
    SUCCEED(cuMemcpyDtoH_v2(values, params.memory, sizeof values));
    // 16 from the product, times 32 of the warp, and 64 threads counted.
    check_close(values[40], 16 * 32 + 64, 0, "the sound kernel's result");
  }
  return status;
}

}  // namespace
}  // namespace mote::test

int main() {
  using namespace mote::test;
  SUCCEED(cuInit(0));
  for (int round = 0; round < 2; round++) {
    for (const Expected& expected : kExpected) {
      CUcontext context = nullptr;
      SUCCEED(cuCtxCreate_v2(&context, 0, 0));
      check_status(launch("planted", expected.fault), expected.status,
                   "fault " + std::to_string(expected.fault));
      const std::string text = mote_simt_last_error();
      check(std::regex_match(text, std::regex(std::string("cuCtxSynchronize: ") + expected.text)),
            "fault " + std::to_string(expected.fault) + " said " + text);
      SUCCEED(cuCtxDestroy_v2(context));
    }
    CUcontext context = nullptr;
    SUCCEED(cuCtxCreate_v2(&context, 0, 0));
    SUCCEED(launch("unharmed", 0));
    SUCCEED(cuCtxDestroy_v2(context));
  }
  std::printf("%s\n", failures == 0 ? "passed" : "FAILED");
  return failures == 0 ? 0 : 1;
}
