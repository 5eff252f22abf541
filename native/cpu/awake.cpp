#include "awake.h"

#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>

#include "../include/mote.h"
#include "failure.h"

namespace mote {
namespace {

using Flag = std::atomic<bool>;

constexpr char kName[] = "mote-awake";

void require(int status, const char* step, int processor) {
  if (status != 0) {
    throw Failure(MOTE_UNSUPPORTED,
                  "processors cannot be kept awake: processor=" + std::to_string(processor) +
                      ", step=" + step + ", cause=" + std::strerror(status) + "; do without");
  }
}

// A thread of idle priority that the system picked for a signal would be late to see it.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

 private:
  sigset_t before_;
};

// Of a thread that nobody waits for, on one processor, whatever the caller's priority is.
class Attributes {
 public:
  explicit Attributes(int processor) {
    require(pthread_attr_init(&value_), "attributes", processor);
    pthread_attr_setdetachstate(&value_, PTHREAD_CREATE_DETACHED);
    pthread_attr_setinheritsched(&value_, PTHREAD_EXPLICIT_SCHED);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(processor, &one);
    const int status = pthread_attr_setaffinity_np(&value_, sizeof one, &one);
    if (status != 0) {
      pthread_attr_destroy(&value_);
      require(status, "affinity", processor);
    }
  }
  ~Attributes() { pthread_attr_destroy(&value_); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  const pthread_attr_t* get() const { return &value_; }

 private:
  pthread_attr_t value_;
};

// given: a share of the flag, which becomes the thread's own.
void* spin(void* given) {
  const std::unique_ptr<std::shared_ptr<Flag>> stopping(static_cast<std::shared_ptr<Flag>*>(given));
  while (!(*stopping)->load(std::memory_order_relaxed)) {
    __builtin_ia32_pause();
  }
  return nullptr;
}

}  // namespace

cpu_set_t allowed_processors() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  require(sched_getaffinity(getpid(), sizeof allowed, &allowed) == 0 ? 0 : errno, "mask", -1);
  return allowed;
}

Awake::Awake(const cpu_set_t& processors) {
  const BlockedSignals blocked;
  try {
    for (int processor = 0; processor < CPU_SETSIZE; processor++) {
      if (CPU_ISSET(processor, &processors)) {
        start(processor);
        processors_++;
      }
    }
  } catch (...) {
    stopping_->store(true, std::memory_order_relaxed);
    throw;
  }
}

Awake::~Awake() { stopping_->store(true, std::memory_order_relaxed); }

void Awake::start(int processor) {
  const Attributes attributes(processor);
  auto share = std::make_unique<std::shared_ptr<Flag>>(stopping_);
  pthread_t thread;
  require(pthread_create(&thread, attributes.get(), spin, share.get()), "thread", processor);
  share.release();
  const sched_param none{};  // the attributes that a thread is made with know no SCHED_IDLE
  require(pthread_setschedparam(thread, SCHED_IDLE, &none), "SCHED_IDLE", processor);
  pthread_setname_np(thread, kName);  // for those who look at the process
}

}  // namespace mote
