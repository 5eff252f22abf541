// Shuffles and votes, of whole warps, of parts, and of warps that run apart.
#include <vector>

#include "../simt.h"
#include "launch.h"

namespace mote::test {
namespace {

struct Params {
  int* out;
};

// Results of one thread, in the order of `expected`.
constexpr int kResults = 9;

__global__ void shuffle_kernel(const Params p) {
  const int lane = static_cast<int>(threadIdx.x % 32);
  const int value = 100 * static_cast<int>(threadIdx.x);
  int* out = p.out + kResults * threadIdx.x;
  out[0] = __shfl_sync(0xFFFFFFFF, value, 5);
  out[1] = __shfl_sync(0xFFFFFFFF, value, lane + 3, 8);
  out[2] = __shfl_xor_sync(0xFFFFFFFF, value, 16);
  out[3] = __shfl_xor_sync(0xFFFFFFFF, value, 8, 8);
  out[4] = __shfl_up_sync(0xFFFFFFFF, value, 3);
  out[5] = __shfl_up_sync(0xFFFFFFFF, value, 3, 8);
  out[6] = __shfl_down_sync(0xFFFFFFFF, value, 3);
  out[7] = __shfl_down_sync(0xFFFFFFFF, value, 3, 8);
  out[8] = static_cast<int>(__shfl_xor_sync(0xFFFFFFFF, value * 1.0e9, 1) / 1.0e9);
}

int expected_shuffle(int thread, int result) {
  const int lane = thread % 32;
  const int first = thread - lane;
  const int group = lane / 8 * 8;
  const int sources[kResults] = {5, group + (lane + 3) % 8, lane ^ 16,
                                 // From a later group of 8: the lane's own.
                                 (lane ^ 8) > lane ? lane : lane ^ 8, lane >= 3 ? lane - 3 : lane,
                                 lane - group >= 3 ? lane - 3 : lane,
                                 lane + 3 < 32 ? lane + 3 : lane,
                                 lane - group + 3 < 8 ? lane + 3 : lane, lane ^ 1};
  return 100 * (first + sources[result]);
}

// Each half of a warp and each warp takes a way of its own, of different length.
__global__ void divergent_kernel(const Params p) {
  const int lane = static_cast<int>(threadIdx.x % 32);
  const int warp = static_cast<int>(threadIdx.x / 32);
  int sum = static_cast<int>(threadIdx.x);
  if (lane < 16) {
    for (int turn = 0; turn <= warp; turn++) {
      for (int step = 8; step > 0; step /= 2) {
        sum += __shfl_xor_sync(0x0000FFFF, sum, step, 16);
      }
    }
  } else {
    sum = __any_sync(0xFFFF0000, lane == 20) * 1000 + __all_sync(0xFFFF0000, lane > 15) * 100 +
          __any_sync(0xFFFF0000, lane == 3) * 10 + __all_sync(0xFFFF0000, lane > 16);
  }
  __syncwarp();
  p.out[threadIdx.x] = sum + static_cast<int>(__ballot_sync(0xFFFFFFFF, lane % 2 == 0) & 1);
}

// Lanes that have ended, and those that a block of 40 threads lacks, are not waited for.
__global__ void ended_kernel(const Params p) {
  const int lane = static_cast<int>(threadIdx.x % 32);
  if (lane >= 6) {
    return;
  }
  p.out[threadIdx.x] = static_cast<int>(__ballot_sync(0xFFFFFFFF, 1));
}

// Lane 1 reads what lane 0 wrote before the warp met.
__global__ void exchange_kernel(const Params p) {
  MOTE_SHARED(int, values, 128);
  const unsigned i = threadIdx.x;
  for (int turn = 0; turn < 10; turn++) {
    values[i] = static_cast<int>(i) + turn;
    __syncwarp();
    p.out[i] += values[i ^ 31];
    __syncwarp();
  }
}

}  // namespace

void test_warps() {
  std::vector<int> out(96 * kResults);
  check_text(launch(shuffle_kernel, {out.data()}, 1, 96), "", "shuffles");
  for (int thread = 0; thread < 96; thread++) {
    for (int result = 0; result < kResults; result++) {
      const int actual = out[static_cast<std::size_t>(kResults * thread + result)];
      check(actual == expected_shuffle(thread, result), "shuffle " + std::to_string(result) +
                                                            " of thread " + std::to_string(thread) +
                                                            " is " + std::to_string(actual));
    }
  }

  std::vector<int> divergent(128);
  check_text(launch(divergent_kernel, {divergent.data()}, 1, 128), "", "divergence");
  for (int thread = 0; thread < 128; thread++) {
    const int warp = thread / 32;
    int expected = 1100;
    if (thread % 32 < 16) {
      expected = 16 * 32 * warp + 120;
      for (int turn = 0; turn < warp; turn++) {
        expected *= 16;
      }
    }
    check(divergent[static_cast<std::size_t>(thread)] == expected + 1,
          "divergence " + std::to_string(thread) + " is " +
              std::to_string(divergent[static_cast<std::size_t>(thread)]));
  }

  std::vector<int> ended(40, -1);
  check_text(launch(ended_kernel, {ended.data()}, 1, 40), "", "ended lanes");
  for (std::size_t thread = 0; thread < ended.size(); thread++) {
    check(ended[thread] == (thread % 32 < 6 ? 0x3F : -1), "ended lanes " + std::to_string(thread));
  }

  std::vector<int> exchanged(128);
  check_text(launch(exchange_kernel, {exchanged.data()}, 1, 128), "", "exchange");
  for (int i = 0; i < 128; i++) {
    check(exchanged[static_cast<std::size_t>(i)] == 10 * (i ^ 31) + 45, "exchange");
  }
}

}  // namespace mote::test
