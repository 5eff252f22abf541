// Launches a kernel of the tests directly, without a driver.
#pragma once

#include <string>

#include "../../tests/check.h"
#include "../grid.h"

namespace mote::test {

// The kernel's parameters by value, as in CUDA; what ended the launch, or "".
template <typename Parameters>
std::string launch(void (*kernel)(Parameters), const Parameters& parameters, dim3 grid, dim3 block,
                   std::size_t dynamic_shared = 0, unsigned cluster = 1) {
  struct Call {
    void (*kernel)(Parameters);
    const Parameters* parameters;
  };
  const Call call{kernel, &parameters};
  const auto fault =
      mote::simt::run(mote::simt::Launch{"test",
                                         [](const void* memory) {
                                           const auto* call = static_cast<const Call*>(memory);
                                           call->kernel(*call->parameters);
                                         },
                                         &call, grid, block, dynamic_shared, sizeof call, cluster});
  return fault ? fault->text : "";
}

inline void check_text(const std::string& actual, const std::string& expected,
                       const std::string& what) {
  check(actual == expected, what + ": expected=\"" + expected + "\", actual=\"" + actual + "\"");
}

void test_numbers();
void test_threads();
void test_warps();
void test_fragments();
void test_faults();
void test_wgmma();
void test_clusters();

}  // namespace mote::test
