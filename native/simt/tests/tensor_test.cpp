// cuTensorMapEncodeTiled checks its arguments as cuda.h says, and what is for Hopper alone is
// refused elsewhere.
#include <string>

#include "driver.h"

#ifndef MOTE_SIMT_CUDA_H
extern "C" CUresult cuTensorMapEncodeTiled(CUtensorMap*, CUtensorMapDataType, cuuint32_t, void*,
                                           const cuuint64_t*, const cuuint64_t*, const cuuint32_t*,
                                           const cuuint32_t*, CUtensorMapInterleave,
                                           CUtensorMapSwizzle, CUtensorMapL2promotion,
                                           CUtensorMapFloatOOBfill);
#endif

namespace mote::test {
namespace {

struct Call {
  std::size_t map_offset = 0;
  CUdeviceptr address_offset = 0;
  cuuint64_t sizes[2] = {64, 256};
  cuuint64_t stride = 128;
  cuuint32_t box[2] = {64, 128};
  cuuint32_t steps[2] = {1, 1};
  CUtensorMapSwizzle swizzle = CU_TENSOR_MAP_SWIZZLE_128B;
};

CUresult encode(CUdeviceptr memory, const Call& call) {
  alignas(64) unsigned char map[256];
  return cuTensorMapEncodeTiled(
      reinterpret_cast<CUtensorMap*>(map + call.map_offset), CU_TENSOR_MAP_DATA_TYPE_FLOAT16, 2,
      reinterpret_cast<void*>(memory + call.address_offset), call.sizes, &call.stride, call.box,
      call.steps, CU_TENSOR_MAP_INTERLEAVE_NONE, call.swizzle, CU_TENSOR_MAP_L2_PROMOTION_L2_256B,
      CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
}

void refused(CUdeviceptr memory, const Call& call, const std::string& text) {
  check_failure(encode(memory, call), CUDA_ERROR_INVALID_VALUE, "cuTensorMapEncodeTiled: " + text);
}

constexpr const char* kHopperPtx = R"(.version 8.0
.target sm_90a
.visible .entry probe_store(.param .align 8 .b8 probe_store_param_0[8])
.explicitcluster
.reqnctapercluster 4, 1, 1
{ ret; }
)";

}  // namespace

void test_tensor_maps() {
  CUcontext context = nullptr;
  SUCCEED(cuCtxCreate_v2(&context, 0, 0));
  CUmodule module = nullptr;
  check_failure(cuModuleLoadData(&module, kHopperPtx), CUDA_ERROR_NO_BINARY_FOR_GPU,
                "cuModuleLoadData: PTX is for a newer device: target=sm_90, device=sm_80; load the "
                "portable PTX");
  CUdeviceptr memory = 0;
  SUCCEED(cuMemAlloc_v2(&memory, 64 << 10));
  refused(memory, {},
          "device has no tensor maps: least_compute_capability=9.0; use a Hopper device");
  mote_simt_set("architecture", 90);
  SUCCEED(encode(memory, {}));
  Call call;
  call.map_offset = 32;
  refused(memory, call, "tensor map is misaligned; align it to 64 bytes");
  call = {};
  call.address_offset = 8;
  refused(memory, call, "tensor is misaligned; align it to 16 bytes");
  call = {};
  call.sizes[1] = 0;
  refused(memory, call, "tensor's size cannot be: dimension=1, value=0; give 1 to 2^32 elements");
  call = {};
  call.box[1] = 257;
  refused(memory, call,
          "tensor's box cannot be so large: dimension=1, value=257; give 1 to 256 elements");
  call = {};
  call.steps[0] = 9;
  refused(memory, call,
          "tensor's element stride cannot be: dimension=0, value=9; give 1 to 8 elements");
  call = {};
  call.stride = 136;
  refused(memory, call,
          "tensor's stride cannot be: dimension=1, value=136; give a multiple of 16 bytes below "
          "2^40 that the dimension below fits into");
  call.stride = 112;
  refused(memory, call,
          "tensor's stride cannot be: dimension=1, value=112; give a multiple of 16 bytes below "
          "2^40 that the dimension below fits into");
  call = {};
  call.box[0] = 4;
  call.swizzle = CU_TENSOR_MAP_SWIZZLE_NONE;
  refused(memory, call, "tensor's box is no multiple of 16 bytes: dimension=0, value=8; widen it");
  call = {};
  call.swizzle = CU_TENSOR_MAP_SWIZZLE_64B;
  refused(memory, call,
          "tensor's box is wider than the swizzle: dimension=0, value=128; give as many bytes as "
          "the swizzle has, or fewer");
  SUCCEED(cuModuleLoadData(&module, kHopperPtx));
  CUfunction function = nullptr;
  SUCCEED(cuModuleGetFunction(&function, module, "probe_store"));
  void* list[] = {&memory};
  check_failure(cuLaunchKernel(function, 6, 1, 1, 32, 1, 1, 0, nullptr, list, nullptr),
                CUDA_ERROR_INVALID_VALUE,
                "cuLaunchKernel: grid is no multiple of the kernel's cluster: kernel=probe_store, "
                "grid=6, cluster=4; launch whole clusters of 1 to 8 blocks");
  mote_simt_set("architecture", 80);
  SUCCEED(cuCtxDestroy_v2(context));
}

}  // namespace mote::test
