#include "context.h"

#include "graph.h"
#include "host_memory.h"
#include "memory.h"

namespace mote::simt {
namespace {

thread_local std::vector<Context*> stack;
uint64_t next_id = 1;

CUresult status_of(FaultKind kind) {
  return kind == FaultKind::kIllegalAddress ? CUDA_ERROR_ILLEGAL_ADDRESS : CUDA_ERROR_LAUNCH_FAILED;
}

}  // namespace

Context::Context(bool primary, unsigned flags)
    : primary_(primary), flags_(flags), id_(next_id++), default_stream_(*this, 0, 0) {}

Context::~Context() {
  DeviceMemory::instance().free_all(*this);
  HostMemory::instance().free_all(*this);
}

Context* Context::top() { return stack.empty() ? nullptr : stack.back(); }

void Context::push(Context* context) { stack.push_back(context); }

Context* Context::pop() {
  need(!stack.empty(), CUDA_ERROR_INVALID_CONTEXT, "no context is current; push one first");
  Context* context = stack.back();
  stack.pop_back();
  return context;
}

void Context::set(Context* context) {
  if (!stack.empty()) {
    stack.pop_back();
  }
  if (context != nullptr) {
    stack.push_back(context);
  }
}

Context& Context::current_even_dead() {
  Context* context = top();
  need(context != nullptr, CUDA_ERROR_INVALID_CONTEXT,
       "no context is current on this thread; call cuCtxSetCurrent");
  need(Handles::instance().alive<Context>(context), CUDA_ERROR_CONTEXT_IS_DESTROYED,
       "the current context has been destroyed; make another current");
  return *context;
}

Context& Context::current() {
  Context& context = current_even_dead();
  if (context.status_ != CUDA_SUCCESS) {
    throw Failure(context.status_, context.cause_);
  }
  return context;
}

Stream& Context::stream(CUstream handle) {
  const auto number = reinterpret_cast<uintptr_t>(handle);
  if (number > 1) {
    Stream& stream = Handles::instance().get<Stream>(handle);
    need(&stream.context() == this, CUDA_ERROR_INVALID_HANDLE,
         "stream belongs to another context; make that one current");
    if ((stream.flags() & CU_STREAM_NON_BLOCKING) == 0) {
      default_stream_.drain();
    }
    return stream;
  }
  for (const auto& stream : streams) {
    if ((stream->flags() & CU_STREAM_NON_BLOCKING) == 0) {
      need(stream->capture == nullptr, CUDA_ERROR_STREAM_CAPTURE_IMPLICIT,
           "the default stream waits for streams that capture; use a stream of your own");
      stream->drain();
    }
  }
  return default_stream_;
}

void Context::run_now(const std::function<void()>& work) {
  Stream& stream = this->stream(nullptr);
  stream.drain();
  work();
  check_guards();
}

void Context::synchronize() {
  for (const auto& stream : streams) {
    need(stream->capture == nullptr, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED,
         "a stream captures; end the capture before waiting");
  }
  default_stream_.drain();
  for (const auto& stream : streams) {
    stream->drain();
  }
  check_guards();
}

void Context::check_guards() {
  const auto damage = DeviceMemory::instance().damage(*this);
  if (damage) {
    die(CUDA_ERROR_ILLEGAL_ADDRESS, *damage);
  }
}

void Context::launch(const KernelCall& call) {
  const auto fault = call.run();
  if (fault) {
    die(status_of(fault->kind), fault->text);
  }
}

void Context::die(CUresult status, const std::string& text) {
  status_ = status;
  cause_ = text;
  default_stream_.abandon();
  for (const auto& stream : streams) {
    stream->abandon();
  }
  throw Failure(status, text);
}

void Context::finish_replays() {
  if (status_ == CUDA_SUCCESS) {
    for (const auto& stream : streams) {
      stream->drain();
    }
  }
}

bool Context::capturing(const Capture* capture) const {
  for (const auto& known : captures) {
    if (known.get() == capture) {
      return known->active();
    }
  }
  return false;
}

void Context::reset() {
  default_stream_.abandon();
  captures.clear();
  streams.clear();
  events.clear();
  modules.clear();
  DeviceMemory::instance().free_all(*this);
  HostMemory::instance().free_all(*this);
  status_ = CUDA_SUCCESS;
}

Action launch_action(Context& context, std::shared_ptr<KernelCall> call) {
  // A graph may outlive the context that it was captured in.
  const auto run = [&context, call] {
    need(Handles::instance().alive<Context>(&context), CUDA_ERROR_CONTEXT_IS_DESTROYED,
         "graph's context has been destroyed; capture it anew");
    context.launch(*call);
  };
  return Action{CU_GRAPH_NODE_TYPE_KERNEL, run, call};
}

void Context::forbid_capture(const char* what) const {
  for (const auto& capture : captures) {
    if (capture->active() && capture->mode() != CU_STREAM_CAPTURE_MODE_RELAXED) {
      capture->invalidate();
      throw Failure(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED,
                    std::string("call is not possible while a stream captures: call=") + what +
                        "; do it before the capture");
    }
  }
}

}  // namespace mote::simt
