#include "awake.h"

#include <sched.h>

#include <csignal>
#include <cstring>
#include <string>

#include "../include/mote.h"
#include "failure.h"

namespace mote {
namespace {

constexpr char kName[] = "mote-awake";

void require(int status, const char* what) {
  if (status != 0) {
    throw Failure(MOTE_UNSUPPORTED, std::string("processors cannot be kept awake: ") + what + "=" +
                                        std::strerror(status) + "; do without");
  }
}

// Signals are for the threads of the program.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

}  // namespace

Awake::Awake() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  require(pthread_getaffinity_np(pthread_self(), sizeof allowed, &allowed), "affinity");
  threads_.reserve(static_cast<size_t>(CPU_COUNT(&allowed)));
  const BlockedSignals blocked;
  try {
    for (int processor = 0; processor < CPU_SETSIZE; processor++) {
      if (CPU_ISSET(processor, &allowed)) {
        start(processor);
      }
    }
  } catch (...) {
    stop();
    throw;
  }
}

Awake::~Awake() { stop(); }

void Awake::start(int processor) {
  pthread_t thread;
  require(pthread_create(&thread, nullptr, spin, this), "pthread_create");
  threads_.push_back(thread);
  const sched_param none{};  // the attributes that a thread is made with know no SCHED_IDLE
  require(pthread_setschedparam(thread, SCHED_IDLE, &none), "SCHED_IDLE");
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(processor, &one);
  require(pthread_setaffinity_np(thread, sizeof one, &one), "affinity");
  pthread_setname_np(thread, kName);  // for those who look at the process; nothing depends on it
}

void Awake::stop() {
  stopping_.store(true, std::memory_order_relaxed);
  for (const pthread_t thread : threads_) {
    pthread_join(thread, nullptr);
  }
}

void* Awake::spin(void* self) {
  const std::atomic<bool>& stopping = static_cast<Awake*>(self)->stopping_;
  while (!stopping.load(std::memory_order_relaxed)) {
    __builtin_ia32_pause();
  }
  return nullptr;
}

}  // namespace mote
