// What running threads costs: nanoseconds per thread without a barrier, per thread at a barrier,
// per lane at a shuffle, per warp's matrix product. Medians of 15 runs in time of the processor;
// run it with MOTE_SIMT_THREADS=1.
#include <time.h>

#include <algorithm>
#include <vector>

#include "../ptx_twins.h"
#include "launch.h"

namespace mote::test {
namespace {

struct Params {
  int* out;
  int turns;
};

__global__ void plain_kernel(const Params p) {
  p.out[threadIdx.x] += static_cast<int>(threadIdx.x) * p.turns;
}

__global__ void barrier_kernel(const Params p) {
  for (int i = 0; i < p.turns; i++) {
    __syncthreads();
  }
  p.out[threadIdx.x]++;
}

__global__ void shuffle_kernel(const Params p) {
  int sum = static_cast<int>(threadIdx.x);
  for (int i = 0; i < p.turns; i++) {
    sum += __shfl_xor_sync(0xFFFFFFFF, sum, 1);
  }
  p.out[threadIdx.x] += sum;
}

__global__ void mma_kernel(const Params p) {
  const uint32_t a[4] = {threadIdx.x, 0, 0, 0};
  const uint32_t b[2] = {threadIdx.x, 1};
  float c[4] = {};
  for (int i = 0; i < p.turns; i++) {
    mma_m16n8k16_f16(c, a, b, c);
  }
  p.out[threadIdx.x] += static_cast<int>(c[0]);
}

double processor_nanos() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return 1e9 * static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec);
}

void measure(const char* what, void (*kernel)(Params), unsigned blocks, unsigned threads, int turns,
             double events) {
  std::vector<int> out(1024);
  std::vector<double> nanos;
  for (int run = 0; run < 15; run++) {
    const double begin = processor_nanos();
    const std::string fault = launch(kernel, Params{out.data(), turns}, blocks, threads);
    const double elapsed = processor_nanos() - begin;
    check_text(fault, "", what);
    nanos.push_back(elapsed / events);
  }
  std::nth_element(nanos.begin(), nanos.begin() + 7, nanos.end());
  std::printf("%-40s %8.2f ns\n", what, nanos[7]);
}

}  // namespace
}  // namespace mote::test

int main() {
  using namespace mote::test;
  measure("thread of 256, no barrier", plain_kernel, 1000, 256, 1, 256000);
  measure("thread of 1024, no barrier", plain_kernel, 250, 1024, 1, 256000);
  measure("thread of 32 at a barrier", barrier_kernel, 100, 32, 100, 320000);
  measure("thread of 256 at a barrier", barrier_kernel, 20, 256, 100, 512000);
  measure("thread of 1024 at a barrier", barrier_kernel, 5, 1024, 100, 512000);
  measure("lane at a shuffle", shuffle_kernel, 20, 256, 100, 512000);
  measure("warp's m16n8k16", mma_kernel, 20, 256, 100, 16000);
  measure("launch of one thread", plain_kernel, 1, 1, 1, 1);
  return failures == 0 ? 0 : 1;
}
