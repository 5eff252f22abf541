// What a window begins with: the first estimate by point, the state before the first iteration
// (pips: the template's feature in every frame; mote: logits of zero), every point active, no
// iteration taken.
//
// A warp per point and frame, 8 a block of 256. Bytes: in and out once.
#include "device.cuh"
#include "params.h"

extern "C" __global__ void __launch_bounds__(256) mote_start(const StartParams p) {
  const int count = at<const CallHeader>(p.call)->count;
  const int row = static_cast<int>(blockIdx.x * (blockDim.x / kLanes)) + warp_index();
  const int n = row / kWindow;
  const int s = row % kWindow;
  if (n >= count) {
    return;
  }
  const int lane = lane_index();
  if (lane < 2) {
    at<float>(p.xy)[2 * row + lane] = at<const float>(p.first)[2 * (s * count + n) + lane];
  }
  if (lane == 0 && s == 0) {
    at<int32_t>(p.active)[n] = 1;
    at<int32_t>(p.taken)[n] = 0;
  }
  float* state = at<float>(p.state) + static_cast<int64_t>(row) * p.state_pitch;
  const float* feature =
      at<const float>(p.templates) +
      (p.pips != 0 ? static_cast<int64_t>(at<const int32_t>(p.ids)[n]) * p.state_pitch : 0);
  for (int c = lane; c < p.state_pitch; c += kLanes) {
    state[c] = p.pips != 0 ? feature[c] : 0.0f;
  }
}
