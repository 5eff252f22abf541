// What an iteration changes of a trajectory:
//   xy[n, s] += step * (dx, dy) of the head; frame 0 stays (pips) or stays where it is locked
//   (mote) mote: state[n, s] = 4 * the head's two logits
// A point stops after the iteration that moved none of its positions by `settle` working pixels
// along x or y: the kernels of the iterations that follow return at once for it.
//
// A warp per point, 8 a block of 256; lane s has frame s. Bytes: in and out once.
#include "device.cuh"
#include "params.h"

constexpr float kLogitStep = 4.0f;

extern "C" __global__ void __launch_bounds__(256) mote_update(const UpdateParams p) {
  const CallHeader* call = at<const CallHeader>(p.call);
  const int n = static_cast<int>(blockIdx.x * (blockDim.x / kLanes)) + warp_index();
  if (n >= call->count || at<const int32_t>(p.active)[n] == 0) {
    return;
  }
  const int s = lane_index();
  bool moved = false;
  if (s < kWindow) {
    const int64_t row = static_cast<int64_t>(n) * kWindow + s;
    const float* delta = at<const float>(p.delta) + row * (p.pips != 0 ? 2 + p.features : 4);
    float* xy = at<float>(p.xy) + 2 * row;
    const bool stays = s == 0 && (p.pips != 0 || at<const int32_t>(p.locked)[n] != 0);
    if (!stays) {
      const float x = xy[0] + delta[0] * p.step;
      const float y = xy[1] + delta[1] * p.step;
      const float dx = x - xy[0];
      const float dy = y - xy[1];
      moved = !(fmaxf(fabsf(dx), fabsf(dy)) < call->settle);
      xy[0] = x;
      xy[1] = y;
    }
    if (p.pips == 0) {
      float* state = at<float>(p.state) + row * p.state_pitch;
      state[0] = delta[2] * kLogitStep;
      state[1] = delta[3] * kLogitStep;
    }
  }
  const bool settled = __any_sync(kAllLanes, moved) == 0 && call->settle > 0.0f;
  if (s == 0) {
    at<int32_t>(p.taken)[n]++;
    at<int32_t>(p.active)[n] = settled ? 0 : 1;
  }
}
