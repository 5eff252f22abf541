// One block at work: its threads on fibres of one CPU thread, its warps, its shared memory.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "execution.h"
#include "fibre.h"
#include "shadow.h"

namespace mote::simt {

// A kernel as the launcher calls it: the address of its parameters is all it gets.
using Kernel = void (*)(const void* parameters);

// What ended a launch before its time.
enum class FaultKind {
  kTrap,            // the kernel's own __trap
  kMisuse,          // barriers and warp operations that a device would hang at or leave undefined
  kIllegalAddress,  // memory that is not there
  kUnwritten,       // reads of memory that nobody wrote
  kRace,            // accesses without an order
};

struct Fault {
  FaultKind kind;
  std::string text;  // kernel, block, thread and what it did
};

// A kernel with its geometry.
struct Launch {
  const char* name;
  Kernel kernel;
  const void* parameters;
  dim3 grid;
  dim3 block;
  std::size_t dynamic_shared;
  std::size_t parameter_bytes;
  unsigned cluster = 1;  // blocks of a cluster, side by side in x
};

std::string hexadecimal(uint64_t value);

class Cluster;

// One cp.async.
struct Copy {
  void* shared;
  const void* global;
  uint32_t bytes;
  uint32_t source_bytes;
};

// One cp.async.bulk.tensor, as far as it concerns one block: made when somebody waits for it.
struct TensorCopy {
  uint32_t barrier;
  std::function<void()> write;
  uint32_t bytes;
};

// One wgmma of a thread.
struct Wgmma {
  float* sums;
  int columns;
  uint64_t a;
  uint64_t b;
};

// Runs the blocks of one rank of a cluster one after the other. Memory is kept from block to block
// and grows to the largest.
class Block {
 public:
  Block(Cluster& cluster, unsigned rank);
  ~Block();
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  // What threads of this block call, through execution.h.
  int barrier(int predicate);
  void converge(uint32_t mask, mote_simt_finish finish, void* operands);
  void* static_shared(const void* key, std::size_t bytes, std::size_t alignment);
  // The window: dynamic memory begins at kReservedShared, static arrays follow.
  std::byte* shared() { return shared_; }
  std::size_t shared_end() const { return shared_end_; }
  bool in_window(const void* address) const;
  // Of the checked build; null without.
  Shadow* shadow() { return shadow_.get(); }
  // Whether the bytes are a thread's stack, the kernel's parameters or the built-in variables.
  bool own(const void* address, std::size_t bytes) const;
  // cp.async of the calling thread.
  void copy_async(const Copy& copy);
  void commit_copies();
  void wait_groups(uint32_t pending);
  void wait_all_copies();
  // bar.sync id, threads.
  void named_barrier(uint32_t id, uint32_t threads);
  // mbarriers of this block at a shared address; waits are the calling thread's.
  void init_mbarrier(uint32_t address, uint32_t count);
  // `arrivals` arrive, `bytes` more are expected (or, negative, have come).
  void change_mbarrier(uint32_t address, uint32_t arrivals, int64_t bytes);
  void wait_mbarrier(uint32_t address, uint32_t parity);
  // TMA into this block.
  void copy_tensor(TensorCopy copy);
  // wgmma of the calling thread.
  void fence_wgmma();
  void issue_wgmma(const Wgmma& wgmma);
  void commit_wgmma();
  void wait_wgmma(uint32_t pending);
  // Bytes at a shared address of this block, for whoever may reach them; ends the launch where they
  // are none of its arrays'.
  std::byte* shared_bytes(uint32_t address, std::size_t bytes);
  // As shared_bytes, where they are written by something else than the block's own instructions.
  std::byte* written_bytes(uint32_t address, std::size_t bytes);

  Cluster& cluster() { return cluster_; }
  unsigned rank() const { return rank_; }
  bool ended() const { return ended_ == count_; }

  // Ends the launch from inside of a thread; the fault's text is
  // `reason: kernel, block, thread, values; remedy`.
  [[noreturn]] void fail(FaultKind kind, const std::string& reason, const std::string& values,
                         const std::string& remedy);

 private:
  struct Arrival {
    uint32_t mask;
    mote_simt_finish finish;
    void* operands;
  };
  struct Warp {
    uint32_t live;     // lanes that exist and have not ended
    uint32_t waiting;  // lanes that have arrived and not left
    Arrival arrivals[kWarp];
  };
  struct StaticArray {
    const void* key;
    std::size_t offset;
  };
  // Unfinished copies of one thread: group i ends before issued[groups[i]].
  struct Copies {
    std::vector<Copy> issued;
    std::vector<std::size_t> groups;
  };
  // The window's bytes.
  static constexpr std::size_t kWindow = std::size_t{256} << 10;
  // Bytes that nobody wrote: a NaN as float, half and bfloat16, -1 as an integer.
  static constexpr int kUnwrittenByte = 0xFF;
  enum class Wait : uint8_t { kNothing, kBarrier, kWarp, kNamed, kMbarrier, kCluster };
  struct NamedBarrier {
    uint32_t threads;
    std::vector<uint32_t> waiting;
  };
  struct MbarrierWait {
    uint32_t thread;
    uint32_t address;
  };
  // Unfinished wgmmas of one thread: group i ends before issued[groups[i]].
  struct Wgmmas {
    bool fenced = false;
    std::vector<Wgmma> issued;
    std::vector<std::size_t> groups;
  };

  friend class Cluster;

  static void fibre_body(Fibre* fibre);
  void work(Fibre* fibre);
  void shape(dim3 block);
  void reset_stacks();
  void prepare(const Launch& launch, uint3 index);
  void end_thread();
  // Gives the processor to another thread until somebody makes this one ready.
  void park(Wait wait);
  // The fibre of this block to go on with, or null.
  Fibre* next();
  // As next, where this block has none of another of its cluster.
  Fibre* next_anywhere();
  // What a thread may not leave undone when it ends.
  void end_asynchronous();
  uint64_t& mbarrier(uint32_t address);
  // Makes what TMA has for the barrier.
  void make_tensor_copies(uint32_t barrier);
  // For the checked build: what was done before is in order with what follows.
  void order_all();
  void make_ready(uint32_t thread);
  void complete_warp(Warp& warp, uint32_t mask, uint32_t first_thread);
  void make_copies(Copies& copies, std::size_t count);
  [[noreturn]] void fail_exit();
  [[noreturn]] void fail_stuck();

  Cluster& cluster_;
  const unsigned rank_;
  const Launch* launch_ = nullptr;
  Place place_{{0, 0, 0}, dim3(0, 0, 0), dim3(0, 0, 0)};
  uint32_t count_ = 0;    // threads of the block
  uint32_t started_ = 0;  // threads that have begun
  uint32_t ended_ = 0;
  uint32_t arrived_ = 0;     // threads at the barrier
  int predicates_ = 0;       // of those, true ones
  int last_predicates_ = 0;  // of the barrier that was completed last
  std::vector<Thread> threads_;
  std::vector<Wait> waits_;
  std::vector<Fibre*> fibres_;  // of each thread
  std::vector<Warp> warps_;
  std::vector<Copies> copies_;
  bool any_copies_ = false;
  NamedBarrier named_[16];
  std::vector<MbarrierWait> mbarrier_waits_;
  std::vector<TensorCopy> tensor_copies_;
  std::vector<Wgmmas> wgmmas_;
  bool any_wgmmas_ = false;
  std::vector<int64_t> cluster_phases_;  // of each thread: at its arrival; -1: it waits for none

  std::unique_ptr<Stacks> stacks_;
  std::vector<Fibre*> idle_;  // stacks without a thread
  std::vector<uint32_t> ready_;
  std::size_t ready_begin_ = 0;
  std::size_t ready_count_ = 0;
  std::byte* shared_;
  std::unique_ptr<Shadow> shadow_;
  std::size_t shared_used_ = 0;  // without the gaps between arrays
  std::size_t shared_end_ = 0;
  std::vector<StaticArray> statics_;
};

}  // namespace mote::simt
