// Fibres: flows of control with a stack of their own that hand the processor over to each other
// by a call. The threads of a CUDA block are run on them, many to one CPU thread.
#pragma once

#include <cstddef>
#include <vector>

namespace mote::simt {

// Where a fibre that does not run goes on: its stack pointer, the rest lies on its stack.
using StackPointer = void*;

// Leaves the running flow, kept in *from, and goes on at `to`. Returns when somebody switches back.
// Keeps what the System V ABI says a call keeps; floating-point control words are not switched.
extern "C" void mote_simt_switch(StackPointer* from, StackPointer to);

// One stack of a pool.
class Fibre {
 public:
  using Body = void (*)(Fibre*);

  // `colour` shifts the stack's beginning, so that the hot ends of many stacks do not share the
  // same few cache sets.
  Fibre(std::byte* stack, std::size_t bytes, std::size_t colour, void* owner)
      : owner_(owner), top_(stack + bytes - colour) {}

  // Forgets whatever was on the stack; the next switch to context calls body(this), which must
  // never return.
  void reset(Body body);

  // Whose pool this is.
  void* owner() const { return owner_; }

  StackPointer context = nullptr;

 private:
  void* owner_;
  std::byte* top_;
};

// Stacks in one reservation, each with an inaccessible page below it.
class Stacks {
 public:
  static constexpr std::size_t kBytes = std::size_t{128} << 10;

  // std::bad_alloc where the address space is spent.
  Stacks(int count, void* owner);
  ~Stacks();
  Stacks(const Stacks&) = delete;
  Stacks& operator=(const Stacks&) = delete;

  Fibre& operator[](int i) { return fibres_[static_cast<std::size_t>(i)]; }
  int count() const { return static_cast<int>(fibres_.size()); }
  // Whether the bytes lie on one of these stacks.
  bool holds(const void* address, std::size_t bytes) const;

 private:
  std::byte* memory_;
  std::vector<Fibre> fibres_;
};

}  // namespace mote::simt
