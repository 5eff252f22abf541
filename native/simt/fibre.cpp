#include "fibre.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <new>

#ifndef __x86_64__
#error "fibres are written for x86-64, the only platform that JCuda has natives for"
#endif

namespace mote::simt {

// The registers that a call must keep go on the stack that is left and come off the one that is
// entered.
asm(R"(
.text
.globl mote_simt_switch
.hidden mote_simt_switch
.type mote_simt_switch, @function
.balign 16
mote_simt_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size mote_simt_switch, .-mote_simt_switch

.hidden mote_simt_enter
.globl mote_simt_enter
.type mote_simt_enter, @function
mote_simt_enter:
  movq %r12, %rdi
  xorl %ebp, %ebp
  callq *%rbx
  ud2
.size mote_simt_enter, .-mote_simt_enter
)");

extern "C" void mote_simt_enter();

namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kColours = 32;
constexpr std::size_t kColourBytes = 640;

// How mote_simt_switch finds a stack: what it pops, from low to high addresses.
struct Frame {
  void* r15;
  void* r14;
  void* r13;
  void* r12;
  void* rbx;
  void* rbp;
  void* return_address;
};

}  // namespace

void Fibre::reset(Body body) {
  // mote_simt_enter begins with a stack pointer of top_ - 16: calls want it aligned to 16.
  auto* frame = reinterpret_cast<Frame*>(top_ - 16 - sizeof(Frame));
  *frame = Frame{nullptr,
                 nullptr,
                 nullptr,
                 this,
                 reinterpret_cast<void*>(body),
                 nullptr,
                 reinterpret_cast<void*>(&mote_simt_enter)};
  context = frame;
}

Stacks::Stacks(int count, void* owner) {
  const auto stride = kPage + kBytes;
  const auto all = stride * static_cast<std::size_t>(count);
  void* memory = mmap(nullptr, all, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (memory == MAP_FAILED) {
    throw std::bad_alloc();
  }
  memory_ = static_cast<std::byte*>(memory);
  fibres_.reserve(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); i++) {
    std::byte* stack = memory_ + i * stride;
    mprotect(stack, kPage, PROT_NONE);
    fibres_.emplace_back(stack + kPage, kBytes, i % kColours * kColourBytes, owner);
  }
}

Stacks::~Stacks() { munmap(memory_, (kPage + kBytes) * fibres_.size()); }

bool Stacks::holds(const void* address, std::size_t bytes) const {
  const auto* first = static_cast<const std::byte*>(address);
  return first >= memory_ && first + bytes <= memory_ + (kPage + kBytes) * fibres_.size();
}

}  // namespace mote::simt
