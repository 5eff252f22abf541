// Templates of points, sampled bilinearly; positions outside take the nearest border.
//   pips: the feature at the point; mote: a patch of (2 support + 1)^2 at every level
//
// Layout: templates (id, level, patch pixel, pitch) float. A warp per point, level and patch pixel,
// 8 a block of 256; lanes run along channels. Bytes: four feature vectors in, one out.
#include "points.cuh"

template <typename T>
__device__ __forceinline__ void sample(const SampleParams& p) {
  const CallHeader* call = at<const CallHeader>(p.call);
  const PointShape& shape = p.shape;
  const int patch = patch_size(shape);
  const int vectors = (shape.pips != 0 ? 1 : shape.levels) * patch;
  const int task = static_cast<int>(blockIdx.x * (blockDim.x / kLanes)) + warp_index();
  const int n = task / vectors;
  if (n >= call->count) {
    return;
  }
  const int level = task % vectors / patch;
  const int side = 2 * shape.support + 1;
  const int dx = task % patch % side - shape.support;
  const int dy = task % patch / side - shape.support;
  const Level size = shape.level[level];
  const float* xy = at<const float>(p.xy) + 2 * n;
  const float right = static_cast<float>(size.width - 1);
  const float bottom = static_cast<float>(size.height - 1);
  const float x = fminf(fmaxf(at_level(shape, xy[0], level) + static_cast<float>(dx), 0.0f), right);
  const float y =
      fminf(fmaxf(at_level(shape, xy[1], level) + static_cast<float>(dy), 0.0f), bottom);
  const Split columns(x);
  const Split rows(y);
  const int x1 = columns.whole + 1 < size.width ? columns.whole + 1 : columns.whole;
  const int y1 = rows.whole + 1 < size.height ? rows.whole + 1 : rows.whole;
  const T* map = level_of<T>(shape, call->slot[0], level);
  const T* top = map + static_cast<int64_t>(rows.whole) * size.width * shape.pitch;
  const T* low = map + static_cast<int64_t>(y1) * size.width * shape.pitch;
  const int left = columns.whole * shape.pitch;
  const int next = x1 * shape.pitch;
  float* out = at<float>(p.templates) + at<const int32_t>(p.ids)[n] * template_size(shape) +
               static_cast<int64_t>(task % vectors) * shape.pitch;
  const float fx = columns.fraction;
  const float fy = rows.fraction;
  for (int c = lane_index(); c < shape.pitch; c += kLanes) {
    const float above = (1.0f - fx) * to_float(top[left + c]) + fx * to_float(top[next + c]);
    const float below = (1.0f - fx) * to_float(low[left + c]) + fx * to_float(low[next + c]);
    out[c] = (1.0f - fy) * above + fy * below;
  }
}

MOTE_INSTANCES(sample, 256, SampleParams, sample)
