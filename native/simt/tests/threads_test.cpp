// Threads, blocks, barriers, shared memory and atomics.
#include <set>
#include <vector>

#include "../simt.h"
#include "launch.h"

namespace mote::test {
namespace {

struct IdentityParams {
  int* out;
};

__global__ void identity_kernel(const IdentityParams p) {
  const unsigned block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
  const unsigned thread = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
  p.out[block * blockDim.x * blockDim.y * blockDim.z + thread] +=
      static_cast<int>(1000000 * blockIdx.x + 100000 * blockIdx.y + 10000 * blockIdx.z +
                       100 * threadIdx.x + 10 * threadIdx.y + threadIdx.z);
}

void test_identity() {
  const dim3 grid(3, 2, 2);
  const dim3 block(5, 3, 2);
  std::vector<int> out(3 * 2 * 2 * 5 * 3 * 2, 0);
  check_text(launch(identity_kernel, {out.data()}, grid, block), "", "identity");
  for (std::size_t i = 0; i < out.size(); i++) {
    const auto thread = static_cast<int>(i % 30);
    const auto number = static_cast<int>(i / 30);
    const int expected = 1000000 * (number % 3) + 100000 * (number / 3 % 2) + 10000 * (number / 6) +
                         100 * (thread % 5) + 10 * (thread / 5 % 3) + thread / 15;
    check(out[i] == expected, "identity " + std::to_string(i));
  }
}

// Sums by halves through shared memory: each step needs the one before in full.
struct SumParams {
  const float* in;
  float* out;
};

__global__ void sum_kernel(const SumParams p) {
  MOTE_DYNAMIC_SHARED(float, sums);
  MOTE_SHARED(float, first, 1);
  const unsigned i = threadIdx.x;
  sums[i] = p.in[blockIdx.x * blockDim.x + i];
  if (i == blockDim.x - 1) {
    first[0] = sums[i];
  }
  for (unsigned half = blockDim.x / 2; half > 0; half /= 2) {
    __syncthreads();
    const float other = i < half ? sums[i + half] : 0.0f;
    __syncthreads();
    sums[i] += other;
  }
  __syncthreads();
  // Every thread reads what thread 0 and the last one made.
  p.out[blockIdx.x * blockDim.x + i] = sums[0] + 1000 * first[0];
}

void test_barriers() {
  constexpr unsigned kBlocks = 7;
  constexpr unsigned kThreads = 256;
  std::vector<float> in(kBlocks * kThreads);
  std::vector<float> out(in.size());
  for (std::size_t i = 0; i < in.size(); i++) {
    in[i] = static_cast<float>(i % 13);
  }
  check_text(launch(sum_kernel, {in.data(), out.data()}, kBlocks, kThreads, 4 * kThreads), "",
             "sum");
  for (unsigned block = 0; block < kBlocks; block++) {
    float expected = 0;
    for (unsigned i = 0; i < kThreads; i++) {
      expected += in[block * kThreads + i];
    }
    expected += 1000 * in[block * kThreads + kThreads - 1];
    for (unsigned i = 0; i < kThreads; i++) {
      check_close(out[block * kThreads + i], expected, 0, "sum");
    }
  }
}

struct VoteParams {
  int* out;
};

__global__ void block_vote_kernel(const VoteParams p) {
  const int i = static_cast<int>(threadIdx.x);
  const int count = __syncthreads_count(i % 3 == 0);
  const int any = __syncthreads_or(i == 77);
  const int none = __syncthreads_or(i == 1000);
  const int all = __syncthreads_and(i < 100);
  const int most = __syncthreads_and(i < 99);
  p.out[i] = count * 10000 + any * 1000 + none * 100 + all * 10 + most;
}

// A block after the first finds nothing of the first's shared memory.
__global__ void unwritten_kernel(const VoteParams p) {
  MOTE_SHARED(unsigned, values, 64);
  MOTE_DYNAMIC_SHARED(unsigned, more);
  atomicAdd(&p.out[0], values[threadIdx.x] == 0xFFFFFFFF && more[threadIdx.x] == 0xFFFFFFFF);
  __syncthreads();
  values[threadIdx.x] = more[threadIdx.x] = 5;
}

__global__ void atomic_kernel(const VoteParams p) {
  const auto i = static_cast<int>(threadIdx.x + blockDim.x * blockIdx.x);
  atomicAdd(&p.out[0], 1);
  atomicMax(&p.out[1], i);
  atomicMin(&p.out[2], -i);
  atomicAdd(reinterpret_cast<float*>(&p.out[3]), 0.5f);
  if (atomicCAS(&p.out[4], 0, i + 1) == 0) {
    atomicAdd(&p.out[5], 1);
  }
  atomicOr(&p.out[6], 1 << (i % 20));
}

void test_counters() {
  std::vector<int> out(100);
  check_text(launch(block_vote_kernel, {out.data()}, 1, 100), "", "votes of a block");
  for (const int value : out) {
    check(value == 34 * 10000 + 1000 + 10, "votes of a block: " + std::to_string(value));
  }
  std::vector<int> unwritten(1);
  check_text(launch(unwritten_kernel, {unwritten.data()}, 5, 64, 256), "", "unwritten");
  check(unwritten[0] == 5 * 64, "shared memory begins unwritten in every block");
  std::vector<int> counters(7);
  check_text(launch(atomic_kernel, {counters.data()}, 40, 96), "", "atomics");
  check(counters[0] == 3840 && counters[1] == 3839 && counters[2] == -3839, "atomic integers");
  check(__int_as_float(counters[3]) == 1920.0f, "atomic float");
  check(counters[4] > 0 && counters[5] == 1, "one exchange succeeds");
  check(counters[6] == (1 << 20) - 1, "atomic or");
}

}  // namespace

void test_threads() {
  test_identity();
  test_barriers();
  test_counters();
}

}  // namespace mote::test
