#include "picture.h"

#include <algorithm>
#include <cmath>

namespace mote {

TriangleFilter::TriangleFilter(Memory& memory, int in, int out) {
  const double scale = static_cast<double>(in) / out;
  const double support = std::max(1.0, scale);
  table_width_ = 2 * static_cast<int>(std::ceil(support)) + 1;
  first_ = Array<int32_t>(memory, out);
  count_ = Array<int32_t>(memory, out);
  weights_ = Array<float>(memory, static_cast<int64_t>(out) * table_width_);
  for (int i = 0; i < out; i++) {
    const double centre = (i + 0.5) * scale;
    const int first = std::max(0, static_cast<int>(centre - support + 0.5));
    const int last = std::min(in, static_cast<int>(centre + support + 0.5));
    double sum = 0;
    std::vector<double> weights;
    for (int k = first; k < last; k++) {
      weights.push_back(std::max(0.0, 1 - std::abs((k + 0.5 - centre) / support)));
      sum += weights.back();
    }
    first_[i] = first;
    count_[i] = last - first;
    for (int k = 0; k < last - first; k++) {
      weights_[static_cast<int64_t>(i) * table_width_ + k] =
          static_cast<float>(weights[static_cast<size_t>(k)] / sum);
    }
  }
}

Filter TriangleFilter::filter() const {
  return {first_.data(), count_.data(), weights_.data(), table_width_};
}

Picture::Picture(Context& context, const mote_config& config)
    : context_(&context),
      source_width_(config.source_width),
      height_(config.height),
      width_(config.width),
      scaled_(config.source_height != config.height || config.source_width != config.width),
      bordered_(context.memory, static_cast<int64_t>(config.height + 6) * (config.width + 6) * 3) {
  if (scaled_) {
    rows_ = TriangleFilter(context.memory, config.source_height, config.height);
    columns_ = TriangleFilter(context.memory, config.source_width, config.width);
    row_ = Array<float>(context.memory, static_cast<int64_t>(context.threads) * 3 * source_width_);
  }
}

const float* Picture::load(const uint8_t* picture, int64_t row_stride_bytes) {
  const int64_t row = 3 * static_cast<int64_t>(width_ + 6);
  context_->kernels.picture({.in = picture,
                             .in_stride = row_stride_bytes,
                             .in_width = source_width_,
                             .rows = rows_.filter(),
                             .columns = columns_.filter(),
                             .scaled = scaled_,
                             .out = bordered_.data() + 3 * row + 9,
                             .height = height_,
                             .width = width_,
                             .out_stride = row,
                             .workspace = row_.data()});
  return bordered_.data();
}

}  // namespace mote
