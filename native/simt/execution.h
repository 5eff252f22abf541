// What a kernel compiled for the CPU sees of the machine that runs it: which thread it is, and the
// calls at which threads wait for each other. simt.h builds CUDA's names on these.
#pragma once

#include <cstddef>
#include <cstdint>

#include "vectors.h"

namespace mote::simt {

inline constexpr int kWarp = 32;
inline constexpr unsigned kMostThreads = 1024;  // of a block
// Shared memory that a block may have (sm_90), and the part below 1 KiB that the system keeps.
inline constexpr std::size_t kMostShared = 227 << 10;
inline constexpr std::size_t kReservedShared = 1 << 10;

class Block;

// Where a block stands in its grid.
struct Place {
  uint3 block_idx;
  dim3 block_dim;
  dim3 grid_dim;
};

// One thread of a block.
struct Thread {
  uint3 thread_idx;
  uint32_t index;  // x fastest
  uint32_t lane;
  const Place* place;
  Block* block;
};

}  // namespace mote::simt

// Kernels reach these across libraries.
#pragma GCC visibility push(default)
extern "C" {

// The thread that runs on this CPU thread; null outside of kernels. Initial-exec: every read of
// threadIdx goes through it.
extern __thread mote::simt::Thread* mote_simt_self __attribute__((tls_model("initial-exec")));

// Waits for all threads of the block (bar.sync 0) and returns how many gave a true predicate.
int mote_simt_barrier(int predicate);

// Called once, by the last lane to arrive, for all lanes of mask: operands[lane] is what that lane
// gave, operands of lanes outside of mask are undefined.
using mote_simt_finish = void (*)(uint32_t mask, void* const* operands);
// Waits for the lanes of mask, which must all come with the same mask and finish.
void mote_simt_converge(uint32_t mask, mote_simt_finish finish, void* operands);
// The finish of __syncwarp, by which checks know it.
void mote_simt_finish_syncwarp(uint32_t mask, void* const* operands);
// __syncwarp: as converge, and orders the lanes' accesses to memory.
void mote_simt_syncwarp(uint32_t mask);

enum mote_simt_shuffle_kind { kShuffleIndex, kShuffleXor, kShuffleUp, kShuffleDown };
uint32_t mote_simt_shuffle(uint32_t mask, mote_simt_shuffle_kind kind, uint32_t value,
                           uint32_t operand, int width);
// Bits of the lanes of mask whose predicate is true.
uint32_t mote_simt_ballot(uint32_t mask, int predicate);

// The block's static array that `key` stands for; the same for all threads.
void* mote_simt_static_shared(const void* key, std::size_t bytes, std::size_t alignment);
// Begin of the memory whose size the launch gives, aligned to 1024 bytes.
void* mote_simt_dynamic_shared();
// A shared address is an offset into the block's window.
uint32_t mote_simt_shared_address(const void* generic);
void* mote_simt_shared_pointer(uint32_t address);

// cp.async: the copy is made when it is waited for, as late as the hardware may make it. bytes is
// 4, 8 or 16; what lies beyond source_bytes becomes 0.
void mote_simt_copy_async(void* shared, const void* global, uint32_t bytes, uint32_t source_bytes);
void mote_simt_commit_copies();
// Waits until at most `pending` of this thread's newest groups are unfinished.
void mote_simt_wait_copies(uint32_t pending);
void mote_simt_wait_all_copies();

// D = A B + C over a warp, fragments as the PTX manual lays them out (m16n8k16, m16n8k8).
void mote_simt_mma_f16(float* d, const uint32_t* a, const uint32_t* b, const float* c);
void mote_simt_mma_bf16(float* d, const uint32_t* a, const uint32_t* b, const float* c);
void mote_simt_mma_tf32(float* d, const uint32_t* a, const uint32_t* b, const float* c);
// ldmatrix of `matrices` 8x8 matrices of 16-bit elements; row = this lane's 16 bytes, which count
// for lanes below 8 * matrices.
void mote_simt_ldmatrix(uint32_t* registers, int matrices, bool transposed, const void* row);

// bar.sync id, threads.
void mote_simt_named_barrier(uint32_t id, uint32_t threads);

// Clusters. A shared::cluster address says of which block it is; mapa makes it.
uint32_t mote_simt_cluster_rank();
void mote_simt_cluster_arrive();
void mote_simt_cluster_wait();
uint32_t mote_simt_mapa(uint32_t address, uint32_t rank);
// 16 bytes to a shared::cluster address.
void mote_simt_store_cluster(uint32_t address, const void* bytes);

// mbarriers: a wait parks the thread until the phase of that parity has ended.
void mote_simt_mbarrier_init(uint32_t address, uint32_t count);
void mote_simt_mbarrier_arrive(uint32_t address, uint32_t expected_bytes);
void mote_simt_mbarrier_wait(uint32_t address, uint32_t parity);

// cp.async.bulk.tensor.2d to the blocks of a mask: made when somebody waits for its mbarrier.
void mote_simt_load_tensor(uint32_t to, const void* tensor, int column, int row, uint32_t barrier,
                           uint16_t blocks);

// wgmma m64nNk16, N = columns, binary16 operands: made when it is waited for.
void mote_simt_wgmma_f16(float* sums, int columns, uint64_t a, uint64_t b);
void mote_simt_wgmma_fence();
void mote_simt_wgmma_commit();
void mote_simt_wgmma_wait(uint32_t pending);

// Ends the launch as the device's trap instruction does.
[[noreturn]] void mote_simt_trap();
// Ends the launch as a misaligned address does.
[[noreturn]] void mote_simt_misaligned(const char* instruction, uint32_t address);
}
#pragma GCC visibility pop
