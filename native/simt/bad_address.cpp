#include "bad_address.h"

#include "block.h"

namespace mote::simt {
namespace {

// What was there before; one launch at a time.
struct sigaction before[2];

void handle(int signal, siginfo_t* info, void* context) {
  if (mote_simt_self != nullptr) {
    // The kernel's instruction is never returned to: its block is abandoned.
    mote_simt_self->block->fail(
        FaultKind::kIllegalAddress, "memory is not there",
        "address=" + hexadecimal(reinterpret_cast<uintptr_t>(info->si_addr)),
        "stay inside of living allocations; MOTE_SIMT_CHECK=1 tells more");
  }
  const struct sigaction& previous = before[signal == SIGBUS];
  if ((previous.sa_flags & SA_SIGINFO) != 0) {
    previous.sa_sigaction(signal, info, context);
  } else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) {
    previous.sa_handler(signal);
  } else {
    // The instruction runs again and meets the system's own handler.
    sigaction(signal, &previous, nullptr);
  }
}

}  // namespace

BadAddresses::BadAddresses() {
  struct sigaction action = {};
  action.sa_sigaction = handle;
  // Not deferred: the handler of a kernel's fault does not return.
  action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  sigaction(SIGSEGV, &action, &segv_);
  sigaction(SIGBUS, &action, &bus_);
  before[0] = segv_;
  before[1] = bus_;
}

BadAddresses::~BadAddresses() {
  sigaction(SIGSEGV, &segv_, nullptr);
  sigaction(SIGBUS, &bus_, nullptr);
}

}  // namespace mote::simt
