// Where points look in the feature maps.
#pragma once

#include "operand.cuh"
#include "params.h"

// From working pixels to pixels of a level, the same along x and y. pips: feature pixel f stands
// for picture pixel f * stride. mote: feature pixel f is the middle of picture pixels 4 f to 4 f +
// 3, and level l averages 2^l of them.
__device__ __forceinline__ float at_level(const PointShape& shape, float pixel, int level) {
  const float size = static_cast<float>(1 << level);
  if (shape.pips != 0) {
    return pixel / (static_cast<float>(shape.stride) * size);
  }
  return ((pixel - 1.5f) * 0.25f - 0.5f * (size - 1.0f)) / size;
}

// Whole part and fraction; what is far away looks at nothing and must not overflow an int.
struct Split {
  int whole;
  float fraction;

  __device__ __forceinline__ explicit Split(float value) {
    constexpr float kReach = 1 << 20;
    const bool near = value > -kReach && value < kReach;
    const float floor = near ? floorf(value) : -kReach;
    whole = static_cast<int>(floor);
    fraction = near ? value - floor : 0.0f;
  }
};

template <typename T>
__device__ __forceinline__ const T* level_of(const PointShape& shape, int slot, int level) {
  return at<const T>(shape.ring) + slot * shape.slot_size + shape.level[level].offset;
}

// Pixels of a template at one level.
__device__ __forceinline__ int patch_size(const PointShape& shape) {
  return (2 * shape.support + 1) * (2 * shape.support + 1);
}

// Floats of a template.
__device__ __forceinline__ int64_t template_size(const PointShape& shape) {
  return static_cast<int64_t>(shape.pips != 0 ? 1 : shape.levels) * patch_size(shape) * shape.pitch;
}
