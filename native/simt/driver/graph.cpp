#include "graph.h"

#include <algorithm>
#include <unordered_map>

namespace mote::simt {

Executable::Executable(const Graph& graph) {
  std::unordered_map<const Node*, std::size_t> places;
  for (const auto& node : graph.nodes) {
    const std::size_t place = nodes_.size();
    places[node.get()] = place;
    nodes_.push_back(Copy{node.get(), node->action, {}, node->dependencies.size()});
    for (const Node* dependency : node->dependencies) {
      nodes_[places.at(dependency)].dependents.push_back(place);
    }
  }
}

void Executable::run() const {
  std::vector<std::size_t> left(nodes_.size());
  std::vector<std::size_t> ready;
  for (std::size_t i = 0; i < nodes_.size(); i++) {
    left[i] = nodes_[i].dependencies;
    if (left[i] == 0) {
      ready.push_back(i);
    }
  }
  while (!ready.empty()) {
    // The newest that may run: of two without an order, the one that was captured later.
    const auto newest = std::max_element(ready.begin(), ready.end());
    const Copy& node = nodes_[*newest];
    ready.erase(newest);
    node.action.run();
    for (const std::size_t dependent : node.dependents) {
      if (--left[dependent] == 0) {
        ready.push_back(dependent);
      }
    }
  }
}

Action& Executable::action_of(const Node& node) {
  for (Copy& copy : nodes_) {
    if (copy.original == &node) {
      return copy.action;
    }
  }
  throw Failure(CUDA_ERROR_INVALID_VALUE,
                "node is not of the graph that was instantiated; give one of its nodes");
}

Capture::Capture(Stream& origin, CUstreamCaptureMode mode) : origin_(origin), mode_(mode) {
  join(origin, {});
}

void Capture::add(Stream& stream, Action action) {
  need(!invalid_, CUDA_ERROR_STREAM_CAPTURE_INVALIDATED,
       "the capture was broken by an earlier call; end it and begin again");
  auto node = std::make_unique<Node>();
  node->action = std::move(action);
  node->dependencies = stream.tail;
  stream.tail = {node.get()};
  graph_->nodes.push_back(std::move(node));
}

void Capture::join(Stream& stream, const std::vector<Node*>& nodes) {
  need(stream.capture == nullptr || stream.capture == this, CUDA_ERROR_STREAM_CAPTURE_MERGE,
       "event and stream belong to different captures; capture them together");
  stream.capture = this;
  streams_.insert(&stream);
  for (Node* node : nodes) {
    if (std::find(stream.tail.begin(), stream.tail.end(), node) == stream.tail.end()) {
      stream.tail.push_back(node);
    }
  }
}

bool Capture::joined() const {
  std::set<const Node*> reached;
  std::vector<const Node*> left(origin_.tail.begin(), origin_.tail.end());
  while (!left.empty()) {
    const Node* node = left.back();
    left.pop_back();
    if (reached.insert(node).second) {
      left.insert(left.end(), node->dependencies.begin(), node->dependencies.end());
    }
  }
  return std::all_of(graph_->nodes.begin(), graph_->nodes.end(),
                     [&](const auto& node) { return reached.count(node.get()) > 0; });
}

void Capture::forget(Stream& stream) {
  streams_.erase(&stream);
  invalid_ = true;
}

void Capture::release_streams() {
  for (Stream* stream : streams_) {
    stream->capture = nullptr;
    stream->tail.clear();
  }
  active_ = false;
}

std::unique_ptr<Graph> Capture::end(Stream& stream) {
  need(&stream == &origin_, CUDA_ERROR_STREAM_CAPTURE_UNMATCHED,
       "capture began in another stream; end it there");
  const bool whole = joined();
  release_streams();
  need(!invalid_, CUDA_ERROR_STREAM_CAPTURE_INVALIDATED,
       "the capture was broken by an earlier call; begin again");
  need(whole, CUDA_ERROR_STREAM_CAPTURE_UNJOINED,
       "work of another stream is not waited for: let the stream that began wait for its event");
  return std::move(graph_);
}

}  // namespace mote::simt
