// libcublas.so.12 for a host that has only CUDA 13: every call that JCublas 12 imports, handed on
// to libcublas.so.13, whose calls of these names take the same arguments. The entries themselves
// are generated from symbols.txt: each jumps through its place in mote_cublas_targets.
#include <dlfcn.h>

#include <cstddef>
#include <cstring>
#include <string>

extern "C" {
// Generated: names and, once resolved, addresses, in the order of symbols.txt.
extern const char* const mote_cublas_names[];
extern const std::size_t mote_cublas_count;
extern void* mote_cublas_targets[];
}

namespace {

constexpr int kNotInitialized = 1;  // CUBLAS_STATUS_NOT_INITIALIZED
constexpr int kNotSupported = 15;   // CUBLAS_STATUS_NOT_SUPPORTED
constexpr const char* kLibrary = "libcublas.so.13";

std::string error;

int without_library() { return kNotInitialized; }
int without_call() { return kNotSupported; }
// Of the two calls that return a text.
const char* without_text() { return "cuBLAS is missing"; }

__attribute__((constructor)) void resolve() {
  void* library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    error = std::string("cuBLAS cannot be loaded: library=") + kLibrary + ", reason=" + dlerror() +
            "; install CUDA 13's cuBLAS or put it on the library path";
  }
  for (std::size_t i = 0; i < mote_cublas_count; i++) {
    void* target = library == nullptr ? nullptr : dlsym(library, mote_cublas_names[i]);
    if (target == nullptr && std::strncmp(mote_cublas_names[i], "cublasGetStatus", 15) == 0) {
      target = reinterpret_cast<void*>(without_text);
    } else if (target == nullptr) {
      target = library == nullptr ? reinterpret_cast<void*>(without_library)
                                  : reinterpret_cast<void*>(without_call);
    }
    mote_cublas_targets[i] = target;
  }
}

}  // namespace

extern "C" {
// Why nothing can be forwarded, or "".
__attribute__((visibility("default"))) const char* mote_cublas_forward_error() {
  return error.c_str();
}
}
