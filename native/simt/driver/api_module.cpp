// Driver calls: modules, functions, launches and occupancy.
#include <fstream>
#include <sstream>

#include "context.h"
#include "device.h"
#include "graph.h"

using mote::simt::Action;
using mote::simt::Context;
using mote::simt::Failure;
using mote::simt::Function;
using mote::simt::guarded;
using mote::simt::Handles;
using mote::simt::KernelCall;
using mote::simt::Module;
using mote::simt::need;
using mote::simt::result;
using mote::simt::Stream;

namespace {

Function& function_of(CUfunction handle) { return Handles::instance().get<Function>(handle); }

CUresult load(const char* call, CUmodule* handle, const void* image) {
  return guarded(call, [&] {
    Context& context = Context::current();
    context.forbid_capture(call);
    need(image != nullptr, CUDA_ERROR_INVALID_VALUE, "image is missing; give its address");
    auto module = std::make_unique<Module>(static_cast<const char*>(image));
    result(handle) = reinterpret_cast<CUmodule>(module.get());
    context.modules.insert(std::move(module));
  });
}

int function_attribute(const Function& function, CUfunction_attribute attribute) {
  switch (attribute) {
    case CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
      return function.entry.most_threads;
    case CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES:
      return static_cast<int>(function.entry.shared_bytes);
    case CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES:
    case CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES:
    case CU_FUNC_ATTRIBUTE_NUM_REGS:
    case CU_FUNC_ATTRIBUTE_CACHE_MODE_CA:
      return 0;
    case CU_FUNC_ATTRIBUTE_PTX_VERSION:
      return function.ptx_version;
    case CU_FUNC_ATTRIBUTE_BINARY_VERSION:
      return function.target;
    case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES:
      return function.most_dynamic_shared;
    case CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT:
      return -1;
    default:
      throw Failure(CUDA_ERROR_INVALID_VALUE, "function attribute is unknown: attribute=" +
                                                  std::to_string(attribute) + "; ask for another");
  }
}

// Blocks of that size that one multiprocessor holds at a time.
int active_blocks(const Function& function, int threads, std::size_t dynamic_shared) {
  need(threads > 0, CUDA_ERROR_INVALID_VALUE, "block has no threads; give 1 or more");
  const auto limits = mote::simt::shared_limits();
  if (threads > function.entry.most_threads) {
    return 0;
  }
  const std::size_t shared =
      function.entry.shared_bytes + dynamic_shared + mote::simt::kReservedShared;
  const int by_shared = static_cast<int>(static_cast<std::size_t>(limits.per_multiprocessor) /
                                         std::max<std::size_t>(shared, 1));
  return std::min({limits.threads_per_multiprocessor / threads, by_shared, 16});
}

}  // namespace

extern "C" {

CUresult cuModuleLoadData(CUmodule* module, const void* image) {
  return load("cuModuleLoadData", module, image);
}

// Options for the compiler have no meaning here: there is none.
CUresult cuModuleLoadDataEx(CUmodule* module, const void* image, unsigned int, CUjit_option*,
                            void**) {
  return load("cuModuleLoadDataEx", module, image);
}

CUresult cuModuleLoad(CUmodule* module, const char* path) {
  std::ifstream file(path == nullptr ? "" : path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    return guarded("cuModuleLoad", [&] {
      throw Failure(CUDA_ERROR_FILE_NOT_FOUND,
                    "image cannot be read: path=" + std::string(path == nullptr ? "" : path) +
                        "; give a PTX file");
    });
  }
  return load("cuModuleLoad", module, text.str().c_str());
}

CUresult cuModuleUnload(CUmodule handle) {
  return guarded("cuModuleUnload", [&] {
    Context& context = Context::current();
    auto& module = Handles::instance().get<Module>(handle);
    context.synchronize();
    context.modules.erase(owned(context.modules, module));
  });
}

CUresult cuModuleGetFunction(CUfunction* handle, CUmodule module, const char* name) {
  return guarded("cuModuleGetFunction", [&] {
    Context::current();
    need(name != nullptr, CUDA_ERROR_INVALID_VALUE, "name is missing; give one");
    Function* function = Handles::instance().get<Module>(module).find(name);
    if (function == nullptr) {
      throw Failure(CUDA_ERROR_NOT_FOUND, std::string("module holds no such kernel: kernel=") +
                                              name + "; give the name of an .entry");
    }
    result(handle) = reinterpret_cast<CUfunction>(function);
  });
}

CUresult cuFuncGetModule(CUmodule* module, CUfunction function) {
  return guarded("cuFuncGetModule", [&] {
    result(module) = reinterpret_cast<CUmodule>(function_of(function).module);
  });
}

CUresult cuFuncGetAttribute(int* value, CUfunction_attribute attribute, CUfunction function) {
  return guarded("cuFuncGetAttribute", [&] {
    Context::current();
    result(value) = function_attribute(function_of(function), attribute);
  });
}

CUresult cuFuncSetAttribute(CUfunction handle, CUfunction_attribute attribute, int value) {
  return guarded("cuFuncSetAttribute", [&] {
    Context::current();
    Function& function = function_of(handle);
    if (attribute == CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT) {
      return;  // a hint
    }
    const int most =
        mote::simt::shared_limits().per_block - static_cast<int>(function.entry.shared_bytes);
    if (attribute != CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES || value < 0 || value > most) {
      throw Failure(CUDA_ERROR_INVALID_VALUE,
                    "function attribute cannot be set so: kernel=" + function.entry.name +
                        ", attribute=" + std::to_string(attribute) +
                        ", value=" + std::to_string(value) + ", most=" + std::to_string(most) +
                        "; ask for less shared memory");
    }
    function.most_dynamic_shared = value;
  });
}

// A hint.
CUresult cuFuncSetCacheConfig(CUfunction function, CUfunc_cache) {
  return guarded("cuFuncSetCacheConfig", [&] {
    Context::current();
    function_of(function);
  });
}

CUresult cuLaunchKernel(CUfunction function, unsigned int grid_x, unsigned int grid_y,
                        unsigned int grid_z, unsigned int block_x, unsigned int block_y,
                        unsigned int block_z, unsigned int shared_bytes, CUstream handle,
                        void** parameters, void** extra) {
  return guarded("cuLaunchKernel", [&] {
    Context& context = Context::current();
    Stream& stream = context.stream(handle);
    const auto call = std::make_shared<KernelCall>(function, dim3(grid_x, grid_y, grid_z),
                                                   dim3(block_x, block_y, block_z), shared_bytes,
                                                   parameters, extra);
    stream.submit(mote::simt::launch_action(context, call));
  });
}

CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, CUfunction function, int threads,
                                                     std::size_t dynamic_shared) {
  return guarded("cuOccupancyMaxActiveBlocksPerMultiprocessor", [&] {
    Context::current();
    result(blocks) = active_blocks(function_of(function), threads, dynamic_shared);
  });
}

CUresult cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, CUfunction function,
                                                              int threads,
                                                              std::size_t dynamic_shared,
                                                              unsigned int) {
  return cuOccupancyMaxActiveBlocksPerMultiprocessor(blocks, function, threads, dynamic_shared);
}

CUresult cuOccupancyMaxPotentialBlockSize(int* grid, int* threads, CUfunction handle,
                                          CUoccupancyB2DSize shared_of, std::size_t dynamic_shared,
                                          int limit) {
  return guarded("cuOccupancyMaxPotentialBlockSize", [&] {
    Context::current();
    const Function& function = function_of(handle);
    const int most =
        limit > 0 ? std::min(limit, function.entry.most_threads) : function.entry.most_threads;
    int best = 0;
    for (int size = mote::simt::kWarp; size <= most; size += mote::simt::kWarp) {
      const std::size_t shared = shared_of != nullptr ? shared_of(size) : dynamic_shared;
      const int resident = size * active_blocks(function, size, shared);
      if (resident >= best) {
        best = resident;
        result(threads) = size;
        result(grid) = active_blocks(function, size, shared) *
                       mote::simt::device_attribute(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
      }
    }
  });
}

CUresult cuOccupancyAvailableDynamicSMemPerBlock(std::size_t* bytes, CUfunction function,
                                                 int blocks, int) {
  return guarded("cuOccupancyAvailableDynamicSMemPerBlock", [&] {
    Context::current();
    need(blocks > 0, CUDA_ERROR_INVALID_VALUE, "number of blocks is 0; give 1 or more");
    const auto limits = mote::simt::shared_limits();
    const int each =
        limits.per_multiprocessor / blocks -
        static_cast<int>(mote::simt::kReservedShared + function_of(function).entry.shared_bytes);
    result(bytes) = static_cast<std::size_t>(std::max(0, std::min(each, limits.per_block)));
  });
}
}
