// What the stand-in reads of a PTX text: which kernels it holds and what the device needs for them.
#pragma once

#include <string>
#include <vector>

namespace mote::simt {

struct PtxEntry {
  std::string name;
  std::size_t parameter_bytes = 0;
  std::size_t shared_bytes = 0;  // static arrays
  int most_threads = 1024;       // .maxntid
  int cluster = 1;               // .reqnctapercluster, in x
};

struct PtxModule {
  int version = 0;        // 10 major + minor
  int target = 0;         // 80 for sm_80
  bool specific = false;  // sm_90a: for that device alone
  std::vector<PtxEntry> entries;
};

// CUDA_ERROR_INVALID_PTX where it is no PTX with .version and .target.
PtxModule parse_ptx(const std::string& text);

}  // namespace mote::simt
