// Graphs: captured from streams, then replayed. A replay takes nodes in the order that is furthest
// from the captured one and still allowed, so that a missing edge shows.
#pragma once

#include <memory>
#include <set>
#include <vector>

#include "stream.h"

namespace mote::simt {

struct Node : Handled<Node> {
  Action action;
  std::vector<Node*> dependencies;
};

struct Graph : Handled<Graph> {
  std::vector<std::unique_ptr<Node>> nodes;  // each after those that it depends on
};

// A graph that can be launched: its own copy of the nodes. A replay under way keeps it.
class Executable : public Handled<Executable>, public std::enable_shared_from_this<Executable> {
 public:
  explicit Executable(const Graph& graph);

  void run() const;
  // The copy of a node of the graph; CUDA_ERROR_INVALID_VALUE where there is none.
  Action& action_of(const Node& node);

 private:
  struct Copy {
    const Node* original;
    Action action;
    std::vector<std::size_t> dependents;
    std::size_t dependencies;
  };
  std::vector<Copy> nodes_;
};

// Streams being captured together, from the one that began.
class Capture {
 public:
  Capture(Stream& origin, CUstreamCaptureMode mode);

  void add(Stream& stream, Action action);
  // Takes a stream in that waits for an event of this capture.
  void join(Stream& stream, const std::vector<Node*>& nodes);
  // CUDA_ERROR_STREAM_CAPTURE_UNMATCHED for another stream, CUDA_ERROR_STREAM_CAPTURE_UNJOINED
  // where the origin does not wait for all that the others did,
  // CUDA_ERROR_STREAM_CAPTURE_INVALIDATED.
  std::unique_ptr<Graph> end(Stream& stream);
  void invalidate() { invalid_ = true; }
  // A stream that is being destroyed; breaks the capture.
  void forget(Stream& stream);

  bool active() const { return active_; }
  bool invalid() const { return invalid_; }
  CUstreamCaptureMode mode() const { return mode_; }

 private:
  void release_streams();
  bool joined() const;

  Stream& origin_;
  CUstreamCaptureMode mode_;
  std::set<Stream*> streams_;
  std::unique_ptr<Graph> graph_ = std::make_unique<Graph>();
  bool active_ = true;
  bool invalid_ = false;
};

}  // namespace mote::simt
