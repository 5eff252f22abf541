#include "registry.h"

#include <dlfcn.h>

#include <cstdlib>
#include <cstring>
#include <unordered_map>

#include "failure.h"

namespace mote::simt {
namespace {

std::unordered_map<std::string, RegisteredKernel>& kernels() {
  static auto& kernels = *new std::unordered_map<std::string, RegisteredKernel>();
  return kernels;
}

// MOTE_SIMT_CHECK is on unless it is unset, empty or 0.
bool checked() {
  const char* asked = std::getenv("MOTE_SIMT_CHECK");
  return asked != nullptr && *asked != '\0' && std::strcmp(asked, "0") != 0;
}

std::string library() {
  const char* asked = std::getenv("MOTE_SIMT_KERNELS");
  if (asked != nullptr) {
    return asked;
  }
  Dl_info self{};
  dladdr(reinterpret_cast<void*>(&mote_simt_register), &self);
  const std::string path = self.dli_fname == nullptr ? "" : self.dli_fname;
  return path.substr(0, path.rfind('/') + 1) +
         (checked() ? "libmote_kernels_simt_checked.so" : "libmote_kernels_simt.so");
}

void load() {
  static bool loaded = false;
  if (loaded) {
    return;
  }
  const std::string path = library();
  if (dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL) == nullptr) {
    throw Failure(CUDA_ERROR_SHARED_OBJECT_INIT_FAILED,
                  "kernels for the stand-in cannot be loaded: library=" + path +
                      ", reason=" + dlerror() + "; build native/simt");
  }
  loaded = true;
}

}  // namespace

const RegisteredKernel* find_kernel(const std::string& name) {
  auto found = kernels().find(name);
  if (found == kernels().end()) {
    load();
    found = kernels().find(name);
  }
  return found == kernels().end() ? nullptr : &found->second;
}

}  // namespace mote::simt

void mote_simt_register(const char* name, mote::simt::Kernel call, std::size_t parameter_bytes) {
  mote::simt::kernels()[name] = {call, parameter_bytes};
}
