// libcublas.so.12 of the stand-in: products of real matrices in stream order. All other calls are
// generated and return CUBLAS_STATUS_NOT_SUPPORTED.
#include <cstdint>
#include <new>

#include "../driver/submit.h"
#include "gemm.h"

using mote::simt::Gemm;
using mote::simt::Matrix;

namespace {

enum Status {
  kSuccess = 0,
  kNotInitialized = 1,
  kInvalidValue = 7,
  kExecutionFailed = 13,
  kNotSupported = 15
};

constexpr int kHostScalars = 0;  // CUBLAS_POINTER_MODE_HOST
constexpr int kCompute32F = 68;  // CUBLAS_COMPUTE_32F; its fast forms follow up to 77
constexpr int kComputeLast = 77;

struct Handle {
  CUstream stream = nullptr;
  int pointer_mode = kHostScalars;
  int math_mode = 0;
};

int refuse(const char* call, Status status, const char* text) {
  mote_simt_remember(call, text);
  return status;
}

// Of the product with these sizes and matrices.
int product(const char* call, Handle* handle, Gemm gemm, const void* alpha, const void* beta,
            int compute) {
  if (handle == nullptr) {
    return refuse(call, kNotInitialized, "handle is missing; call cublasCreate first");
  }
  if (compute < kCompute32F || compute > kComputeLast) {
    return refuse(call, kNotSupported, "sums are in float32 only; give CUBLAS_COMPUTE_32F");
  }
  const char* fault = alpha == nullptr || beta == nullptr
                          ? "alpha or beta is missing; give their addresses"
                          : gemm.fault();
  if (fault != nullptr) {
    return refuse(call, kInvalidValue, fault);
  }
  if (handle->pointer_mode == kHostScalars) {
    gemm.alpha = *static_cast<const float*>(alpha);
    gemm.beta = *static_cast<const float*>(beta);
  } else {
    gemm.alpha_at = reinterpret_cast<uint64_t>(alpha);
    gemm.beta_at = reinterpret_cast<uint64_t>(beta);
  }
  const int status = mote_simt_submit(
      handle->stream, [](const void* data) { static_cast<const Gemm*>(data)->run(); }, &gemm,
      sizeof gemm);
  return status == 0 ? kSuccess : kExecutionFailed;
}

Matrix matrix(const void* data, int type, int pitch, int64_t stride) {
  return Matrix{reinterpret_cast<uint64_t>(data), type, pitch, stride};
}

}  // namespace

extern "C" {
#pragma GCC visibility push(default)

int cublasCreate_v2(Handle** handle) {
  if (handle == nullptr) {
    return refuse("cublasCreate_v2", kInvalidValue, "address for the handle is missing; give one");
  }
  *handle = new Handle();
  return kSuccess;
}

int cublasDestroy_v2(Handle* handle) {
  delete handle;
  return handle == nullptr ? kNotInitialized : kSuccess;
}

const char* cublasGetStatusName(int status) {
  switch (status) {
    case kSuccess:
      return "CUBLAS_STATUS_SUCCESS";
    case kNotInitialized:
      return "CUBLAS_STATUS_NOT_INITIALIZED";
    case kInvalidValue:
      return "CUBLAS_STATUS_INVALID_VALUE";
    case kExecutionFailed:
      return "CUBLAS_STATUS_EXECUTION_FAILED";
    case kNotSupported:
      return "CUBLAS_STATUS_NOT_SUPPORTED";
    default:
      return "unknown";
  }
}

const char* cublasGetStatusString(int status) { return cublasGetStatusName(status); }

int cublasGetVersion_v2(Handle*, int* version) {
  *version = 120000;
  return kSuccess;
}

int cublasSetStream_v2(Handle* handle, CUstream stream) {
  handle->stream = stream;
  return kSuccess;
}

int cublasGetStream_v2(Handle* handle, CUstream* stream) {
  *stream = handle->stream;
  return kSuccess;
}

// Products here need no workspace.
int cublasSetWorkspace_v2(Handle*, void*, std::size_t) { return kSuccess; }

int cublasSetMathMode(Handle* handle, int mode) {
  handle->math_mode = mode;
  return kSuccess;
}

int cublasGetMathMode(Handle* handle, int* mode) {
  *mode = handle->math_mode;
  return kSuccess;
}

int cublasSetPointerMode_v2(Handle* handle, int mode) {
  handle->pointer_mode = mode;
  return kSuccess;
}

int cublasGetPointerMode_v2(Handle* handle, int* mode) {
  *mode = handle->pointer_mode;
  return kSuccess;
}

int cublasGemmEx(Handle* handle, int transpose_a, int transpose_b, int m, int n, int k,
                 const void* alpha, const void* a, int a_type, int a_pitch, const void* b,
                 int b_type, int b_pitch, const void* beta, void* c, int c_type, int c_pitch,
                 int compute, int) {
  return product("cublasGemmEx", handle,
                 Gemm{transpose_a, transpose_b, m, n, k, 1, matrix(a, a_type, a_pitch, 0),
                      matrix(b, b_type, b_pitch, 0), matrix(c, c_type, c_pitch, 0), 0, 0, 0, 0},
                 alpha, beta, compute);
}

int cublasGemmStridedBatchedEx(Handle* handle, int transpose_a, int transpose_b, int m, int n,
                               int k, const void* alpha, const void* a, int a_type, int a_pitch,
                               long long a_stride, const void* b, int b_type, int b_pitch,
                               long long b_stride, const void* beta, void* c, int c_type,
                               int c_pitch, long long c_stride, int batch, int compute, int) {
  return product(
      "cublasGemmStridedBatchedEx", handle,
      Gemm{transpose_a, transpose_b, m, n, k, batch, matrix(a, a_type, a_pitch, a_stride),
           matrix(b, b_type, b_pitch, b_stride), matrix(c, c_type, c_pitch, c_stride), 0, 0, 0, 0},
      alpha, beta, compute);
}

#pragma GCC visibility pop
}
