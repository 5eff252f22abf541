// What a call returns, as the caller lays it out: xy (S, N, 2), visibility (S, N), and for mote
// confidence (S, N), all float in one piece; behind room for all of them the iterations of each
// point.
//   pips: visibility = bias + <weight, state>; mote: the two logits of the state
//
// A warp per point and frame, 8 a block of 256. Bytes: in and out once.
#include "device.cuh"
#include "params.h"

extern "C" __global__ void __launch_bounds__(256) mote_visibility(const VisibilityParams p) {
  const int count = at<const CallHeader>(p.call)->count;
  const int row = static_cast<int>(blockIdx.x * (blockDim.x / kLanes)) + warp_index();
  const int n = row / kWindow;
  const int s = row % kWindow;
  if (n >= count) {
    return;
  }
  const int lane = lane_index();
  const int frames = kWindow * count;
  const int to = s * count + n;
  const float* state = at<const float>(p.state) + static_cast<int64_t>(row) * p.state_pitch;
  float* out = at<float>(p.out);
  if (lane < 2) {
    out[2 * to + lane] = at<const float>(p.xy)[2 * row + lane];
  }
  if (lane == 0 && s == 0) {
    reinterpret_cast<int32_t*>(out)[4 * frames + n] = at<const int32_t>(p.taken)[n];
  }
  if (p.pips == 0) {
    if (lane < 2) {
      out[(2 + lane) * frames + to] = state[lane];
    }
    return;
  }
  float sum = 0.0f;
  for (int c = lane; c < p.features; c += kLanes) {
    sum = fmaf(state[c], at<const float>(p.weight)[c], sum);
  }
  sum = warp_sum(sum);
  if (lane == 0) {
    out[2 * frames + to] = sum + at<const float>(p.bias)[0];
  }
}
