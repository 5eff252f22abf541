#include "module.h"

#include <cstring>

#include "device.h"
#include "options.h"

namespace mote::simt {
namespace {

constexpr unsigned kMostCluster = 8;  // without asking for more
constexpr int kMostPtxVersion = 80;   // of the oldest driver that the project supports

// The bytes of the one parameter struct, from whichever of cuLaunchKernel's two forms.
std::vector<std::byte> copy_parameters(std::size_t bytes, void** parameters, void** extra) {
  std::vector<std::byte> copy(bytes);
  if (bytes == 0) {
    return copy;
  }
  if (parameters != nullptr) {
    need(parameters[0] != nullptr, CUDA_ERROR_INVALID_VALUE,
         "kernel parameter is missing: kernelParams[0]=0; give its address");
    std::memcpy(copy.data(), parameters[0], bytes);
    return copy;
  }
  const void* buffer = nullptr;
  std::size_t given = 0;
  for (void** word = extra; word != nullptr && *word != CU_LAUNCH_PARAM_END; word += 2) {
    if (*word == CU_LAUNCH_PARAM_BUFFER_POINTER) {
      buffer = word[1];
    } else if (*word == CU_LAUNCH_PARAM_BUFFER_SIZE) {
      given = *static_cast<std::size_t*>(word[1]);
    }
  }
  if (buffer == nullptr || given != bytes) {
    throw Failure(CUDA_ERROR_INVALID_VALUE,
                  "kernel parameters have another size: bytes=" + std::to_string(given) +
                      ", expected=" + std::to_string(bytes) + "; give the kernel's struct");
  }
  std::memcpy(copy.data(), buffer, bytes);
  return copy;
}

void check_entry(const PtxEntry& entry, const RegisteredKernel* kernel) {
  if (kernel == nullptr) {
    throw Failure(CUDA_ERROR_SHARED_OBJECT_SYMBOL_NOT_FOUND,
                  "kernel was not compiled for the CPU: kernel=" + entry.name +
                      "; build native/simt from the sources that the PTX came from");
  }
  if (kernel->parameter_bytes != entry.parameter_bytes) {
    throw Failure(CUDA_ERROR_INVALID_IMAGE,
                  "kernel's parameters differ between PTX and sources: kernel=" + entry.name +
                      ", ptx_bytes=" + std::to_string(entry.parameter_bytes) + ", source_bytes=" +
                      std::to_string(kernel->parameter_bytes) + "; compile the PTX anew");
  }
}

}  // namespace

Module::Module(const char* image) {
  if (std::memcmp(image, "\177ELF", 4) == 0) {
    throw Failure(CUDA_ERROR_NO_BINARY_FOR_GPU,
                  "machine code does not run on the stand-in: image=ELF; load the PTX");
  }
  const PtxModule ptx = parse_ptx(image);
  if (ptx.version > kMostPtxVersion) {
    throw Failure(CUDA_ERROR_UNSUPPORTED_PTX_VERSION,
                  "PTX is newer than the driver: version=" + std::to_string(ptx.version) +
                      ", most=" + std::to_string(kMostPtxVersion) + "; compile for CUDA 12.0");
  }
  if (ptx.target > options().architecture) {
    throw Failure(CUDA_ERROR_NO_BINARY_FOR_GPU, "PTX is for a newer device: target=sm_" +
                                                    std::to_string(ptx.target) + ", device=sm_" +
                                                    std::to_string(options().architecture) +
                                                    "; load the portable PTX");
  }
  if (ptx.specific && ptx.target != options().architecture) {
    throw Failure(CUDA_ERROR_NO_BINARY_FOR_GPU, "PTX is for one other device alone: target=sm_" +
                                                    std::to_string(ptx.target) + "a, device=sm_" +
                                                    std::to_string(options().architecture) +
                                                    "; load the portable PTX");
  }
  for (const PtxEntry& entry : ptx.entries) {
    const RegisteredKernel* kernel = find_kernel(entry.name);
    check_entry(entry, kernel);
    auto function = std::make_unique<Function>();
    function->module = this;
    function->entry = entry;
    function->kernel = kernel;
    function->most_dynamic_shared =
        static_cast<int>(kDefaultShared) - static_cast<int>(entry.shared_bytes);
    function->ptx_version = ptx.version;
    function->target = ptx.target;
    functions_.push_back(std::move(function));
  }
}

Function* Module::find(const std::string& name) {
  for (const auto& function : functions_) {
    if (function->entry.name == name) {
      return function.get();
    }
  }
  return nullptr;
}

KernelCall::KernelCall(CUfunction handle, dim3 grid_, dim3 block_, unsigned dynamic_shared_,
                       void** parameters_, void** extra)
    : function(&Handles::instance().get<Function>(handle)),
      name(function->entry.name),
      kernel(function->kernel->call),
      grid(grid_),
      block(block_),
      dynamic_shared(dynamic_shared_),
      cluster(static_cast<unsigned>(function->entry.cluster)),
      parameters(copy_parameters(function->kernel->parameter_bytes, parameters_, extra)) {
  const uint64_t threads = uint64_t{block.x} * block.y * block.z;
  const bool empty = threads == 0 || uint64_t{grid.x} * grid.y * grid.z == 0;
  if (empty || block.x > kMostThreads || block.y > kMostThreads || block.z > 64 ||
      threads > static_cast<uint64_t>(function->entry.most_threads) || grid.x > INT32_MAX ||
      grid.y > 65535 || grid.z > 65535) {
    throw Failure(CUDA_ERROR_INVALID_VALUE,
                  "launch has a shape that the kernel or the device cannot have: kernel=" +
                      function->entry.name + ", threads=" + std::to_string(threads) +
                      ", most=" + std::to_string(function->entry.most_threads) +
                      ", grid=" + std::to_string(grid.x) + "x" + std::to_string(grid.y) + "x" +
                      std::to_string(grid.z) + "; give at least 1 and at most that");
  }
  if (cluster < 1 || cluster > kMostCluster || grid.x % cluster != 0) {
    throw Failure(CUDA_ERROR_INVALID_VALUE,
                  "grid is no multiple of the kernel's cluster: kernel=" + function->entry.name +
                      ", grid=" + std::to_string(grid.x) + ", cluster=" + std::to_string(cluster) +
                      "; launch whole clusters of 1 to 8 blocks");
  }
  if (dynamic_shared > static_cast<unsigned>(std::max(0, function->most_dynamic_shared))) {
    throw Failure(CUDA_ERROR_INVALID_VALUE,
                  "launch asks for more dynamic shared memory than was set: kernel=" +
                      function->entry.name + ", bytes=" + std::to_string(dynamic_shared) +
                      ", set=" + std::to_string(function->most_dynamic_shared) +
                      "; raise CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES first");
  }
}

std::optional<Fault> KernelCall::run() const {
  if (options().fail_launch > 0 && --options().fail_launch == 0) {
    return Fault{FaultKind::kTrap,
                 "fault was planted: kernel=" + name + "; do not set fail_launch"};
  }
  return mote::simt::run(Launch{name.c_str(), kernel, parameters.data(), grid, block,
                                dynamic_shared, parameters.size(), cluster});
}

}  // namespace mote::simt
