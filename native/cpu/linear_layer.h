// A float32 linear layer with its packed weights.
#pragma once

#include "layers.h"

namespace mote {

class LinearLayer {
 public:
  // Reads NAME.weight (columns, depth) and NAME.bias (columns).
  LinearLayer(Context& context, const Tensors& tensors, const std::string& name, int depth,
              int columns);

  enum class After { kNothing, kGelu, kAdd, kGeluThenAdd };
  void run(int rows, const float* in, int64_t in_row, float* out, int64_t out_row,
           After after) const;

 private:
  const Kernels* kernels_;
  int depth_;
  int columns_;
  Array<float> weights_;
  Array<float> bias_;
};

}  // namespace mote
