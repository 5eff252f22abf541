// Misuse that a device would hang at or leave undefined is reported, and the next launch is sound.
#include <vector>

#include "../ptx_twins.h"
#include "launch.h"

namespace mote::test {
namespace {

struct Params {
  int* out;
};

__global__ void exit_kernel(const Params) {
  if (threadIdx.x == 3) {
    return;
  }
  __syncthreads();
}

__global__ void late_exit_kernel(const Params) {
  if (threadIdx.x != 3) {
    __syncthreads();
  }
}

__global__ void stuck_kernel(const Params) {
  if (threadIdx.x < 32) {
    __syncthreads();
  } else if (threadIdx.x != 40) {
    __syncwarp();
  } else {
    __syncthreads();
  }
}

__global__ void mask_kernel(const Params) { __syncwarp(0x0000FFFF); }

__global__ void meet_kernel(const Params) {
  if (threadIdx.x % 2 == 0) {
    __syncwarp();
  } else {
    __ballot_sync(0xFFFFFFFF, 1);
  }
}

__global__ void absent_kernel(const Params p) {
  if (threadIdx.x < 16) {
    p.out[0] = __shfl_sync(0x0000FFFF, 1, 20);
  }
}

__global__ void half_warp_kernel(const Params) {
  uint32_t a[4] = {}, b[2] = {};
  float c[4] = {};
  if (threadIdx.x < 16) {
    mma_m16n8k16_f16(c, a, b, c);
  }
}

__global__ void spent_kernel(const Params) {
  MOTE_SHARED(float, large, 1000);
  large[0] = 0;
}

__global__ void misaligned_kernel(const Params) {
  MOTE_SHARED(uint4, memory, 32);
  uint32_t r[1];
  ldmatrix_x1(r, shared_address(memory) + 8);
}

__global__ void trap_kernel(const Params p) {
  if (blockIdx.x == 1 && threadIdx.x == 5 && threadIdx.y == 1) {
    __trap();
  }
  p.out[0] = 1;
}

volatile uintptr_t nowhere = 64;

__global__ void wild_kernel(const Params) {
  if (threadIdx.x == 9) {
    *reinterpret_cast<volatile int*>(nowhere) = 1;
  }
}

__global__ void count_kernel(const Params p) {
  __syncthreads();
  atomicAdd(p.out, 1);
}

void check_fault(void (*kernel)(Params), unsigned threads, const std::string& expected,
                 std::size_t shared = 0) {
  int out = 0;
  check_text(launch(kernel, Params{&out}, 1, threads, shared), expected, "fault");
  out = 0;
  check_text(launch(count_kernel, Params{&out}, 3, 64), "", "the launch after a fault");
  check(out == 192, "all threads run after a fault");
}

}  // namespace

void test_faults() {
  const std::string remedy = "; let every thread of the block reach every __syncthreads";
  check_fault(exit_kernel, 64,
              "threads have ended before a barrier at which others wait: kernel=test, "
              "block=(0,0,0), thread=(63,0,0), ended=1, waiting=63" +
                  remedy);
  check_fault(late_exit_kernel, 4,
              "threads have ended before a barrier at which others wait: kernel=test, "
              "block=(0,0,0), thread=(3,0,0), ended=1, waiting=3" +
                  remedy);
  check_fault(stuck_kernel, 64,
              "the threads of a block wait for each other for ever: kernel=test, block=(0,0,0), "
              "thread=(63,0,0), at_barrier=33, at_warp_operation=31, ended=0, threads=64; let all "
              "threads reach the same barriers, and all lanes of a mask the same operation");
  check_fault(mask_kernel, 32,
              "lane is not in its own mask: kernel=test, block=(0,0,0), thread=(16,0,0), "
              "mask=0xffff, lane=16; name every lane that executes the operation");
  check_fault(meet_kernel, 32,
              "lanes of a warp meet at different operations or masks: kernel=test, "
              "block=(0,0,0), thread=(31,0,0), lane=1, mask=0xffffffff, other_mask=0xffffffff; "
              "let all lanes of a mask execute the same operation with that mask");
  check_fault(absent_kernel, 32,
              "shuffle reads a lane that takes no part: kernel=test, block=(0,0,0), "
              "thread=(15,0,0), lane=0, source=20, mask=0xffff; let the source lane execute the "
              "shuffle too");
  check_fault(half_warp_kernel, 32,
              "mma.sync.m16n8k16 needs all 32 lanes: kernel=test, block=(0,0,0), "
              "thread=(31,0,0), mask=0xffff; let whole warps execute it");
  check_fault(spent_kernel, 32,
              "shared memory is spent: kernel=test, block=(0,0,0), thread=(0,0,0), bytes=234000, "
              "most=232448; use smaller arrays",
              230000);
  check_fault(misaligned_kernel, 32,
              "ldmatrix's address is misaligned: kernel=test, block=(0,0,0), thread=(0,0,0), "
              "shared_address=1096; align it to 16 bytes");
  check_fault(wild_kernel, 32,
              "memory is not there: kernel=test, block=(0,0,0), thread=(9,0,0), address=0x40; stay "
              "inside of living allocations; MOTE_SIMT_CHECK=1 tells more");
  int out = 0;
  check_text(launch(trap_kernel, Params{&out}, 2, dim3(8, 2)),
             "kernel trapped: kernel=test, block=(1,0,0), thread=(5,1,0); see the check before "
             "its __trap",
             "trap");
}

}  // namespace mote::test
