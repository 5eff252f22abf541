// What the stand-in pretends to be, and faults that tests plant.
#pragma once

#include <cstdint>

namespace mote::simt {

struct Options {
  int64_t devices = 1;             // 0 or 1
  int64_t driver_version = 12000;  // as cuDriverGetVersion: 1000 major + 10 minor
  int64_t memory_mib = 8192;       // of the device
  int64_t architecture = 80;       // compute capability 10 major + minor: 80, 86, 89 or 90
  int64_t fail_launch = 0;         // the launch of that number, from 1 on, ends in a fault; 0: none
};

// From the environment (MOTE_SIMT_DEVICES, MOTE_SIMT_DRIVER_VERSION, MOTE_SIMT_MEMORY_MIB,
// MOTE_SIMT_ARCHITECTURE, MOTE_SIMT_FAIL_LAUNCH), then from mote_simt_set.
Options& options();

}  // namespace mote::simt

extern "C" {
// Sets an option by its name in Options, e.g. ("memory_mib", 64). fail_launch counts from this call
// on. 0, or 1 where the name is unknown.
int mote_simt_set(const char* name, int64_t value);
}
