// Driver calls: capture of streams into graphs, and their replay.
#include <algorithm>
#include <map>

#include "context.h"
#include "graph.h"

using mote::simt::Action;
using mote::simt::Capture;
using mote::simt::Context;
using mote::simt::Executable;
using mote::simt::Failure;
using mote::simt::Graph;
using mote::simt::guarded;
using mote::simt::Handles;
using mote::simt::KernelCall;
using mote::simt::need;
using mote::simt::Node;
using mote::simt::result;
using mote::simt::Stream;

namespace {

// Those that callers hold.
std::map<const Executable*, std::shared_ptr<Executable>>& executables() {
  static auto& all = *new std::map<const Executable*, std::shared_ptr<Executable>>();
  return all;
}

const KernelCall& kernel_of(const Action& action) {
  need(action.kernel != nullptr, CUDA_ERROR_INVALID_VALUE,
       "node is no kernel's; ask cuGraphNodeGetType first");
  return *action.kernel;
}

// The list form of cuGraphGetNodes and its like: with no array, only the count.
void list(const std::vector<Node*>& nodes, CUgraphNode* out, std::size_t* count) {
  std::size_t& room = result(count);
  if (out != nullptr) {
    for (std::size_t i = 0; i < room; i++) {
      out[i] = i < nodes.size() ? reinterpret_cast<CUgraphNode>(nodes[i]) : nullptr;
    }
    room = std::min(room, nodes.size());
  } else {
    room = nodes.size();
  }
}

std::vector<Node*> nodes_of(const Graph& graph) {
  std::vector<Node*> nodes;
  for (const auto& node : graph.nodes) {
    nodes.push_back(node.get());
  }
  return nodes;
}

}  // namespace

extern "C" {

CUresult cuStreamBeginCapture_v2(CUstream handle, CUstreamCaptureMode mode) {
  return guarded("cuStreamBeginCapture_v2", [&] {
    Context& context = Context::current();
    need(reinterpret_cast<uintptr_t>(handle) > 1, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED,
         "the default stream cannot capture; use a stream of your own");
    Stream& stream = context.stream(handle);
    need(stream.capture == nullptr, CUDA_ERROR_INVALID_VALUE,
         "stream captures already; end the capture first");
    context.captures.push_back(std::make_unique<Capture>(stream, mode));
  });
}

CUresult cuStreamEndCapture(CUstream handle, CUgraph* graph) {
  return guarded("cuStreamEndCapture", [&] {
    Stream& stream = Context::current().stream(handle);
    need(stream.capture != nullptr, CUDA_ERROR_INVALID_VALUE,
         "stream does not capture; begin first");
    result(graph) = nullptr;
    *graph = reinterpret_cast<CUgraph>(stream.capture->end(stream).release());
  });
}

CUresult cuStreamIsCapturing(CUstream handle, CUstreamCaptureStatus* status) {
  return guarded("cuStreamIsCapturing", [&] {
    const Stream& stream = Context::current().stream(handle);
    result(status) = stream.capture == nullptr   ? CU_STREAM_CAPTURE_STATUS_NONE
                     : stream.capture->invalid() ? CU_STREAM_CAPTURE_STATUS_INVALIDATED
                                                 : CU_STREAM_CAPTURE_STATUS_ACTIVE;
  });
}

// Calls are judged by the capture's own mode, whatever the thread's.
CUresult cuThreadExchangeStreamCaptureMode(CUstreamCaptureMode* mode) {
  return guarded("cuThreadExchangeStreamCaptureMode", [&] {
    thread_local CUstreamCaptureMode current = CU_STREAM_CAPTURE_MODE_GLOBAL;
    std::swap(current, result(mode));
  });
}

CUresult cuGraphDestroy(CUgraph handle) {
  return guarded("cuGraphDestroy", [&] { delete &Handles::instance().get<Graph>(handle); });
}

CUresult cuGraphGetNodes(CUgraph handle, CUgraphNode* nodes, std::size_t* count) {
  return guarded("cuGraphGetNodes",
                 [&] { list(nodes_of(Handles::instance().get<Graph>(handle)), nodes, count); });
}

CUresult cuGraphGetRootNodes(CUgraph handle, CUgraphNode* nodes, std::size_t* count) {
  return guarded("cuGraphGetRootNodes", [&] {
    std::vector<Node*> roots = nodes_of(Handles::instance().get<Graph>(handle));
    roots.erase(std::remove_if(roots.begin(), roots.end(),
                               [](const Node* node) { return !node->dependencies.empty(); }),
                roots.end());
    list(roots, nodes, count);
  });
}

CUresult cuGraphNodeGetDependencies(CUgraphNode handle, CUgraphNode* nodes, std::size_t* count) {
  return guarded("cuGraphNodeGetDependencies",
                 [&] { list(Handles::instance().get<Node>(handle).dependencies, nodes, count); });
}

CUresult cuGraphNodeGetType(CUgraphNode handle, CUgraphNodeType* type) {
  return guarded("cuGraphNodeGetType",
                 [&] { result(type) = Handles::instance().get<Node>(handle).action.type; });
}

// The parameters are those that were copied at capture; they live as long as the node.
CUresult cuGraphKernelNodeGetParams_v2(CUgraphNode handle, CUDA_KERNEL_NODE_PARAMS_v2* params) {
  return guarded("cuGraphKernelNodeGetParams_v2", [&] {
    const KernelCall& call = kernel_of(Handles::instance().get<Node>(handle).action);
    call.pointer = const_cast<std::byte*>(call.parameters.data());
    CUDA_KERNEL_NODE_PARAMS_v2& out = result(params);
    out = {};
    out.func = reinterpret_cast<CUfunction>(call.function);
    out.gridDimX = call.grid.x;
    out.gridDimY = call.grid.y;
    out.gridDimZ = call.grid.z;
    out.blockDimX = call.block.x;
    out.blockDimY = call.block.y;
    out.blockDimZ = call.block.z;
    out.sharedMemBytes = call.dynamic_shared;
    out.kernelParams = &call.pointer;
  });
}

CUresult cuGraphInstantiateWithFlags(CUgraphExec* executable, CUgraph graph,
                                     unsigned long long flags) {
  return guarded("cuGraphInstantiateWithFlags", [&] {
    Context::current();
    need(flags == 0, CUDA_ERROR_NOT_SUPPORTED, "flags have no meaning here; give 0");
    const auto made = std::make_shared<Executable>(Handles::instance().get<Graph>(graph));
    result(executable) = reinterpret_cast<CUgraphExec>(made.get());
    executables()[made.get()] = made;
  });
}

CUresult cuGraphExecDestroy(CUgraphExec handle) {
  return guarded("cuGraphExecDestroy", [&] {
    auto& executable = Handles::instance().get<Executable>(handle);
    Handles::instance().remove(&executable);
    executables().erase(&executable);
  });
}

CUresult cuGraphExecKernelNodeSetParams_v2(CUgraphExec handle, CUgraphNode node,
                                           const CUDA_KERNEL_NODE_PARAMS_v2* params) {
  return guarded("cuGraphExecKernelNodeSetParams_v2", [&] {
    Context& context = Context::current();
    auto& executable = Handles::instance().get<Executable>(handle);
    Action& action = executable.action_of(Handles::instance().get<Node>(node));
    kernel_of(action);
    need(params != nullptr, CUDA_ERROR_INVALID_VALUE, "parameters are missing; give them");
    context.finish_replays();
    action = mote::simt::launch_action(
        context, std::make_shared<KernelCall>(
                     params->func, dim3(params->gridDimX, params->gridDimY, params->gridDimZ),
                     dim3(params->blockDimX, params->blockDimY, params->blockDimZ),
                     params->sharedMemBytes, params->kernelParams, params->extra));
  });
}

// Uploading is done when the graph is instantiated.
CUresult cuGraphUpload(CUgraphExec handle, CUstream stream) {
  return guarded("cuGraphUpload", [&] {
    Context::current().stream(stream);
    Handles::instance().get<Executable>(handle);
  });
}

CUresult cuGraphLaunch(CUgraphExec handle, CUstream stream_handle) {
  return guarded("cuGraphLaunch", [&] {
    Stream& stream = Context::current().stream(stream_handle);
    const auto executable = Handles::instance().get<Executable>(handle).shared_from_this();
    need(stream.capture == nullptr, CUDA_ERROR_NOT_SUPPORTED,
         "this driver runs no graphs inside of graphs; launch outside of a capture");
    stream.submit(Action{CU_GRAPH_NODE_TYPE_EMPTY, [executable] { executable->run(); }, {}});
  });
}
}
