// The checked build's memory of a block's shared memory: what is an array, what was written, and
// which accesses no barrier has put in order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace mote::simt {

enum class Access : uint8_t { kRead, kWrite, kAtomic };

class Shadow {
 public:
  explicit Shadow(std::size_t window) : cells_(window) {}

  void begin_block(uint32_t threads);
  void add_array(std::size_t offset, std::size_t bytes);
  // All threads have met.
  void barrier() { epoch_++; }
  // Lanes of mask, thread first_thread being lane 0, have met in __syncwarp.
  void sync(uint32_t first_thread, uint32_t mask);

  // Bytes that another block of the cluster or a copy engine writes.
  void write_from_outside(std::size_t offset, std::size_t bytes);

  // What is wrong with an access.
  struct Wrong {
    enum Kind { kNothing, kOutside, kUnwritten, kRace } kind;
    std::size_t offset;  // of the first wrong byte
    uint32_t other;      // of a race: the other thread
    Access other_access;
  };
  // Notes a thread's access to bytes of the window.
  Wrong access(uint32_t thread, std::size_t offset, std::size_t bytes, Access access);

 private:
  struct Stamp {
    uint32_t epoch;  // of the last barrier before; 0: never
    uint32_t lane_epoch;
    uint16_t thread;
    bool atomic;
  };
  // Of the readers since the last write, two different threads are enough: whoever writes, one is
  // another.
  struct Cell {
    Stamp write;
    Stamp reads[2];
  };
  struct Array {
    std::size_t begin;
    std::size_t end;
  };

  // Whether an access of the current epoch has no order with one by this thread now.
  bool concurrent(const Stamp& stamp, uint32_t thread) const;
  void note_read(Cell& cell, const Stamp& stamp) const;

  std::vector<Cell> cells_;
  std::vector<Array> arrays_;
  uint32_t epoch_ = 0;
  uint32_t first_epoch_ = 0;  // of this block
  uint32_t syncs_ = 0;
  std::vector<uint32_t> lane_epochs_;  // of each thread: its last __syncwarp
};

// What the checked build does at an access that the library of kernels does not make by itself
// (cp.async); null without the checked build.
using AccessHook = void (*)(const void* address, std::size_t bytes, Access access);
extern AccessHook access_hook;

}  // namespace mote::simt
