#include "failure.h"

#include <cstring>
#include <map>

namespace mote::simt {
namespace {

struct Name {
  CUresult status;
  const char* name;
  const char* text;
};

#define MOTE_STATUS(name, text) {name, #name, text}
constexpr Name kNames[] = {
    MOTE_STATUS(CUDA_SUCCESS, "no error"),
    MOTE_STATUS(CUDA_ERROR_INVALID_VALUE, "invalid argument"),
    MOTE_STATUS(CUDA_ERROR_OUT_OF_MEMORY, "out of memory"),
    MOTE_STATUS(CUDA_ERROR_NOT_INITIALIZED, "initialization error"),
    MOTE_STATUS(CUDA_ERROR_NO_DEVICE, "no CUDA-capable device is detected"),
    MOTE_STATUS(CUDA_ERROR_INVALID_DEVICE, "invalid device ordinal"),
    MOTE_STATUS(CUDA_ERROR_INVALID_IMAGE, "device kernel image is invalid"),
    MOTE_STATUS(CUDA_ERROR_INVALID_CONTEXT, "invalid device context"),
    MOTE_STATUS(CUDA_ERROR_NO_BINARY_FOR_GPU,
                "no kernel image is available for execution on the device"),
    MOTE_STATUS(CUDA_ERROR_INVALID_PTX, "a PTX JIT compilation failed"),
    MOTE_STATUS(CUDA_ERROR_UNSUPPORTED_PTX_VERSION,
                "the provided PTX was compiled with an unsupported toolchain."),
    MOTE_STATUS(CUDA_ERROR_FILE_NOT_FOUND, "file not found"),
    MOTE_STATUS(CUDA_ERROR_SHARED_OBJECT_SYMBOL_NOT_FOUND, "shared object symbol not found"),
    MOTE_STATUS(CUDA_ERROR_SHARED_OBJECT_INIT_FAILED, "shared object initialization failed"),
    MOTE_STATUS(CUDA_ERROR_INVALID_HANDLE, "invalid resource handle"),
    MOTE_STATUS(CUDA_ERROR_NOT_FOUND, "named symbol not found"),
    MOTE_STATUS(CUDA_ERROR_NOT_READY, "device not ready"),
    MOTE_STATUS(CUDA_ERROR_ILLEGAL_ADDRESS, "an illegal memory access was encountered"),
    MOTE_STATUS(CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, "too many resources requested for launch"),
    MOTE_STATUS(CUDA_ERROR_PRIMARY_CONTEXT_ACTIVE,
                "cannot set while device is active in this process"),
    MOTE_STATUS(CUDA_ERROR_CONTEXT_IS_DESTROYED, "context is destroyed"),
    MOTE_STATUS(CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED,
                "part or all of the requested memory range is already mapped"),
    MOTE_STATUS(CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED,
                "pointer does not correspond to a registered memory region"),
    MOTE_STATUS(CUDA_ERROR_LAUNCH_FAILED, "unspecified launch failure"),
    MOTE_STATUS(CUDA_ERROR_NOT_SUPPORTED, "operation not supported"),
    MOTE_STATUS(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED,
                "operation not permitted when stream is capturing"),
    MOTE_STATUS(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED,
                "operation failed due to a previous error during capture"),
    MOTE_STATUS(CUDA_ERROR_STREAM_CAPTURE_MERGE,
                "operation would result in a merge of separate capture sequences"),
    MOTE_STATUS(CUDA_ERROR_STREAM_CAPTURE_UNMATCHED,
                "capture was not ended in the same stream as it began"),
    MOTE_STATUS(CUDA_ERROR_STREAM_CAPTURE_UNJOINED, "capturing stream has unjoined work"),
    MOTE_STATUS(CUDA_ERROR_STREAM_CAPTURE_ISOLATION,
                "dependency created on uncaptured work in another stream"),
    MOTE_STATUS(CUDA_ERROR_STREAM_CAPTURE_IMPLICIT,
                "operation would make the legacy stream depend on a capturing blocking stream"),
    MOTE_STATUS(CUDA_ERROR_CAPTURED_EVENT,
                "operation not permitted on an event last recorded in a capturing stream"),
    MOTE_STATUS(CUDA_ERROR_UNKNOWN, "unknown error"),
};
#undef MOTE_STATUS

const Name* find(CUresult status) {
  for (const Name& name : kNames) {
    if (name.status == status) {
      return &name;
    }
  }
  return nullptr;
}

thread_local std::string last_error;

// Calls so far by name.
std::map<std::string, int64_t>& counts() {
  static auto& counts = *new std::map<std::string, int64_t>();
  return counts;
}

}  // namespace

std::recursive_mutex& driver_mutex() {
  static auto& mutex = *new std::recursive_mutex();
  return mutex;
}

void count(const char* call) { counts()[call]++; }

CUresult remember(const char* call, const Failure& failure) {
  last_error = std::string(call) + ": " + failure.what();
  return failure.status();
}

void need(bool good, CUresult status, const char* text) {
  if (!good) {
    throw Failure(status, text);
  }
}

}  // namespace mote::simt

using mote::simt::find;

extern "C" {

// What the last failed call of this thread said, "" before the first; good until the next failure.
const char* mote_simt_last_error() { return mote::simt::last_error.c_str(); }

// How often calls of the driver were made whose names begin like this.
int64_t mote_simt_calls(const char* prefix) {
  const std::lock_guard<std::recursive_mutex> lock(mote::simt::driver_mutex());
  int64_t sum = 0;
  for (const auto& [name, count] : mote::simt::counts()) {
    sum += name.compare(0, std::strlen(prefix), prefix) == 0 ? count : 0;
  }
  return sum;
}

// The rest of the exports are generated from symbols.txt and end here.
int mote_simt_not_supported(const char* call) {
  return mote::simt::remember(
      call, mote::simt::Failure(CUDA_ERROR_NOT_SUPPORTED,
                                std::string("the stand-in does not implement the call: name=") +
                                    call + "; use a GPU"));
}

CUresult cuGetErrorName(CUresult error, const char** name) {
  return mote::simt::guarded("cuGetErrorName", [&] {
    const auto* found = find(error);
    mote::simt::result(name) = found == nullptr ? nullptr : found->name;
    mote::simt::need(found != nullptr, CUDA_ERROR_INVALID_VALUE,
                     "status is unknown; give one that a call returned");
  });
}

CUresult cuGetErrorString(CUresult error, const char** text) {
  return mote::simt::guarded("cuGetErrorString", [&] {
    const auto* found = find(error);
    mote::simt::result(text) = found == nullptr ? nullptr : found->text;
    mote::simt::need(found != nullptr, CUDA_ERROR_INVALID_VALUE,
                     "status is unknown; give one that a call returned");
  });
}
}
