// Driver calls: contexts, the primary one counted and the others owned by who created them.
#include <memory>

#include "context.h"
#include "device.h"
#include "graph.h"

using mote::simt::Context;
using mote::simt::guarded;
using mote::simt::Handles;
using mote::simt::need;
using mote::simt::result;

namespace {

std::unique_ptr<Context> primary;
unsigned primary_flags = 0;
int primary_users = 0;

CUcontext handle_of(Context* context) { return reinterpret_cast<CUcontext>(context); }

Context* context_of(CUcontext handle) {
  return handle == nullptr ? nullptr
                           : &Handles::instance().get<Context>(handle, CUDA_ERROR_INVALID_CONTEXT);
}

}  // namespace

extern "C" {

CUresult cuDevicePrimaryCtxRetain(CUcontext* handle, CUdevice device) {
  return guarded("cuDevicePrimaryCtxRetain", [&] {
    mote::simt::need_initialised_device(device);
    if (!primary) {
      primary = std::make_unique<Context>(true, primary_flags);
    }
    primary_users++;
    result(handle) = handle_of(primary.get());
  });
}

CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
  return guarded("cuDevicePrimaryCtxRelease_v2", [&] {
    mote::simt::need_initialised_device(device);
    need(primary_users > 0, CUDA_ERROR_INVALID_CONTEXT,
         "primary context is not retained; release it once for each retain");
    if (--primary_users == 0) {
      primary.reset();
    }
  });
}

CUresult cuDevicePrimaryCtxReset_v2(CUdevice device) {
  return guarded("cuDevicePrimaryCtxReset_v2", [&] {
    mote::simt::need_initialised_device(device);
    if (primary) {
      // Users keep their handle: what the context held is gone, and so is its fault.
      primary->reset();
    }
  });
}

CUresult cuDevicePrimaryCtxGetState(CUdevice device, unsigned int* flags, int* active) {
  return guarded("cuDevicePrimaryCtxGetState", [&] {
    mote::simt::need_initialised_device(device);
    result(flags) = primary_flags;
    result(active) = primary != nullptr;
  });
}

CUresult cuDevicePrimaryCtxSetFlags_v2(CUdevice device, unsigned int flags) {
  return guarded("cuDevicePrimaryCtxSetFlags_v2", [&] {
    mote::simt::need_initialised_device(device);
    primary_flags = flags;
  });
}

CUresult cuCtxCreate_v2(CUcontext* handle, unsigned int flags, CUdevice device) {
  return guarded("cuCtxCreate_v2", [&] {
    mote::simt::need_initialised_device(device);
    auto* context = new Context(false, flags);
    Context::push(context);
    result(handle) = handle_of(context);
  });
}

CUresult cuCtxDestroy_v2(CUcontext handle) {
  return guarded("cuCtxDestroy_v2", [&] {
    Context* context = context_of(handle);
    need(context != nullptr && !context->primary(), CUDA_ERROR_INVALID_CONTEXT,
         "context was not made by cuCtxCreate; release the primary one instead");
    if (Context::top() == context) {
      Context::pop();
    }
    delete context;
  });
}

CUresult cuCtxPushCurrent_v2(CUcontext handle) {
  return guarded("cuCtxPushCurrent_v2", [&] {
    need(handle != nullptr, CUDA_ERROR_INVALID_CONTEXT, "context is missing; give one");
    Context::push(context_of(handle));
  });
}

CUresult cuCtxPopCurrent_v2(CUcontext* handle) {
  return guarded("cuCtxPopCurrent_v2", [&] {
    Context* context = Context::pop();
    if (handle != nullptr) {
      *handle = handle_of(context);
    }
  });
}

CUresult cuCtxSetCurrent(CUcontext handle) {
  return guarded("cuCtxSetCurrent", [&] { Context::set(context_of(handle)); });
}

CUresult cuCtxGetCurrent(CUcontext* handle) {
  return guarded("cuCtxGetCurrent", [&] { result(handle) = handle_of(Context::top()); });
}

CUresult cuCtxGetDevice(CUdevice* device) {
  return guarded("cuCtxGetDevice", [&] {
    Context::current_even_dead();
    result(device) = 0;
  });
}

CUresult cuCtxGetFlags(unsigned int* flags) {
  return guarded("cuCtxGetFlags", [&] { result(flags) = Context::current().flags(); });
}

CUresult cuCtxGetId(CUcontext handle, unsigned long long* id) {
  return guarded("cuCtxGetId", [&] {
    Context* context = handle == nullptr ? &Context::current() : context_of(handle);
    result(id) = context->id();
  });
}

CUresult cuCtxGetApiVersion(CUcontext handle, unsigned int* version) {
  return guarded("cuCtxGetApiVersion", [&] {
    if (handle == nullptr) {
      Context::current_even_dead();
    } else {
      context_of(handle);
    }
    result(version) = 3020;
  });
}

CUresult cuCtxGetStreamPriorityRange(int* least, int* greatest) {
  return guarded("cuCtxGetStreamPriorityRange", [&] {
    Context::current();
    result(least) = 0;
    result(greatest) = -5;
  });
}

CUresult cuCtxSynchronize() {
  return guarded("cuCtxSynchronize", [] { Context::current().synchronize(); });
}
}
