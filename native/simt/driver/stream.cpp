#include "stream.h"

#include <chrono>

#include "context.h"
#include "graph.h"

namespace mote::simt {
namespace {

uint64_t next_id = 1;

}  // namespace

double now_nanos() {
  return std::chrono::duration<double, std::nano>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

Stream::Stream(Context& context, unsigned flags, int priority)
    : context_(context), flags_(flags), priority_(priority), id_(next_id++) {}

void Stream::submit(Action action) {
  if (capture != nullptr) {
    capture->add(*this, std::move(action));
    return;
  }
  tasks_.push_back(std::move(action.run));
}

bool Stream::step() {
  if (tasks_.empty()) {
    return false;
  }
  const std::function<void()> task = std::move(tasks_.front());
  tasks_.pop_front();
  task();
  return true;
}

void Stream::drain() {
  while (step()) {
  }
}

void Stream::run_until(const Mark& mark) {
  while (!mark.done && step()) {
  }
}

std::shared_ptr<Mark> Stream::mark() {
  auto mark = std::make_shared<Mark>();
  mark->stream = this;
  tasks_.push_back([mark] {
    mark->done = true;
    mark->nanos = now_nanos();
  });
  return mark;
}

void Stream::wait(std::shared_ptr<Mark> mark) {
  tasks_.push_back([mark] {
    if (!mark->done) {
      mark->stream->run_until(*mark);
    }
  });
}

}  // namespace mote::simt
