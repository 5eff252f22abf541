// Driver calls: streams and events.
#include "context.h"
#include "graph.h"

using mote::simt::Action;
using mote::simt::Capture;
using mote::simt::Context;
using mote::simt::Event;
using mote::simt::Failure;
using mote::simt::guarded;
using mote::simt::Handles;
using mote::simt::Mark;
using mote::simt::need;
using mote::simt::result;
using mote::simt::Stream;

namespace {

constexpr const char* kCapturing = "stream captures; end the capture first";

Event& event_of(CUevent handle) { return Handles::instance().get<Event>(handle); }

void create_stream(CUstream* handle, unsigned flags, int priority) {
  Context& context = Context::current();
  need(flags <= CU_STREAM_NON_BLOCKING, CUDA_ERROR_INVALID_VALUE,
       "stream flags are unknown; give CU_STREAM_DEFAULT or CU_STREAM_NON_BLOCKING");
  auto stream = std::make_unique<Stream>(context, flags, priority);
  result(handle) = reinterpret_cast<CUstream>(stream.get());
  context.streams.insert(std::move(stream));
}

// A stream that is not being captured.
Stream& waitable(CUstream handle) {
  Stream& stream = Context::current().stream(handle);
  if (stream.capture != nullptr) {
    stream.capture->invalidate();
    throw Failure(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, kCapturing);
  }
  return stream;
}

void not_ready(bool ready) {
  need(ready, CUDA_ERROR_NOT_READY, "work is not done yet; ask again or synchronize");
}

const Mark& mark_of(const Event& event) {
  need(event.capture == nullptr, CUDA_ERROR_CAPTURED_EVENT,
       "event was recorded last in a stream that captured; record it outside");
  need(event.mark != nullptr && (event.flags & CU_EVENT_DISABLE_TIMING) == 0,
       CUDA_ERROR_INVALID_HANDLE, "event carries no time; record one that was created with timing");
  not_ready(event.mark->done);
  return *event.mark;
}

void record(CUevent event_handle, CUstream stream_handle) {
  Stream& stream = Context::current().stream(stream_handle);
  Event& event = event_of(event_handle);
  event.capture = stream.capture;
  event.nodes = stream.tail;
  if (stream.capture == nullptr) {
    event.mark = stream.mark();
  }
}

void wait(CUstream stream_handle, CUevent event_handle) {
  Stream& stream = Context::current().stream(stream_handle);
  Event& event = event_of(event_handle);
  if (event.capture != nullptr) {
    need(stream.context().capturing(event.capture), CUDA_ERROR_CAPTURED_EVENT,
         "event belongs to a capture that has ended; record it again");
    event.capture->join(stream, event.nodes);
    return;
  }
  need(stream.capture == nullptr || event.mark == nullptr || event.mark->done,
       CUDA_ERROR_STREAM_CAPTURE_ISOLATION,
       "stream that captures would wait for work outside of the capture; wait before it begins");
  if (stream.capture == nullptr && event.mark != nullptr) {
    stream.wait(event.mark);
  }
}

}  // namespace

extern "C" {

CUresult cuStreamCreate(CUstream* stream, unsigned int flags) {
  return guarded("cuStreamCreate", [&] { create_stream(stream, flags, 0); });
}

CUresult cuStreamCreateWithPriority(CUstream* stream, unsigned int flags, int priority) {
  return guarded("cuStreamCreateWithPriority",
                 [&] { create_stream(stream, flags, std::max(-5, std::min(priority, 0))); });
}

CUresult cuStreamDestroy_v2(CUstream handle) {
  return guarded("cuStreamDestroy_v2", [&] {
    Context& context = Context::current();
    Stream& stream = Handles::instance().get<Stream>(handle);
    const auto owner = owned(context.streams, stream);
    if (stream.capture != nullptr) {
      stream.capture->forget(stream);
    }
    stream.drain();
    context.streams.erase(owner);
  });
}

CUresult cuStreamSynchronize(CUstream handle) {
  return guarded("cuStreamSynchronize", [&] {
    waitable(handle).drain();
    Context::current().check_guards();
  });
}

// Each question brings the work one piece further, so that whoever asks in a loop comes to an end.
CUresult cuStreamQuery(CUstream handle) {
  return guarded("cuStreamQuery", [&] {
    Stream& stream = waitable(handle);
    stream.step();
    not_ready(stream.idle());
  });
}

CUresult cuStreamGetPriority(CUstream handle, int* priority) {
  return guarded("cuStreamGetPriority",
                 [&] { result(priority) = Context::current().stream(handle).priority(); });
}

CUresult cuStreamGetFlags(CUstream handle, unsigned int* flags) {
  return guarded("cuStreamGetFlags",
                 [&] { result(flags) = Context::current().stream(handle).flags(); });
}

CUresult cuStreamGetId(CUstream handle, unsigned long long* id) {
  return guarded("cuStreamGetId", [&] { result(id) = Context::current().stream(handle).id(); });
}

CUresult cuStreamGetCtx(CUstream handle, CUcontext* context) {
  return guarded("cuStreamGetCtx", [&] {
    result(context) = reinterpret_cast<CUcontext>(&Context::current().stream(handle).context());
  });
}

CUresult cuStreamWaitEvent(CUstream stream, CUevent event, unsigned int) {
  return guarded("cuStreamWaitEvent", [&] { wait(stream, event); });
}

CUresult cuEventCreate(CUevent* handle, unsigned int flags) {
  return guarded("cuEventCreate", [&] {
    Context& context = Context::current();
    auto event = std::make_unique<Event>();
    event->context = &context;
    event->flags = flags;
    result(handle) = reinterpret_cast<CUevent>(event.get());
    context.events.insert(std::move(event));
  });
}

CUresult cuEventDestroy_v2(CUevent handle) {
  return guarded("cuEventDestroy_v2", [&] {
    Context& context = Context::current();
    context.events.erase(owned(context.events, event_of(handle)));
  });
}

CUresult cuEventRecord(CUevent event, CUstream stream) {
  return guarded("cuEventRecord", [&] { record(event, stream); });
}

CUresult cuEventSynchronize(CUevent handle) {
  return guarded("cuEventSynchronize", [&] {
    Context& context = Context::current();
    const Event& event = event_of(handle);
    need(event.capture == nullptr, CUDA_ERROR_CAPTURED_EVENT, kCapturing);
    if (event.mark != nullptr) {
      if (!event.mark->done) {
        event.mark->stream->run_until(*event.mark);
      }
      context.check_guards();
    }
  });
}

CUresult cuEventQuery(CUevent handle) {
  return guarded("cuEventQuery", [&] {
    Context::current();
    const Event& event = event_of(handle);
    need(event.capture == nullptr, CUDA_ERROR_CAPTURED_EVENT, kCapturing);
    if (event.mark != nullptr && !event.mark->done) {
      event.mark->stream->step();
      not_ready(event.mark->done);
    }
  });
}

CUresult cuEventElapsedTime(float* millis, CUevent start, CUevent end) {
  return guarded("cuEventElapsedTime", [&] {
    Context::current();
    const double nanos = mark_of(event_of(end)).nanos - mark_of(event_of(start)).nanos;
    result(millis) = static_cast<float>(nanos / 1e6);
  });
}
}
