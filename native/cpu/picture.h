// From a picture as it comes to the bordered float picture that the encoders read.
#pragma once

#include "../include/mote.h"
#include "layers.h"

namespace mote {

// Weights of a separable triangle filter whose support grows with the reduction, as Pillow's
// BILINEAR and PyTorch's antialiased interpolate have them.
class TriangleFilter {
 public:
  TriangleFilter() = default;
  TriangleFilter(Memory& memory, int in, int out);
  Filter filter() const;

 private:
  int table_width_ = 0;
  Array<int32_t> first_;
  Array<int32_t> count_;
  Array<float> weights_;
};

class Picture {
 public:
  Picture(Context& context, const mote_config& config);
  // (height + 6, width + 6, 3) with a zero border of 3; valid until the next call.
  const float* load(const uint8_t* picture, int64_t row_stride_bytes);

 private:
  Context* context_;
  const int source_width_;
  const int height_;
  const int width_;
  const bool scaled_;
  TriangleFilter rows_;
  TriangleFilter columns_;
  Array<float> row_;
  Array<float> bordered_;
};

}  // namespace mote
