// Processors that do not fall asleep between two frames.
#pragma once

#include <pthread.h>

#include <atomic>
#include <vector>

namespace mote {

// One thread of idle priority on each processor that this process may run on, for as long as this
// lives. A processor that sleeps for most of a frame's time gives up its caches and is late to
// wake; on a virtual machine another guest has it meanwhile. Work of any other priority takes the
// processor from these threads at once.
class Awake {
 public:
  // Throws a Failure where the system refuses.
  Awake();
  ~Awake();
  Awake(const Awake&) = delete;
  Awake& operator=(const Awake&) = delete;

  int processors() const { return static_cast<int>(threads_.size()); }

 private:
  static void* spin(void* self);
  void start(int processor);
  void stop();

  std::atomic<bool> stopping_{false};
  std::vector<pthread_t> threads_;
};

}  // namespace mote
