#include "linear_layer.h"

#include <algorithm>

namespace mote {

LinearLayer::LinearLayer(Context& context, const Tensors& tensors, const std::string& name,
                         int depth, int columns)
    : kernels_(&context.kernels),
      depth_(depth),
      columns_(columns),
      weights_(context.memory, context.kernels.linear_weights(depth, columns)),
      bias_(context.memory, context.kernels.linear_bias(columns)) {
  context.kernels.pack_linear(tensors.get(name + ".weight", static_cast<int64_t>(columns) * depth),
                              depth, columns, weights_.data());
  std::copy_n(tensors.get(name + ".bias", columns), columns, bias_.data());
}

void LinearLayer::run(int rows, const float* in, int64_t in_row, float* out, int64_t out_row,
                      After after) const {
  kernels_->linear({.in = in,
                    .rows = rows,
                    .depth = depth_,
                    .in_row = in_row,
                    .weights = weights_.data(),
                    .bias = bias_.data(),
                    .columns = columns_,
                    .out = out,
                    .out_row = out_row,
                    .gelu = after == After::kGelu || after == After::kGeluThenAdd,
                    .add = after == After::kAdd || after == After::kGeluThenAdd});
}

}  // namespace mote
