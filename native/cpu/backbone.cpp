#include "backbone.h"

#include <algorithm>

namespace mote {

ResidualBlock::ResidualBlock(Context& context, const Tensors& tensors, const BlockNames& names,
                             const Map& in, int out_channels, const StridedLayer::Reader* beside)
    : context_(&context),
      norm1_(context, out_channels, true),
      norm2_(context, out_channels, true),
      norm3_(context, out_channels, false),
      result_{nullptr, in.height, in.width, out_channels, {}} {
  const int64_t first = static_cast<int64_t>(out_channels) * in.channels;
  const float* weights1 = tensors.get(names.conv1 + ".weight", first * 9);
  if (names.downsample.empty()) {
    conv1_.emplace(context, in.height, in.width, in.channels, out_channels, weights1);
  } else {
    std::vector<StridedLayer::Reader> readers = {
        {3, out_channels, weights1},
        {1, out_channels, tensors.get(names.downsample + ".weight", first)}};
    if (beside != nullptr) {
      readers.push_back(*beside);
    }
    halving_.emplace(context, in.height, in.width, in.channels, readers);
    result_.height = (in.height + 1) / 2;
    result_.width = (in.width + 1) / 2;
  }
  const int64_t second = static_cast<int64_t>(out_channels) * out_channels * 9;
  conv2_.emplace(context, result_.height, result_.width, out_channels, out_channels,
                 tensors.get(names.conv2 + ".weight", second));
}

Map ResidualBlock::halve(const Map& in, const Buffers& buffers) {
  std::vector<StridedLayer::Target> targets = {{buffers.scratch[0], context_->sums(0)},
                                               {buffers.scratch[2], context_->sums(1)}};
  if (buffers.beside != nullptr) {
    targets.push_back({buffers.beside, nullptr});
  }
  halving_->run(in, targets);
  Map shortcut = result_;
  shortcut.data = buffers.scratch[2];
  shortcut.pending = norm3_.finish(result_.pixels(), 1);
  return shortcut;
}

// Biases of these convolutions are not read: the instance norm that follows subtracts them again.
Map ResidualBlock::run(const Map& in, const Buffers& buffers) {
  Map shortcut = in;
  if (halving_) {
    shortcut = halve(in, buffers);
  } else {
    conv1_->run(in, buffers.scratch[0], false, true);
  }
  Map inner = result_;
  inner.data = buffers.scratch[0];
  inner.pending = norm1_.finish(inner.pixels());
  conv2_->run(inner, buffers.scratch[1], false, true);
  shortcut.plus = buffers.scratch[1];
  shortcut.plus_pending = norm2_.finish(inner.pixels());
  if (buffers.out == nullptr) {
    return shortcut;
  }
  context_->kernels.residual(shortcut.data, shortcut.pending, shortcut.plus, shortcut.plus_pending,
                             inner.pixels(), inner.pitch(), buffers.out);
  Map out = result_;
  out.data = buffers.out;
  return out;
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
  StridedLayer::Reader beside{3, shape.beside_channels, nullptr};
  if (!shape.beside.empty()) {
    beside.weights = tensors.get(shape.beside + ".weight",
                                 static_cast<int64_t>(beside.out) * shape.channels[0] * 9);
  }
  int64_t largest[3] = {0, 0, 0};
  for (int stage = 0; stage < 4; stage++) {
    for (const BlockNames& names : shape.stages[stage]) {
      const bool reads_stage0 = stage == 1 && blocks_[1].empty() && beside.weights != nullptr;
      blocks_[stage].emplace_back(context, tensors, names, map, shape.channels[stage],
                                  reads_stage0 ? &beside : nullptr);
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

void Backbone::run(const float* picture, float* beside) {
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
    for (size_t i = 0; i < blocks_[stage].size(); i++) {
      const bool unfinished = stage == 0 && beside != nullptr && i + 1 == blocks_[0].size();
      const bool reads_stage0 = stage == 1 && i == 0;
      map =
          blocks_[stage][i].run(map, {{scratch_[0].data(), scratch_[1].data(), scratch_[2].data()},
                                      unfinished ? nullptr : maps_[stage].data,
                                      reads_stage0 ? beside : nullptr});
    }
  }
}

}  // namespace mote
