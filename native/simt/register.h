// How a kernel library makes its kernels known. The build writes one source per kernels/*.cu that
// includes it and names its kernels (register.cmake).
#pragma once

#include <cstring>
#include <type_traits>

#include "driver/registry.h"

namespace mote::simt {

// Registers kKernel, an extern "C" kernel with one plain struct by value, under its name.
template <auto kKernel>
class Registered {
 public:
  explicit Registered(const char* name) { add(name, kKernel); }

 private:
  template <typename Parameters>
  static void add(const char* name, void (*)(Parameters)) {
    static_assert(std::is_trivially_copyable_v<Parameters>);
    mote_simt_register(
        name,
        [](const void* memory) {
          Parameters parameters;  // a copy: the driver's is not aligned as the struct may be
          std::memcpy(&parameters, memory, sizeof parameters);
          kKernel(parameters);
        },
        sizeof(Parameters));
  }
};

}  // namespace mote::simt
