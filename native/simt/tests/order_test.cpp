// Streams, events and graphs: what is in order is, what is not shows.
#include <vector>

#include "driver.h"

namespace mote::test {
namespace {

constexpr int kCount = 300;
constexpr std::size_t kBytes = kCount * sizeof(float);

// Pinned floats.
class Pinned {
 public:
  explicit Pinned(float value) {
    SUCCEED(cuMemAllocHost_v2(reinterpret_cast<void**>(&data_), kBytes));
    for (int i = 0; i < kCount; i++) {
      data_[i] = value;
    }
  }
  ~Pinned() { SUCCEED(cuMemFreeHost(data_)); }
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;
  float* data() { return data_; }
  float& operator[](int i) { return data_[i]; }

 private:
  float* data_ = nullptr;
};

CUresult scale(const Device& device, CUdeviceptr in, CUdeviceptr out, float factor,
               CUstream stream) {
  return device.launch("probe_scale", ScaleParams{in, out, kCount, factor}, 3, 128, 0, stream);
}

void test_waiting() {
  const Device device;
  Pinned in(1);
  Pinned out(0);
  const CUdeviceptr a = device.memory(kBytes);
  const CUdeviceptr b = device.memory(kBytes);
  const CUstream stream = device.stream();
  SUCCEED(cuMemcpyHtoDAsync_v2(a, in.data(), kBytes, stream));
  SUCCEED(scale(device, a, b, 3, stream));
  SUCCEED(cuMemcpyDtoHAsync_v2(out.data(), b, kBytes, stream));
  check(out[0] == 0, "nothing has arrived before the wait");
  in[0] = 5;  // too early: pinned memory is read when the stream gets there
  check_status(cuStreamQuery(stream), CUDA_ERROR_NOT_READY, "work is left");
  SUCCEED(cuStreamSynchronize(stream));
  check(out[0] == 15 && out[kCount - 1] == 3, "work in stream order");
  SUCCEED(cuStreamQuery(stream));
  SUCCEED(scale(device, b, b, 2, stream));
  while (cuStreamQuery(stream) == CUDA_ERROR_NOT_READY) {
  }
  SUCCEED(cuMemcpyDtoH_v2(out.data(), b, kBytes));
  check(out[0] == 30, "asking often enough comes to an end");

  std::vector<float> pageable(kCount, 1);
  SUCCEED(cuMemcpyHtoDAsync_v2(a, pageable.data(), kBytes, stream));
  pageable[0] = 9;
  SUCCEED(cuMemcpyDtoHAsync_v2(pageable.data(), a, kBytes, stream));
  check(pageable[0] == 1, "pageable memory is read and written before the calls return");
}

// out = 2 in on one stream, then 3 of that on another.
float two_streams(const Device& device, bool wait) {
  Pinned in(1);
  const CUdeviceptr a = device.memory(kBytes);
  const CUdeviceptr b = device.memory(kBytes);
  const CUstream first = device.stream();
  const CUstream second = device.stream();
  const CUevent event = device.event();
  SUCCEED(cuMemsetD32_v2(a, 0, kCount));
  SUCCEED(cuMemcpyHtoDAsync_v2(a, in.data(), kBytes, first));
  SUCCEED(scale(device, a, a, 2, first));
  SUCCEED(cuEventRecord(event, first));
  SUCCEED(scale(device, a, a, 50, first));
  if (wait) {
    SUCCEED(cuStreamWaitEvent(second, event, 0));
  }
  SUCCEED(scale(device, a, b, 3, second));
  SUCCEED(cuStreamSynchronize(second));
  float out = 0;
  SUCCEED(cuMemcpyDtoH_v2(&out, b, sizeof out));
  return out;
}

void test_events() {
  const Device device;
  check(two_streams(device, true) == 6, "a stream that waits comes after the event, no later");
  check(two_streams(device, false) == 0, "a stream that does not wait comes before");
  const CUevent begin = device.event();
  const CUevent end = device.event();
  const CUstream stream = device.stream();
  float millis = -1;
  check_status(cuEventElapsedTime(&millis, begin, end), CUDA_ERROR_INVALID_HANDLE, "unrecorded");
  SUCCEED(cuEventQuery(begin));
  SUCCEED(cuEventRecord(begin, stream));
  const CUdeviceptr a = device.memory(kBytes);
  SUCCEED(cuMemsetD32Async(a, 0, kCount, stream));
  SUCCEED(cuEventRecord(end, stream));
  check_status(cuEventElapsedTime(&millis, begin, end), CUDA_ERROR_NOT_READY, "not passed");
  SUCCEED(cuEventSynchronize(end));
  SUCCEED(cuEventElapsedTime(&millis, begin, end));
  check(millis > 0 && millis < 1000, "elapsed time");
  SUCCEED(cuEventDestroy_v2(begin));
  check_status(cuEventRecord(begin, stream), CUDA_ERROR_INVALID_HANDLE, "destroyed event");
}

void test_default_stream() {
  const Device device;
  Pinned in(4);
  float out = 0;
  const CUdeviceptr a = device.memory(kBytes);
  const CUstream blocking = device.stream(CU_STREAM_DEFAULT);
  SUCCEED(cuMemcpyHtoDAsync_v2(a, in.data(), kBytes, blocking));
  SUCCEED(cuMemcpyDtoH_v2(&out, a, sizeof out));
  check(out == 4, "the default stream waits for blocking streams");
  const CUstream other = device.stream();
  in[0] = 8;
  SUCCEED(cuMemcpyHtoDAsync_v2(a, in.data(), kBytes, other));
  SUCCEED(cuMemcpyDtoH_v2(&out, a, sizeof out));
  check(out == 4, "and not for others");
  SUCCEED(cuStreamDestroy_v2(other));
}

// b = 2 a on one stream beside c = 3 a on another, then sum = b + c. Without the join the sum may
// come first.
CUgraph capture(const Device& device, CUdeviceptr memory, CUstream main, CUstream side, bool join,
                CUresult expected) {
  const CUdeviceptr b = memory + kBytes;
  const CUdeviceptr c = memory + 2 * kBytes;
  const CUevent fork = device.event();
  const CUevent joined = device.event();
  CUgraph graph = nullptr;
  SUCCEED(cuStreamBeginCapture_v2(main, CU_STREAM_CAPTURE_MODE_GLOBAL));
  SUCCEED(cuEventRecord(fork, main));
  SUCCEED(cuStreamWaitEvent(side, fork, 0));
  SUCCEED(scale(device, memory, c, 3, side));
  SUCCEED(scale(device, memory, b, 2, main));
  if (join) {
    SUCCEED(cuEventRecord(joined, side));
    SUCCEED(cuStreamWaitEvent(main, joined, 0));
  }
  SUCCEED(device.launch("probe_sum", SumParams{b, c, memory + 3 * kBytes}, 1, 32, 128, main));
  check_status(cuStreamEndCapture(main, &graph), expected, "end of capture");
  return graph;
}

void test_capture() {
  const Device device;
  const CUstream main = device.stream();
  const CUstream side = device.stream();
  const CUdeviceptr memory = device.memory(4 * kBytes);
  SUCCEED(cuMemsetD32_v2(memory, 0, 4 * kCount));
  capture(device, memory, main, side, false, CUDA_ERROR_STREAM_CAPTURE_UNJOINED);
  const CUgraph graph = capture(device, memory, main, side, true, CUDA_SUCCESS);
  CUgraphExec executable = nullptr;
  SUCCEED(cuGraphInstantiateWithFlags(&executable, graph, 0));
  float out = -1;
  SUCCEED(cuMemcpyDtoH_v2(&out, memory + 3 * kBytes, sizeof out));
  check(out == 0, "capture runs nothing");
  for (const float value : {1.0f, 10.0f}) {
    SUCCEED(cuMemcpyHtoD_v2(memory, &value, sizeof value));
    SUCCEED(cuGraphLaunch(executable, main));
    SUCCEED(cuStreamSynchronize(main));
    SUCCEED(cuMemcpyDtoH_v2(&out, memory + 3 * kBytes, sizeof out));
    check(out == 5 * value, "replay " + std::to_string(out));
  }

  std::size_t count = 0;
  SUCCEED(cuGraphGetNodes(graph, nullptr, &count));
  std::vector<CUgraphNode> nodes(count);
  SUCCEED(cuGraphGetNodes(graph, nodes.data(), &count));
  check(count == 3, "three nodes");
  CUgraphNodeType type = CU_GRAPH_NODE_TYPE_EMPTY;
  SUCCEED(cuGraphNodeGetType(nodes[0], &type));
  check(type == CU_GRAPH_NODE_TYPE_KERNEL, "a kernel's node");
  CUDA_KERNEL_NODE_PARAMS_v2 params{};
  SUCCEED(cuGraphKernelNodeGetParams_v2(nodes[0], &params));
  auto changed = *static_cast<ScaleParams*>(params.kernelParams[0]);
  check(changed.factor == 3 && params.gridDimX == 3 && params.blockDimX == 128, "its parameters");
  changed.factor = 7;
  void* list[] = {&changed};
  params.kernelParams = list;
  SUCCEED(cuGraphExecKernelNodeSetParams_v2(executable, nodes[0], &params));
  SUCCEED(cuGraphDestroy(graph));
  SUCCEED(cuGraphLaunch(executable, main));
  SUCCEED(cuStreamSynchronize(main));
  SUCCEED(cuMemcpyDtoH_v2(&out, memory + 3 * kBytes, sizeof out));
  check(out == 90, "replay with other parameters " + std::to_string(out));
  SUCCEED(cuMemsetD32_v2(memory + 3 * kBytes, 0, 1));
  SUCCEED(cuGraphLaunch(executable, main));
  SUCCEED(cuGraphExecDestroy(executable));
  check_status(cuGraphLaunch(executable, main), CUDA_ERROR_INVALID_HANDLE, "destroyed graph");
  SUCCEED(cuStreamSynchronize(main));
  SUCCEED(cuMemcpyDtoH_v2(&out, memory + 3 * kBytes, sizeof out));
  check(out == 90, "a replay under way outlives the graph");
}

void test_capture_misuse() {
  const Device device;
  const CUstream stream = device.stream();
  const CUstream other = device.stream();
  const CUevent before = device.event();
  CUgraph graph = nullptr;
  CUdeviceptr address = 0;
  check_status(cuStreamEndCapture(stream, &graph), CUDA_ERROR_INVALID_VALUE, "no capture");
  check_status(cuStreamBeginCapture_v2(nullptr, CU_STREAM_CAPTURE_MODE_GLOBAL),
               CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "default stream");
  SUCCEED(cuStreamBeginCapture_v2(stream, CU_STREAM_CAPTURE_MODE_GLOBAL));
  check_failure(cuMemAlloc_v2(&address, 16), CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED,
                "cuMemAlloc_v2: call is not possible while a stream captures: call=cuMemAlloc_v2; "
                "do it before the capture");
  check_status(cuStreamEndCapture(stream, &graph), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED,
               "broken capture");
  SUCCEED(cuStreamBeginCapture_v2(stream, CU_STREAM_CAPTURE_MODE_GLOBAL));
  check_status(cuStreamSynchronize(stream), CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED,
               "waiting for a capture");
  check_status(cuStreamEndCapture(stream, &graph), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED,
               "broken capture");
  address = device.memory(16);
  SUCCEED(cuMemsetD32Async(address, 0, 4, other));
  SUCCEED(cuEventRecord(before, other));
  SUCCEED(cuStreamBeginCapture_v2(stream, CU_STREAM_CAPTURE_MODE_GLOBAL));
  check_status(cuStreamWaitEvent(stream, before, 0), CUDA_ERROR_STREAM_CAPTURE_ISOLATION,
               "work outside of the capture");
  SUCCEED(cuStreamEndCapture(stream, &graph));
  SUCCEED(cuGraphDestroy(graph));
  SUCCEED(cuStreamBeginCapture_v2(stream, CU_STREAM_CAPTURE_MODE_RELAXED));
  SUCCEED(cuEventRecord(before, stream));
  SUCCEED(cuStreamWaitEvent(other, before, 0));
  SUCCEED(cuStreamDestroy_v2(other));
  check_status(cuStreamEndCapture(stream, &graph), CUDA_ERROR_STREAM_CAPTURE_INVALIDATED,
               "a stream of the capture is gone");
}

}  // namespace

void test_streams() {
  test_waiting();
  test_events();
  test_default_stream();
}

void test_graphs() {
  test_capture();
  test_capture_misuse();
}

// A fault ends the context's life and nobody else's.
void test_sticky_faults() {
  CUcontext other = nullptr;
  SUCCEED(cuCtxCreate_v2(&other, 0, 0));
  {
    const Device device;
    const CUdeviceptr memory = device.memory(100);
    SUCCEED(device.launch("probe_trap", CUdeviceptr{0}, 2, 32, 0, nullptr));
    check_status(cuCtxSynchronize(), CUDA_ERROR_LAUNCH_FAILED, "trap");
    check(std::string(mote_simt_last_error()).find("kernel trapped: kernel=probe_trap, block=(") !=
              std::string::npos,
          mote_simt_last_error());
    check_status(cuMemFree_v2(memory), CUDA_ERROR_LAUNCH_FAILED, "free after the fault");
    check_status(cuCtxSynchronize(), CUDA_ERROR_LAUNCH_FAILED, "wait after the fault");
  }
  SUCCEED(cuCtxSynchronize());
  std::size_t free = 0;
  std::size_t total = 0;
  SUCCEED(cuMemGetInfo_v2(&free, &total));
  check(free == total, "the dead context's memory is free");
  SUCCEED(cuCtxDestroy_v2(other));
  {
    const Device device;
    const CUdeviceptr memory = device.memory(100);
    const CUstream stream = device.stream();
    SUCCEED(device.launch("probe_store", CUdeviceptr{memory + 101}, 1, 1, 0, stream));
    check_status(cuStreamSynchronize(stream), CUDA_ERROR_ILLEGAL_ADDRESS, "guards");
    check(std::string(mote_simt_last_error()).find("bytes=100, offset=101; run with") !=
              std::string::npos,
          mote_simt_last_error());
  }
  const Device device;
  const CUstream stream = device.stream();
  const CUdeviceptr memory = device.memory(kBytes);
  mote_simt_set("fail_launch", 2);
  SUCCEED(scale(device, memory, memory, 1, stream));
  SUCCEED(scale(device, memory, memory, 1, stream));
  check_failure(cuStreamSynchronize(stream), CUDA_ERROR_LAUNCH_FAILED,
                "cuStreamSynchronize: fault was planted: kernel=probe_scale; do not set "
                "fail_launch");
}

}  // namespace mote::test
