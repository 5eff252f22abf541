// The stand-in's cuBLAS against plain products, directly and through the forwarder for CUDA 13.
#include <dlfcn.h>

#include <cmath>
#include <vector>

#include "../bfloat16.h"
#include "driver.h"

namespace mote::test {
namespace {

using Create = int(void**);
using OfHandle = int(void*);
using SetStream = int(void*, CUstream);
using StridedBatched = int(void*, int, int, int, int, int, const void*, CUdeviceptr, int, int,
                           long long, CUdeviceptr, int, int, long long, const void*, CUdeviceptr,
                           int, int, long long, int, int, int);

template <typename T>
T* symbol(void* library, const char* name) {
  void* found = dlvsym(library, name, "libcublas.so.12");
  check(found != nullptr, std::string("missing: ") + name);
  return reinterpret_cast<T*>(found);
}

constexpr int kM = 5, kN = 7, kK = 9, kBatch = 3;
constexpr int kFloatType = 0, kBfloatType = 14, kCompute = 68;

// op(A) is kM x kK out of a pitch of kK + 1 (transposed), B kK x kN with a pitch of kK + 2, C kM x
// kN with a pitch of kM + 3. Quarters are exact in bfloat16.
void check_product(void* library) {
  const Device device;
  const CUstream stream = device.stream();
  void* handle = nullptr;
  check(symbol<Create>(library, "cublasCreate_v2")(&handle) == 0, "cublasCreate");
  check(symbol<SetStream>(library, "cublasSetStream_v2")(handle, stream) == 0, "cublasSetStream");
  constexpr int kSizeA = (kK + 1) * kM, kSizeB = (kK + 2) * kN, kSizeC = (kM + 3) * kN;
  std::vector<uint16_t> a(kBatch * kSizeA), b(kBatch * kSizeB);
  std::vector<float> c(kBatch * kSizeC, 2.0f);
  const auto quarter = [](std::size_t i, int seed) {
    return static_cast<float>(static_cast<int>(i * 7 + static_cast<std::size_t>(seed)) % 9 - 4) / 4;
  };
  for (std::size_t i = 0; i < a.size(); i++) a[i] = mote::simt::float_to_bfloat16(quarter(i, 1));
  for (std::size_t i = 0; i < b.size(); i++) b[i] = mote::simt::float_to_bfloat16(quarter(i, 5));
  const CUdeviceptr device_a = device.memory(2 * a.size());
  const CUdeviceptr device_b = device.memory(2 * b.size());
  const CUdeviceptr device_c = device.memory(4 * c.size());
  SUCCEED(cuMemcpyHtoD_v2(device_a, a.data(), 2 * a.size()));
  SUCCEED(cuMemcpyHtoD_v2(device_b, b.data(), 2 * b.size()));
  SUCCEED(cuMemcpyHtoD_v2(device_c, c.data(), 4 * c.size()));
  const float alpha = 2;
  const float beta = 0.5f;
  auto* gemm = symbol<StridedBatched>(library, "cublasGemmStridedBatchedEx");
  const auto call = [&](int pitch_c) {
    return gemm(handle, 1, 0, kM, kN, kK, &alpha, device_a, kBfloatType, kK + 1, kSizeA, device_b,
                kBfloatType, kK + 2, kSizeB, &beta, device_c, kFloatType, pitch_c, kSizeC, kBatch,
                kCompute, -1);
  };
  check(call(kM - 1) == 7, "a leading dimension that is too small");
  check(call(kM + 3) == 0, "product");
  SUCCEED(cuStreamSynchronize(stream));
  SUCCEED(cuMemcpyDtoH_v2(c.data(), device_c, 4 * c.size()));
  for (int i = 0; i < kBatch; i++) {
    for (int row = 0; row < kM + 3; row++) {
      for (int column = 0; column < kN; column++) {
        double expected = 2;
        if (row < kM) {
          expected = 1;
          for (int k = 0; k < kK; k++) {
            expected += 2.0 *
                        quarter(static_cast<std::size_t>(i * kSizeA + row * (kK + 1) + k), 1) *
                        quarter(static_cast<std::size_t>(i * kSizeB + column * (kK + 2) + k), 5);
          }
        }
        check_close(c[static_cast<std::size_t>(i * kSizeC + column * (kM + 3) + row)], expected, 0,
                    "product " + std::to_string(row) + "," + std::to_string(column));
      }
    }
  }
  check(symbol<OfHandle>(library, "cublasSgemm_v2")(handle) == 15, "a call that is not there");
  check(symbol<OfHandle>(library, "cublasDestroy_v2")(handle) == 0, "cublasDestroy");
}

}  // namespace

void test_cublas(const char* library, const char* forwarder) {
  void* direct = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  check(direct != nullptr, std::string("cublas: ") + (direct == nullptr ? dlerror() : ""));
  void* forward = dlopen(forwarder, RTLD_NOW | RTLD_LOCAL);
  check(forward != nullptr, std::string("forwarder: ") + (forward == nullptr ? dlerror() : ""));
  if (direct != nullptr && forward != nullptr) {
    check_product(direct);
    check_product(forward);
    auto* error = reinterpret_cast<const char* (*)()>(dlsym(forward, "mote_cublas_forward_error"));
    check(std::string(error()).empty(), error());
  }
}

}  // namespace mote::test
