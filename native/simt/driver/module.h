// Modules and their functions: PTX text bound to kernels compiled for the CPU.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "../grid.h"
#include "handles.h"
#include "ptx.h"
#include "registry.h"

namespace mote::simt {

class Module;

struct Function : Handled<Function> {
  Module* module;
  PtxEntry entry;
  const RegisteredKernel* kernel;
  int most_dynamic_shared;  // raised by cuFuncSetAttribute
  int ptx_version;
  int target;
};

class Module : public Handled<Module> {
 public:
  // CUDA_ERROR_NO_BINARY_FOR_GPU for machine code or a target beyond the device,
  // CUDA_ERROR_UNSUPPORTED_PTX_VERSION beyond 8.0, CUDA_ERROR_SHARED_OBJECT_SYMBOL_NOT_FOUND naming
  // a kernel that was not compiled for the CPU, CUDA_ERROR_INVALID_IMAGE where its parameters
  // have another size there.
  explicit Module(const char* image);

  Function* find(const std::string& name);

 private:
  std::vector<std::unique_ptr<Function>> functions_;
};

// One launch, ready to be made: geometry checked, parameters copied.
struct KernelCall {
  Function* function;  // for who asks; the rest outlives its module
  std::string name;
  Kernel kernel;
  dim3 grid;
  dim3 block;
  unsigned dynamic_shared;
  unsigned cluster;
  std::vector<std::byte> parameters;
  mutable void* pointer = nullptr;  // to parameters, for who asks a node for them

  // As cuLaunchKernel's arguments. CUDA_ERROR_INVALID_VALUE for geometry beyond the device's or the
  // kernel's, CUDA_ERROR_INVALID_HANDLE for no function.
  KernelCall(CUfunction function, dim3 grid, dim3 block, unsigned dynamic_shared, void** parameters,
             void** extra);
  // What ended the launch, if something did.
  std::optional<Fault> run() const;
};

}  // namespace mote::simt
