#include "submit.h"

#include <memory>
#include <vector>

#include "context.h"

using mote::simt::Action;
using mote::simt::Context;

int mote_simt_submit(CUstream stream, void (*run)(const void* data), const void* data,
                     std::size_t bytes) {
  return mote::simt::guarded("mote_simt_submit", [&] {
    const auto* begin = static_cast<const std::byte*>(data);
    const auto copy = std::make_shared<std::vector<std::byte>>(begin, begin + bytes);
    Context::current().stream(stream).submit(
        Action{CU_GRAPH_NODE_TYPE_KERNEL, [run, copy] { run(copy->data()); }, {}});
  });
}

void mote_simt_remember(const char* call, const char* text) {
  mote::simt::remember(call, mote::simt::Failure(CUDA_ERROR_UNKNOWN, text));
}
