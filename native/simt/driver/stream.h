// Streams and events. Work is kept until somebody waits for it, and then done as late as the order
// allows: a caller that forgets to wait finds nothing done, a missing edge between two streams
// becomes a wrong order, in every run.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "handles.h"
#include "module.h"

namespace mote::simt {

class Capture;
class Context;
class Stream;
struct Node;

// A piece of work for a stream or a graph.
struct Action {
  CUgraphNodeType type;
  std::function<void()> run;
  std::shared_ptr<KernelCall> kernel;  // of a launch
};

// A place in a stream's work that others wait for.
struct Mark {
  Stream* stream;
  bool done = false;
  double nanos = 0;  // when it was passed
};

class Stream : public Handled<Stream> {
 public:
  Stream(Context& context, unsigned flags, int priority);

  // Keeps work, or makes it a node of the graph that is being captured.
  void submit(Action action);
  // Does all work, or up to the mark.
  void drain();
  void run_until(const Mark& mark);
  // Does one piece of work; false where there is none.
  bool step();
  bool idle() const { return tasks_.empty(); }
  // Forgets all work, after a fault.
  void abandon() { tasks_.clear(); }

  // Passes the mark once all work before it is done.
  std::shared_ptr<Mark> mark();
  // Later work is done after the mark is passed.
  void wait(std::shared_ptr<Mark> mark);

  Context& context() { return context_; }
  unsigned flags() const { return flags_; }
  int priority() const { return priority_; }
  uint64_t id() const { return id_; }

  Capture* capture = nullptr;  // that this stream takes part in
  std::vector<Node*> tail;     // nodes that the next one depends on

 private:
  Context& context_;
  unsigned flags_;
  int priority_;
  uint64_t id_;
  std::deque<std::function<void()>> tasks_;
};

struct Event : Handled<Event> {
  Context* context;
  unsigned flags;
  std::shared_ptr<Mark> mark;  // null: not recorded
  Capture* capture = nullptr;  // recorded last in a stream that was capturing
  std::vector<Node*> nodes;
};

double now_nanos();

}  // namespace mote::simt
