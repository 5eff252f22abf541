// Where time goes: the sum of each stage always, and span by span while somebody records.
#pragma once

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <vector>

#include "../include/mote.h"

namespace mote {

// Spans of all threads, in room that is allocated when recording begins.
class SpanLog {
 public:
  // Begins anew with room for so many; 0: records no more.
  void record(int32_t capacity) {
    spans_ = std::vector<mote_span>(static_cast<size_t>(capacity));
    used_ = 0;
  }

  bool on() const { return !spans_.empty(); }

  void add(const mote_span& span) {
    const size_t at = used_.fetch_add(1, std::memory_order_relaxed);
    if (at < spans_.size()) {
      spans_[at] = span;
    }
  }

  // Moves at most `capacity` spans to out, forgets the rest and says how many there were of both.
  void take(int32_t capacity, mote_span* out, int32_t* count, int64_t* lost) {
    const size_t all = used_.exchange(0);
    const size_t moved = std::min({all, spans_.size(), static_cast<size_t>(capacity)});
    std::copy_n(spans_.begin(), moved, out);
    *count = static_cast<int32_t>(moved);
    *lost = static_cast<int64_t>(all - moved);
  }

 private:
  std::vector<mote_span> spans_;
  std::atomic<size_t> used_{0};
};

struct StageTimes {
  explicit StageTimes(SpanLog& spans, int apart = 1) : log(&spans), threads(apart) {}

  int64_t nanos[MOTE_STAGES] = {};
  SpanLog* log;
  int threads;  // that work on stages of their own at the same time; 1: all share each stage
};

// Adds the time of its life to a stage of so many points (0: of a picture).
class StageTimer {
 public:
  StageTimer(StageTimes& times, int stage, int points)
      : times_(times), stage_(stage), points_(points), start_(Clock::now()) {}

  ~StageTimer() {
    const int64_t nanos = in_nanos(Clock::now() - start_);
    times_.nanos[stage_] += nanos;
    if (times_.log->on()) {
      const int64_t began = in_nanos(start_.time_since_epoch());
      times_.log->add({began, nanos, stage_, omp_get_thread_num(), times_.threads, points_});
    }
  }

  StageTimer(const StageTimer&) = delete;
  StageTimer& operator=(const StageTimer&) = delete;

 private:
  using Clock = std::chrono::steady_clock;

  static int64_t in_nanos(Clock::duration duration) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count();
  }

  StageTimes& times_;
  const int stage_;
  const int points_;
  const Clock::time_point start_;
};

}  // namespace mote
