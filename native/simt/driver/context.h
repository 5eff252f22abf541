// Contexts: what a process has on the device, and how it dies of a fault.
#pragma once

#include <memory>
#include <set>

#include "stream.h"

namespace mote::simt {

class Context : public Handled<Context> {
 public:
  explicit Context(bool primary, unsigned flags);
  ~Context();

  // The calling thread's; CUDA_ERROR_INVALID_CONTEXT without one, and the status of the fault that
  // the context died of.
  static Context& current();
  // As current, also where the context is dead.
  static Context& current_even_dead();
  static void push(Context* context);
  // Null where the thread has none.
  static Context* top();
  static Context* pop();
  // Puts it in the place of the top.
  static void set(Context* context);

  // The stream of the handle: 0 and 1 are the legacy default stream, which waits for all blocking
  // streams as they wait for it. CUDA_ERROR_STREAM_CAPTURE_IMPLICIT where one of those captures.
  Stream& stream(CUstream handle);
  // Work of a call that returns when it is done: after all work of blocking streams.
  void run_now(const std::function<void()>& work);
  // Does all work and looks at the guards.
  void synchronize();
  // After work was waited for: CUDA_ERROR_ILLEGAL_ADDRESS where guards are damaged.
  void check_guards();
  // Runs a kernel; a fault kills the context.
  void launch(const KernelCall& call);
  [[noreturn]] void die(CUresult status, const std::string& text);
  // Does all work, so that nobody replays a graph that is about to change.
  void finish_replays();
  bool capturing(const Capture* capture) const;
  // Loses all that the context holds, and its fault; the handle stays.
  void reset();
  // CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED while a stream captures in global mode.
  void forbid_capture(const char* what) const;

  bool primary() const { return primary_; }
  unsigned flags() const { return flags_; }
  uint64_t id() const { return id_; }

  std::set<std::unique_ptr<Stream>> streams;
  std::set<std::unique_ptr<Event>> events;
  std::set<std::unique_ptr<Module>> modules;
  std::vector<std::unique_ptr<Capture>> captures;  // ended ones too: events may name them

 private:
  bool primary_;
  unsigned flags_;
  uint64_t id_;
  Stream default_stream_;
  CUresult status_ = CUDA_SUCCESS;
  std::string cause_;
};

// A launch as work for a stream or graph of the context.
Action launch_action(Context& context, std::shared_ptr<KernelCall> call);

// The element that owns the object.
template <typename T>
auto owned(std::set<std::unique_ptr<T>>& set, const T& object) {
  auto it = set.begin();
  while (it != set.end() && it->get() != &object) {
    ++it;
  }
  need(it != set.end(), CUDA_ERROR_INVALID_CONTEXT,
       "handle belongs to another context; make that one current");
  return it;
}

}  // namespace mote::simt
