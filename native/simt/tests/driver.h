// Driver calls as the tests make them.
#pragma once

#include <string>

#include "../../tests/check.h"
#include "../driver/cuda_types.h"
#include "../driver/options.h"

#ifndef MOTE_SIMT_CUDA_H
extern "C" {
CUresult cuInit(unsigned int);
CUresult cuDriverGetVersion(int*);
CUresult cuDeviceGetCount(int*);
CUresult cuDeviceGetAttribute(int*, CUdevice_attribute, CUdevice);
CUresult cuCtxCreate_v2(CUcontext*, unsigned int, CUdevice);
CUresult cuCtxDestroy_v2(CUcontext);
CUresult cuCtxSynchronize();
CUresult cuCtxSetCurrent(CUcontext);
CUresult cuDevicePrimaryCtxRetain(CUcontext*, CUdevice);
CUresult cuDevicePrimaryCtxRelease_v2(CUdevice);
CUresult cuDevicePrimaryCtxReset_v2(CUdevice);
CUresult cuMemAlloc_v2(CUdeviceptr*, size_t);
CUresult cuMemFree_v2(CUdeviceptr);
CUresult cuMemGetInfo_v2(size_t*, size_t*);
CUresult cuMemAllocHost_v2(void**, size_t);
CUresult cuMemFreeHost(void*);
CUresult cuMemHostRegister_v2(void*, size_t, unsigned int);
CUresult cuMemHostUnregister(void*);
CUresult cuPointerGetAttribute(void*, CUpointer_attribute, CUdeviceptr);
CUresult cuMemcpyHtoD_v2(CUdeviceptr, const void*, size_t);
CUresult cuMemcpyDtoH_v2(void*, CUdeviceptr, size_t);
CUresult cuMemcpyDtoD_v2(CUdeviceptr, CUdeviceptr, size_t);
CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr, const void*, size_t, CUstream);
CUresult cuMemcpyDtoHAsync_v2(void*, CUdeviceptr, size_t, CUstream);
CUresult cuMemsetD32_v2(CUdeviceptr, unsigned int, size_t);
CUresult cuMemsetD32Async(CUdeviceptr, unsigned int, size_t, CUstream);
CUresult cuModuleLoadData(CUmodule*, const void*);
CUresult cuModuleUnload(CUmodule);
CUresult cuModuleGetFunction(CUfunction*, CUmodule, const char*);
CUresult cuFuncGetAttribute(int*, CUfunction_attribute, CUfunction);
CUresult cuFuncSetAttribute(CUfunction, CUfunction_attribute, int);
CUresult cuLaunchKernel(CUfunction, unsigned int, unsigned int, unsigned int, unsigned int,
                        unsigned int, unsigned int, unsigned int, CUstream, void**, void**);
CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int*, CUfunction, int, size_t);
CUresult cuStreamCreate(CUstream*, unsigned int);
CUresult cuStreamDestroy_v2(CUstream);
CUresult cuStreamSynchronize(CUstream);
CUresult cuStreamQuery(CUstream);
CUresult cuStreamWaitEvent(CUstream, CUevent, unsigned int);
CUresult cuEventCreate(CUevent*, unsigned int);
CUresult cuEventDestroy_v2(CUevent);
CUresult cuEventRecord(CUevent, CUstream);
CUresult cuEventSynchronize(CUevent);
CUresult cuEventQuery(CUevent);
CUresult cuEventElapsedTime(float*, CUevent, CUevent);
CUresult cuStreamBeginCapture_v2(CUstream, CUstreamCaptureMode);
CUresult cuStreamEndCapture(CUstream, CUgraph*);
CUresult cuGraphInstantiateWithFlags(CUgraphExec*, CUgraph, unsigned long long);
CUresult cuGraphLaunch(CUgraphExec, CUstream);
CUresult cuGraphDestroy(CUgraph);
CUresult cuGraphExecDestroy(CUgraphExec);
CUresult cuGraphGetNodes(CUgraph, CUgraphNode*, size_t*);
CUresult cuGraphNodeGetType(CUgraphNode, CUgraphNodeType*);
CUresult cuGraphKernelNodeGetParams_v2(CUgraphNode, CUDA_KERNEL_NODE_PARAMS_v2*);
CUresult cuGraphExecKernelNodeSetParams_v2(CUgraphExec, CUgraphNode,
                                           const CUDA_KERNEL_NODE_PARAMS_v2*);
CUresult cuGetErrorName(CUresult, const char**);
CUresult cuTexObjectDestroy(unsigned long long);
}
#endif
extern "C" {
const char* mote_simt_last_error();
}

namespace mote::test {

inline void check_status(CUresult actual, CUresult expected, const std::string& what) {
  check(actual == expected, what + ": expected=" + std::to_string(expected) + ", actual=" +
                                std::to_string(actual) + ", text=" + mote_simt_last_error());
}

inline void succeed(CUresult status, const char* what) { check_status(status, CUDA_SUCCESS, what); }

// The call fails so, and says so.
inline void check_failure(CUresult actual, CUresult expected, const std::string& text) {
  check_status(actual, expected, text);
  check(mote_simt_last_error() == text,
        "text: expected=\"" + text + "\", actual=\"" + mote_simt_last_error() + "\"");
}

#define SUCCEED(call) mote::test::succeed(call, #call)

// Parameters of tests/kernels/probe.cu.
struct ScaleParams {
  CUdeviceptr in;
  CUdeviceptr out;
  int32_t count;
  float factor;
};
struct SumParams {
  CUdeviceptr a, b, out;
};

// A context with the probe module; destroyed at the end.
class Device {
 public:
  Device();
  ~Device();
  CUfunction function(const char* name) const;
  // Memory that the context's end frees.
  CUdeviceptr memory(std::size_t bytes) const;
  CUstream stream(unsigned flags = CU_STREAM_NON_BLOCKING) const;
  CUevent event() const;
  template <typename Parameters>
  CUresult launch(const char* name, Parameters parameters, unsigned blocks, unsigned threads,
                  unsigned shared, CUstream stream) const {
    void* list[] = {&parameters};
    return cuLaunchKernel(function(name), blocks, 1, 1, threads, 1, 1, shared, stream, list,
                          nullptr);
  }
  CUcontext context() const { return context_; }

 private:
  CUcontext context_ = nullptr;
  CUmodule module_ = nullptr;
};

void test_device();
void test_memory();
void test_modules();
void test_tensor_maps();
void test_streams();
void test_graphs();
void test_sticky_faults();
void test_cublas(const char* library, const char* forwarder);

}  // namespace mote::test
