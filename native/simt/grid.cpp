#include "grid.h"

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "bad_address.h"
#include "cluster.h"

namespace mote::simt {
namespace {

// One launch while it runs.
struct Work {
  const Launch* launch;
  uint64_t clusters;
  std::atomic<uint64_t> next{0};
  std::mutex mutex;
  std::optional<Fault> fault;
  std::atomic<bool> failed{false};
};

void take_clusters(Work& work, Cluster& cluster) {
  while (!work.failed.load(std::memory_order_relaxed)) {
    const uint64_t i = work.next.fetch_add(1, std::memory_order_relaxed);
    if (i >= work.clusters) {
      return;
    }
    Fault fault;
    if (!cluster.run(*work.launch, i, &fault)) {
      const std::lock_guard<std::mutex> lock(work.mutex);
      if (!work.fault) {
        work.fault = fault;
      }
      work.failed = true;
    }
  }
}

// The CPU threads beside the caller's. They sleep between launches.
class Pool {
 public:
  explicit Pool(int helpers) {
    for (int i = 0; i < helpers; i++) {
      threads_.emplace_back([this] { serve(); });
    }
  }

  ~Pool() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stopped_ = true;
    }
    begin_.notify_all();
    for (std::thread& thread : threads_) {
      thread.join();
    }
  }

  std::optional<Fault> run(const Launch& launch) {
    const std::lock_guard<std::mutex> one(launches_);
    const BadAddresses watched;
    Work work;
    work.launch = &launch;
    work.clusters = uint64_t{launch.grid.x} / launch.cluster * launch.grid.y * launch.grid.z;
    const bool shared = work.clusters > 1 && !threads_.empty();
    if (shared) {
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        work_ = &work;
        turn_++;
        busy_ = threads_.size();
      }
      begin_.notify_all();
    }
    take_clusters(work, cluster_);
    if (shared) {
      std::unique_lock<std::mutex> lock(mutex_);
      end_.wait(lock, [this] { return busy_ == 0; });
      work_ = nullptr;
    }
    return work.fault;
  }

 private:
  void serve() {
    Cluster cluster;
    uint64_t seen = 0;
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      begin_.wait(lock, [&] { return stopped_ || turn_ != seen; });
      if (stopped_) {
        return;
      }
      seen = turn_;
      Work* work = work_;
      lock.unlock();
      take_clusters(*work, cluster);
      lock.lock();
      if (--busy_ == 0) {
        end_.notify_one();
      }
    }
  }

  std::mutex launches_;
  Cluster cluster_;  // the caller's
  std::mutex mutex_;
  std::condition_variable begin_;
  std::condition_variable end_;
  Work* work_ = nullptr;
  uint64_t turn_ = 0;
  std::size_t busy_ = 0;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace

int workers() {
  const char* asked = std::getenv("MOTE_SIMT_THREADS");
  const int number = asked == nullptr ? 0 : std::atoi(asked);
  const int processors = static_cast<int>(std::thread::hardware_concurrency());
  return number > 0 ? number : processors > 0 ? processors : 1;
}

std::optional<Fault> run(const Launch& launch) {
  // Never destroyed: a launch may be under way when the process ends.
  static Pool& pool = *new Pool(workers() - 1);
  return pool.run(launch);
}

}  // namespace mote::simt
