// Failures of driver calls: a status, and a text for people that the caller can ask for.
#pragma once

#include <mutex>
#include <stdexcept>
#include <string>

#include "cuda_types.h"

namespace mote::simt {

// what() is `reason: name=value; remedy`.
class Failure : public std::runtime_error {
 public:
  Failure(CUresult status, const std::string& text) : std::runtime_error(text), status_(status) {}
  CUresult status() const { return status_; }

 private:
  CUresult status_;
};

// All driver calls of a process run one at a time, under this.
std::recursive_mutex& driver_mutex();

// Counts a call for mote_simt_calls.
void count(const char* call);

// Keeps the text for mote_simt_last_error and returns the failure's status.
CUresult remember(const char* call, const Failure& failure);

// Runs the body of the driver call of that name.
template <typename Body>
CUresult guarded(const char* call, Body body) {
  const std::lock_guard<std::recursive_mutex> lock(driver_mutex());
  count(call);
  try {
    body();
    return CUDA_SUCCESS;
  } catch (const Failure& failure) {
    return remember(call, failure);
  } catch (const std::bad_alloc&) {
    return remember(call, Failure(CUDA_ERROR_OUT_OF_MEMORY,
                                  "host memory is spent: bytes=unknown; close something"));
  }
}

void need(bool good, CUresult status, const char* text);
// CUDA_ERROR_INVALID_VALUE where a pointer for a result is null.
template <typename T>
T& result(T* pointer) {
  need(pointer != nullptr, CUDA_ERROR_INVALID_VALUE,
       "address for a result is missing: pointer=0; give one");
  return *pointer;
}

}  // namespace mote::simt
