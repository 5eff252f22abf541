// Runs the tests of mote_cpu on every instruction set that this processor has; the exit status is 1
// if one failed.
#include <omp.h>

#include "../cpu/isa.h"
#include "check.h"
#include "tables.h"

int mote::test::threads() { return omp_get_max_threads(); }

int main() {
  for (const mote::Kernels* kernels : mote::runnable_kernels()) {
    std::printf("%s\n", kernels->name);
    mote::test::test_convolutions(*kernels);
    mote::test::test_points(*kernels);
  }
  mote::test::test_api();
  std::printf("%s\n", mote::test::failures == 0 ? "passed" : "FAILED");
  return mote::test::failures == 0 ? 0 : 1;
}
