#include "backbone.h"

#include <algorithm>

namespace mote {

ResidualBlock::ResidualBlock(Context& context, const Tensors& tensors, const BlockNames& names,
                             const Map& in, int out_channels, int stride)
    : context_(&context),
      norm1_(context, out_channels, true),
      norm2_(context, out_channels, true),
      norm3_(context, out_channels, false) {
  const int64_t first = static_cast<int64_t>(out_channels) * in.channels;
  const float* weights1 = tensors.get(names.conv1 + ".weight", first * 9);
  if (stride == 1) {
    conv1_.emplace(context, in.height, in.width, in.channels, out_channels, weights1);
    result_ = in;
    result_.channels = out_channels;
    result_.pending = {};
  } else {
    const ConvShape shape{in.height, in.width, in.channels, out_channels, 3, stride};
    conv1_strided_.emplace(context, shape, weights1, nullptr);
    result_ = conv1_strided_->result(nullptr);
  }
  if (!names.downsample.empty()) {
    const ConvShape shape{in.height, in.width, in.channels, out_channels, 1, stride};
    downsample_.emplace(context, shape, tensors.get(names.downsample + ".weight", first), nullptr);
  }
  const int64_t second = static_cast<int64_t>(out_channels) * out_channels * 9;
  conv2_.emplace(context, result_.height, result_.width, out_channels, out_channels,
                 tensors.get(names.conv2 + ".weight", second));
}

// Biases of these convolutions are not read: the instance norm that follows subtracts them again.
void ResidualBlock::run(const Map& in, float* y1, float* y2, float* y3, float* out) {
  const Kernels& k = context_->kernels;
  Map inner = result_;
  inner.data = y1;
  if (conv1_) {
    conv1_->run(in, y1, false, true);
  } else {
    conv1_strided_->run(in, y1);
    k.norm_sums(y1, inner.pixels(), inner.pitch(), context_->sums());
  }
  inner.pending = norm1_.finish(inner.pixels());
  conv2_->run(inner, y2, false, true);
  const Affine after = norm2_.finish(inner.pixels());
  const float* shortcut = in.data;
  Affine shortcut_affine = in.pending;
  if (downsample_) {
    downsample_->run(in, y3);
    k.norm_sums(y3, inner.pixels(), inner.pitch(), context_->sums());
    shortcut = y3;
    shortcut_affine = norm3_.finish(inner.pixels());
  }
  k.residual(shortcut, shortcut_affine, y2, after, inner.pixels(), inner.pitch(), out);
}

Backbone::Backbone(Context& context, const Tensors& tensors, const BackboneShape& shape)
    : context_(&context),
      shape_(shape),
      stem_weights_(context.memory, context.kernels.stem_weights(pitch_of(shape.channels[0]))),
      stem_norm_(context, shape.channels[0], true) {
  const Kernels& k = context.kernels;
  k.pack_stem(tensors.get(shape.stem + ".weight", static_cast<int64_t>(shape.channels[0]) * 147),
              shape.channels[0], stem_weights_.data());
  Map map{nullptr, (shape.height + 1) / 2, (shape.width + 1) / 2, shape.channels[0], {}};
  context.reserve_workspace(k.stem_workspace(map.pitch()));
  context.reserve_sums(k.stem_parts(shape.height, shape.width), map.pitch());
  int64_t largest[3] = {0, 0, 0};
  for (int stage = 0; stage < 4; stage++) {
    for (const BlockNames& names : shape.stages[stage]) {
      const bool halve = stage > 0 && blocks_[stage].empty();
      blocks_[stage].emplace_back(context, tensors, names, map, shape.channels[stage],
                                  halve ? 2 : 1);
      map = blocks_[stage].back().result();
    }
    maps_[stage] = map;
    memory_[stage] = Array<float>(context.memory, map.floats());
    maps_[stage].data = memory_[stage].data();
    largest[0] = std::max(largest[0], map.floats());
    largest[2] = stage == 0 ? 0 : std::max(largest[2], map.floats());
  }
  largest[1] = largest[0];
  for (int i = 0; i < 3; i++) {
    scratch_[i] = Array<float>(context.memory, largest[i]);
  }
}

void Backbone::run(const float* picture) {
  Map map = maps_[0];
  context_->kernels.stem({.in = picture,
                          .height = shape_.height,
                          .width = shape_.width,
                          .weights = stem_weights_.data(),
                          .out_pitch = map.pitch(),
                          .out = map.data,
                          .sums = context_->sums(),
                          .workspace = context_->workspace(),
                          .workspace_stride = context_->workspace_stride()});
  map.pending = stem_norm_.finish(map.pixels());
  for (int stage = 0; stage < 4; stage++) {
    for (ResidualBlock& block : blocks_[stage]) {
      block.run(map, scratch_[0].data(), scratch_[1].data(), scratch_[2].data(), maps_[stage].data);
      map = maps_[stage];
    }
  }
}

}  // namespace mote
