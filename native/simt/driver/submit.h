// What the stand-in's other libraries ask of its driver.
#pragma once

#include <cstddef>

#include "cuda_types.h"

extern "C" {
#pragma GCC visibility push(default)
// Runs run(copy of data) in the stream's order, or at each replay of the graph that it captures.
// The copy is given back for reading only. A CUresult.
int mote_simt_submit(CUstream stream, void (*run)(const void* data), const void* data,
                     std::size_t bytes);
// Makes `call: text` what mote_simt_last_error gives on this thread.
void mote_simt_remember(const char* call, const char* text);
#pragma GCC visibility pop
}
