// Processors that do not fall asleep between two frames.
#pragma once

#include <sched.h>

#include <atomic>
#include <memory>

namespace mote {

// The processors that the process may run on. Its first thread is asked: OpenMP may have bound the
// caller's to one of them.
cpu_set_t allowed_processors();

// One thread of idle priority on each processor for as long as this lives. A processor that sleeps
// for most of a frame's time may have lost its caches and be late to wake. Work of the same session
// or control group takes the processor from these threads at once; against that of others they
// count as ordinary load.
class Awake {
 public:
  // Throws a Failure where the system refuses; none is kept awake then.
  explicit Awake(const cpu_set_t& processors);
  // Does not wait for the threads: each ends when it runs next, which others' work may put off.
  ~Awake();
  Awake(const Awake&) = delete;
  Awake& operator=(const Awake&) = delete;

  int processors() const { return processors_; }

 private:
  void start(int processor);

  std::shared_ptr<std::atomic<bool>> stopping_ = std::make_shared<std::atomic<bool>>(false);
  int processors_ = 0;
};

}  // namespace mote
